package autograd

import (
	"math"

	"github.com/orchid-seq/orchid/internal/gemm"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
	"github.com/orchid-seq/orchid/tensor"
)

// attentionBlock is the side of the square of scores in work at a time: 64 KB
// of scores stay in L2, and memory grows with L, not with its square.
const attentionBlock = 128

// attentionUnits is how many sequences times heads keep the cores busy; below
// it the backward pass works on single blocks. It is a fixed number, for results
// must not depend on the threads (they do not depend on it either).
const attentionUnits = 8

// attentionAttr are the attributes of Attention.
type attentionAttr struct{ heads, D, head int }

// part returns rows of q (part 0), k (1) or v (2) of a head.
func (a attentionAttr) part(data []float32, row, rows, part, h int) gemm.Matrix {
	return gemm.Of(data[row*3*a.D+part*a.D+h*a.head:], rows, a.head, 3*a.D)
}

// attentionBlocks cuts every sequence into blocks; those of sequence i are
// blocks[first[i]:first[i+1]].
func attentionBlocks(seq tensor.Offsets) (blocks []piece, first []int) {
	first = []int{0}
	for i := range seq.Count() {
		for from := 0; from < seq.Len(i); from += attentionBlock {
			blocks = append(blocks, piece{i, from, min(from+attentionBlock, seq.Len(i)), seq[i]})
		}
		first = append(first, len(blocks))
	}
	return blocks, first
}

// Attention is exact multi-head softmax attention within each sequence,
// every position seeing every other. It works on blocks of scores and keeps one
// number a row and head for the backward pass.
//
//	qkv [T, 3 D], queries, keys, values
//	y [T, D] = softmax(q k^T / sqrt(D/heads)) v, head by head
func (t *Tape) Attention(qkv *Node, seq tensor.Offsets, heads int) *Node {
	const op = "attention"
	wantSeq(op, qkv, seq)
	want(heads > 0 && qkv.Cols()%(3*heads) == 0, op, "qkv [T, 3 D], D a multiple of heads", qkv)
	D := qkv.Cols() / 3
	a := attentionAttr{heads, D, D / heads}
	y := t.op(op, []int{qkv.Rows(), D}, attentionBack, qkv)
	y.Attr, y.seq = a, seq
	lse := t.keep(y, qkv.Rows()*heads)
	blocks, _ := attentionBlocks(seq) // of queries
	scale := float32(1 / math.Sqrt(float64(a.head)))
	par.For(len(blocks)*heads, 1, func(lo, hi int) {
		scores, rescale := t.pool.Get(attentionBlock*attentionBlock), t.pool.Get(attentionBlock)
		sums := make([]float64, attentionBlock)
		for u := lo; u < hi; u++ {
			p, h := blocks[u/heads], u%heads
			n, L := p.to-p.from, seq.Len(p.seq)
			q := a.part(qkv.Data, p.start+p.from, n, 0, h)
			out := gemm.Of(y.Data[(p.start+p.from)*D+h*a.head:], n, a.head, D)
			most := lse[(p.start+p.from)*heads+h:] // running maximum of a row, every heads floats
			for from := 0; from < L; from += attentionBlock {
				m := min(attentionBlock, L-from)
				s := gemm.Of(scores, n, m, m)
				gemm.Mul(s, q, a.part(qkv.Data, p.start+from, m, 1, h).T(), gemm.Epilogue{Scale: scale})
				for r := range n {
					row := scores[r*m : (r+1)*m]
					top := vec.Max(row)
					rescale[r] = 0
					if from > 0 {
						top = max(top, most[r*heads])
						rescale[r] = float32(math.Exp(float64(most[r*heads] - top)))
					}
					most[r*heads] = top
					sums[r] = sums[r]*float64(rescale[r]) + vec.ExpSub(row, row, top)
				}
				if from > 0 {
					for r := range n {
						o := out.Data[r*D : r*D+a.head]
						vec.Scale(o, o, rescale[r])
					}
				}
				gemm.Mul(out, s, a.part(qkv.Data, p.start+from, m, 2, h), gemm.Epilogue{Accumulate: from > 0})
			}
			for r := range n {
				o := out.Data[r*D : r*D+a.head]
				vec.Scale(o, o, float32(1/sums[r]))
				most[r*heads] += float32(math.Log(sums[r]))
				sums[r] = 0
			}
		}
		t.pool.Put(scores)
		t.pool.Put(rescale)
	})
	return t.done(y)
}

// attentionBack computes the probabilities P again, block by block:
// dv += P^T dy, dP = dy v^T, dS = P (dP - sum(dy y)) / sqrt(head), dq += dS k,
// dk += dS^T q. One worker does a head of a sequence, every block once. Where
// there are few of these, one does a block of keys against all queries (dk, dv)
// or a block of queries against all keys (dq), which computes P and dS twice.
// Either way every sum runs over the same blocks in the same order.
func attentionBack(t *Tape, y *Node) {
	seq, a := y.seq, y.Attr.(attentionAttr)
	delta := t.pool.Get(len(y.saved[0])) // sum(dy y) of a row and head
	par.For(y.Rows(), rowGrain(a.D), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			for h := range a.heads {
				o := r*a.D + h*a.head
				delta[r*a.heads+h] = float32(vec.Dot(y.Grad[o:o+a.head], y.Data[o:o+a.head]))
			}
		}
	})
	g := t.grad(y.In[0])
	run := func(units int, f func(b *attentionBackward, u, h int)) {
		par.For(units*a.heads, 1, func(lo, hi int) {
			b := &attentionBackward{
				attentionAttr: a, y: y, g: g, delta: delta,
				probs: t.pool.Get(attentionBlock * attentionBlock), dscores: t.pool.Get(attentionBlock * attentionBlock),
			}
			for u := lo; u < hi; u++ {
				f(b, u/a.heads, u%a.heads)
			}
			t.pool.Put(b.probs)
			t.pool.Put(b.dscores)
		})
	}
	blocks, first := attentionBlocks(seq)
	of := func(i int) []piece { return blocks[first[i]:first[i+1]] }
	if n := seq.Count(); n*a.heads >= attentionUnits || len(blocks) == n {
		run(n, func(b *attentionBackward, i, h int) {
			for _, q := range of(i) {
				for _, k := range of(i) {
					b.scores(q, k, h)
					b.addKeys(q, k, h)
					b.addQueries(q, k, h)
				}
			}
		})
	} else {
		run(2*len(blocks), func(b *attentionBackward, u, h int) {
			mine := blocks[u/2]
			for _, other := range of(mine.seq) {
				if u%2 == 0 {
					b.scores(other, mine, h)
					b.addKeys(other, mine, h)
				} else {
					b.scores(mine, other, h)
					b.addQueries(mine, other, h)
				}
			}
		})
	}
	t.pool.Put(delta)
}

// An attentionBackward is one worker's view of the backward pass.
type attentionBackward struct {
	attentionAttr
	y              *Node
	g, delta       []float32 // gradient of qkv; sum(dy y)
	probs, dscores []float32 // scratch: P and dS of one block of queries and one of keys
}

// at returns a part of qkv, or of its gradient, for the rows of a block.
func (b *attentionBackward) at(data []float32, p piece, part, h int) gemm.Matrix {
	return b.part(data, p.start+p.from, p.to-p.from, part, h)
}

// dy returns the gradient of y for the rows of a block.
func (b *attentionBackward) dy(p piece, h int) gemm.Matrix {
	return gemm.Of(b.y.Grad[(p.start+p.from)*b.D+h*b.head:], p.to-p.from, b.head, b.D)
}

// square shapes the scratch for one block of queries and one of keys.
func square(data []float32, q, k piece) gemm.Matrix {
	return gemm.Of(data, q.to-q.from, k.to-k.from, k.to-k.from)
}

// scores computes P and dS.
func (b *attentionBackward) scores(q, k piece, h int) {
	qkv, lse, m := b.y.In[0].Data, b.y.saved[0], k.to-k.from
	scale := float32(1 / math.Sqrt(float64(b.head)))
	gemm.Mul(square(b.probs, q, k), b.at(qkv, q, 0, h), b.at(qkv, k, 1, h).T(), gemm.Epilogue{Scale: scale})
	gemm.Mul(square(b.dscores, q, k), b.dy(q, h), b.at(qkv, k, 2, h).T(), gemm.Epilogue{})
	for r := range q.to - q.from {
		row, drow := b.probs[r*m:(r+1)*m], b.dscores[r*m:(r+1)*m]
		at := (q.start+q.from+r)*b.heads + h
		vec.ExpSub(row, row, lse[at])
		for c, d := range drow {
			drow[c] = row[c] * (d - b.delta[at]) * scale
		}
	}
}

// addKeys adds to dk and dv.
func (b *attentionBackward) addKeys(q, k piece, h int) {
	gemm.Mul(b.at(b.g, k, 2, h), square(b.probs, q, k).T(), b.dy(q, h), gemm.Epilogue{Accumulate: true})
	gemm.Mul(b.at(b.g, k, 1, h), square(b.dscores, q, k).T(), b.at(b.y.In[0].Data, q, 0, h), gemm.Epilogue{Accumulate: true})
}

// addQueries adds to dq.
func (b *attentionBackward) addQueries(q, k piece, h int) {
	gemm.Mul(b.at(b.g, q, 0, h), square(b.dscores, q, k), b.at(b.y.In[0].Data, k, 1, h), gemm.Epilogue{Accumulate: true})
}
