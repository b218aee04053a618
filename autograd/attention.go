package autograd

import (
	"math"

	"github.com/orchid-seq/orchid/internal/gemm"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
	"github.com/orchid-seq/orchid/tensor"
)

// Attention works on rectangles of scores that stay in L2 beside the queries,
// keys and values they come from, so memory grows with L, not with its square.
// The sides are multiples of both sides of a tile of the matrix products: 14 or
// 6 rows, 32 or 16 columns.
const (
	attentionLong  = 224 // keys in the forward pass, queries in the backward pass
	attentionShort = 112 // the other side
)

// attentionUnits is how many units of work the heads of a sequence make between
// them in the backward pass, if it has attentionKeys keys for each. Results
// depend on it, so it does not look at the threads.
const attentionUnits, attentionKeys = 16, 1024

// attentionAttr are the attributes of Attention.
type attentionAttr struct{ heads, D, head int }

// part returns rows of q (part 0), k (1) or v (2) of a head.
func (a attentionAttr) part(data []float32, row, rows, part, h int) gemm.Matrix {
	return gemm.Of(data[row*3*a.D+part*a.D+h*a.head:], rows, a.head, 3*a.D)
}

// rows returns rows of y, or of its gradient, of a head.
func (a attentionAttr) rows(data []float32, row, rows, h int) gemm.Matrix {
	return gemm.Of(data[row*a.D+h*a.head:], rows, a.head, a.D)
}

// base2 is the factor of scores that count powers of 2.
func (a attentionAttr) base2() gemm.Epilogue {
	return gemm.Epilogue{Scale: float32(math.Log2E / math.Sqrt(float64(a.head)))}
}

// attentionPieces cuts every sequence into parts of as many rows as its length
// gives.
func attentionPieces(seq tensor.Offsets, rows func(L int) int) (pieces []piece) {
	for i := range seq.Count() {
		L := seq.Len(i)
		for from, n := 0, rows(L); from < L; from += n {
			pieces = append(pieces, piece{i, from, min(from+n, L), seq[i]})
		}
	}
	return pieces
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
	t.keep(y, heads*qkv.Rows())
	par.For(seq.Count()*heads, 1, func(lo, hi int) {
		for u := lo; u < hi; u++ {
			t.attentionHead(y, u/heads, u%heads)
		}
	})
	return t.done(y)
}

// An attentionPanel is a block of keys, transposed, and of their values, packed.
type attentionPanel struct {
	keys, values gemm.Packed
	rows         int
}

// attentionHead computes a head of sequence i.
func (t *Tape) attentionHead(y *Node, i, h int) {
	a, qkv := y.Attr.(attentionAttr), y.In[0].Data
	start, L := y.seq[i], y.seq.Len(i)
	panels := make([]attentionPanel, (L+attentionLong-1)/attentionLong)
	nk, nv := gemm.PackedLen(a.head, attentionLong), gemm.PackedLen(attentionLong, a.head)
	buf := t.pool.Get(len(panels) * (nk + nv))
	par.For(L, attentionLong, func(lo, hi int) {
		i := lo / attentionLong
		to := buf[i*(nk+nv) : (i+1)*(nk+nv)]
		panels[i] = attentionPanel{
			keys:   gemm.Pack(to[:nk], a.part(qkv, start+lo, hi-lo, 1, h).T()),
			values: gemm.Pack(to[nk:], a.part(qkv, start+lo, hi-lo, 2, h)),
			rows:   hi - lo,
		}
	})
	par.For(L, attentionShort, func(lo, hi int) {
		f := attentionForward{
			attentionAttr: a,
			scores:        t.pool.Get(attentionShort * attentionLong),
			out:           t.pool.Get(attentionShort * a.head),
			most:          y.saved[0][h*y.Rows()+start:][lo:hi],
		}
		f.run(a.part(qkv, start+lo, hi-lo, 0, h), panels)
		for r, sum := range f.sums[:hi-lo] {
			vec.Scale(a.rows(y.Data, start+lo+r, 1, h).Data[:a.head], f.out[r*a.head:], float32(1/sum))
			f.most[r] += float32(math.Log2(sum))
		}
		t.pool.Put(f.scores)
		t.pool.Put(f.out)
	})
	t.pool.Put(buf)
}

// An attentionForward is the state of a block of queries.
type attentionForward struct {
	attentionAttr
	scores []float32               // of the queries and one block of keys
	most   []float32               // largest score of a query so far
	out    []float32               // Σ 2^(score - most) v
	sums   [attentionShort]float64 // Σ 2^(score - most)
}

// run takes the queries q past all keys.
func (f *attentionForward) run(q gemm.Matrix, panels []attentionPanel) {
	out := gemm.Of(f.out, q.Rows, f.head, f.head)
	for i, p := range panels {
		s := gemm.Of(f.scores, q.Rows, p.rows, p.rows)
		p.keys.Mul(s, q, f.base2())
		f.softmax(s, i == 0)
		p.values.Mul(out, s, gemm.Epilogue{Accumulate: i > 0})
	}
}

// softmax turns scores into powers of 2, relative to the largest so far, and
// takes what was summed before to the new measure.
func (f *attentionForward) softmax(s gemm.Matrix, first bool) {
	most := f.most
	for r := range most {
		row := s.Data[r*s.Cols : (r+1)*s.Cols]
		top := vec.MaxNumber(row)
		if first {
			most[r], f.sums[r] = top, vec.Exp2Sub(row, row, top)
			continue
		}
		if top = max(top, most[r]); top != most[r] {
			shrink := math.Exp2(float64(most[r] - top))
			o := f.out[r*f.head : (r+1)*f.head]
			vec.Scale(o, o, float32(shrink))
			f.sums[r] *= shrink
			most[r] = top
		}
		f.sums[r] += vec.Exp2Sub(row, row, top)
	}
}

// attentionBack computes the probabilities P again, block by block:
// dv += P^T dy, dP = dy v^T, dS = P (dP - sum(dy y)) / sqrt(head), dq += dS k,
// dk += dS^T q. A unit of work is a head and a group of keys, with all queries
// of the sequence: it has dk and dv of its own, and its share of dq is added
// to that of the others in order.
func attentionBack(t *Tape, y *Node) {
	seq, a, T := y.seq, y.Attr.(attentionAttr), y.Rows()
	delta := t.pool.Get(a.heads * T) // sum(dy y) of a head and row
	par.For(T, rowGrain(a.D), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			for h := range a.heads {
				o := r*a.D + h*a.head
				delta[h*T+r] = float32(vec.Dot(y.Grad[o:o+a.head], y.Data[o:o+a.head]))
			}
		}
	})
	g := t.grad(y.In[0])
	groups := attentionPieces(seq, a.group)
	dq := make([][]float32, len(groups)*a.heads) // shares of dq; nil for the first group, which adds to g
	par.For(len(dq), 1, func(lo, hi int) {
		b := t.attentionBackward(y, g, delta)
		for u := lo; u < hi; u++ {
			if p := groups[u/a.heads]; p.from > 0 {
				dq[u] = t.pool.Get(seq.Len(p.seq) * a.head)
			}
			b.run(groups[u/a.heads], u%a.heads, dq[u])
		}
		b.done()
	})
	for u, share := range dq {
		if share == nil {
			continue
		}
		p, h := groups[u/a.heads], u%a.heads
		par.For(seq.Len(p.seq), rowGrain(a.head), func(lo, hi int) {
			for r := lo; r < hi; r++ {
				vec.Accumulate(a.part(g, p.start+r, 1, 0, h).Data[:a.head], share[r*a.head:])
			}
		})
		t.pool.Put(share)
	}
	t.pool.Put(delta)
}

// group returns how many keys of a sequence make a unit of work.
func (a attentionAttr) group(L int) int {
	step := attentionShort * max(1, min((attentionUnits+a.heads-1)/a.heads, L/attentionKeys))
	return (L + step - 1) / step * attentionShort
}

// An attentionBackward is one worker's view of the backward pass. It works on
// transposed scores, whose rows are keys, since then two of the three products
// with them read them row by row.
type attentionBackward struct {
	attentionAttr
	t              *Tape
	y              *Node
	g, delta       []float32    // gradient of qkv; sum(dy y)
	probs, dscores []float32    // P^T and dS^T of one block of keys and one of queries
	packed         [4][]float32 // a block of queries and of dy, transposed and as they are
}

func (t *Tape) attentionBackward(y *Node, g, delta []float32) attentionBackward {
	b := attentionBackward{
		attentionAttr: y.Attr.(attentionAttr), t: t, y: y, g: g, delta: delta,
		probs: t.pool.Get(attentionShort * attentionLong), dscores: t.pool.Get(attentionShort * attentionLong),
	}
	for i := range b.packed {
		b.packed[i] = t.pool.Get(max(gemm.PackedLen(b.head, attentionLong), gemm.PackedLen(attentionLong, b.head)))
	}
	return b
}

func (b *attentionBackward) done() {
	b.t.pool.Put(b.probs)
	b.t.pool.Put(b.dscores)
	for _, x := range b.packed {
		b.t.pool.Put(x)
	}
}

// run adds to dk and dv of a group of keys, and to all of dq if share is nil,
// or sets share to what the group has to add to it.
func (b *attentionBackward) run(p piece, h int, share []float32) {
	qkv, L, T := b.y.In[0].Data, b.y.seq.Len(p.seq), b.y.Rows()
	sum := gemm.Epilogue{Accumulate: true}
	scaled := gemm.Epilogue{Accumulate: true, Scale: float32(1 / math.Sqrt(float64(b.head)))}
	for from := 0; from < L; from += attentionLong {
		n := min(attentionLong, L-from)
		row := p.start + from
		q, dy := b.part(qkv, row, n, 0, h), b.rows(b.y.Grad, row, n, h)
		qT, dyT := gemm.Pack(b.packed[0], q.T()), gemm.Pack(b.packed[1], dy.T())
		qs, dys := gemm.Pack(b.packed[2], q), gemm.Pack(b.packed[3], dy)
		lse, delta := b.y.saved[0][h*T+row:][:n], b.delta[h*T+row:][:n]
		dq, dqs := b.part(b.g, row, n, 0, h), scaled
		if share != nil {
			dq = gemm.Of(share[from*b.head:], n, b.head, b.head)
			dqs.Accumulate = false
		}
		for key := p.start + p.from; key < p.start+p.to; key += attentionShort {
			m := min(attentionShort, p.start+p.to-key)
			k := b.part(qkv, key, m, 1, h)
			probs, dscores := gemm.Of(b.probs, m, n, n), gemm.Of(b.dscores, m, n, n)
			qT.Mul(probs, k, b.base2())
			dyT.Mul(dscores, b.part(qkv, key, m, 2, h), gemm.Epilogue{})
			for r := range m {
				vec.ScoresBack(b.probs[r*n:(r+1)*n], b.dscores[r*n:(r+1)*n], lse, delta)
			}
			dys.Mul(b.part(b.g, key, m, 2, h), probs, sum)
			qs.Mul(b.part(b.g, key, m, 1, h), dscores, scaled)
			gemm.MulSerial(dq, dscores.T(), k, dqs)
			dqs.Accumulate = true
		}
	}
}
