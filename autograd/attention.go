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
// The sides are multiples of both sides of a tile of the matrix products: 14
// rows and 32 columns. Scores count powers of 2.
const (
	attentionLong  = 224 // keys in the forward pass, queries in the backward pass
	attentionShort = 112 // the other side
)

// attentionUnits is how many units of work the heads of a sequence make between
// them in the backward pass, if it has attentionKeys keys for each. Results
// depend on it, so it does not look at the threads. Each unit of a head but the
// first takes L x head floats.
const attentionUnits, attentionKeys = 8, 1024

// attentionAttr are the attributes of Attention.
type attentionAttr struct{ heads, D, head int }

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
	y := t.op(op, []int{qkv.Rows(), D}, attentionBack, qkv)
	y.Attr, y.seq = attentionAttr{heads, D, D / heads}, seq
	t.keep(y, heads*qkv.Rows())
	t.attentionHeads(y, attentionHead.forward)
	return t.done(y)
}

// attentionBack computes the probabilities P again, block by block:
// dv += P^T dy, dP = dy v^T, dS = P (dP - sum(dy y)) / sqrt(head), dq += dS k,
// dk += dS^T q.
func attentionBack(t *Tape, y *Node) {
	_, add := t.firstGrad(y.In[0])
	t.attentionHeads(y, func(a attentionHead) { a.backward(add) })
}

// An attentionHead is one head of one sequence.
type attentionHead struct {
	attentionAttr
	pool     *tensor.Pool
	y        *Node
	h        int
	start, L int       // the sequence's rows
	lse      []float32 // log2 Σ 2^score of each query
}

// attentionHeads calls f on every head of every sequence.
func (t *Tape) attentionHeads(y *Node, f func(attentionHead)) {
	a := y.Attr.(attentionAttr)
	par.For(y.seq.Count()*a.heads, 1, func(lo, hi int) {
		for u := lo; u < hi; u++ {
			i, h := u/a.heads, u%a.heads
			start, L := y.seq[i], y.seq.Len(i)
			f(attentionHead{a, &t.pool, y, h, start, L, y.saved[0][h*y.Rows()+start:][:L]})
		}
	})
}

// qkv returns rows lo to hi of q (part 0), k (1) or v (2).
func (a attentionHead) qkv(part, lo, hi int) gemm.Matrix { return a.part(a.y.In[0].Data, part, lo, hi) }

// grad is qkv of the gradients.
func (a attentionHead) grad(part, lo, hi int) gemm.Matrix {
	return a.part(a.y.In[0].Grad, part, lo, hi)
}

func (a attentionHead) part(data []float32, part, lo, hi int) gemm.Matrix {
	return gemm.Of(data[((a.start+lo)*3+part)*a.D+a.h*a.head:], hi-lo, a.head, 3*a.D)
}

// row returns a row of y or of its gradient.
func (a attentionHead) row(data []float32, r int) []float32 {
	return data[(a.start+r)*a.D+a.h*a.head:][:a.head]
}

// scores is the epilogue of a product of queries and keys.
func (a attentionHead) scores() gemm.Epilogue {
	return gemm.Epilogue{Scale: float32(math.Log2E / math.Sqrt(float64(a.head)))}
}

// packed returns how many floats attentionLong rows take as they are, and
// transposed.
func (a attentionHead) packed() (rows, columns int) {
	return gemm.PackedLen(attentionLong, a.head), gemm.PackedLen(a.head, attentionLong)
}

// attentionBlocks returns how many blocks of attentionLong rows L has.
func attentionBlocks(L int) int { return (L + attentionLong - 1) / attentionLong }

// An attentionKeyBlock is a block of keys, transposed, and of their values.
type attentionKeyBlock struct {
	k, v gemm.Packed
	rows int
}

// forward packs keys and values and takes every block of queries past them.
func (a attentionHead) forward() {
	keys := make([]attentionKeyBlock, attentionBlocks(a.L))
	nv, nk := a.packed()
	buf := a.pool.Get(len(keys) * (nk + nv))
	par.For(a.L, attentionLong, func(lo, hi int) {
		i := lo / attentionLong
		to := buf[i*(nk+nv):]
		keys[i] = attentionKeyBlock{gemm.Pack(to[:nk], a.qkv(1, lo, hi).T()), gemm.Pack(to[nk:nk+nv], a.qkv(2, lo, hi)), hi - lo}
	})
	par.For(a.L, attentionShort, func(lo, hi int) {
		scores, out := a.pool.Get(attentionShort*attentionLong), a.pool.Get(attentionShort*a.head)
		s := attentionSums{most: a.lse[lo:hi], out: gemm.Of(out, hi-lo, a.head, a.head)}
		for i, k := range keys {
			p := gemm.Of(scores, hi-lo, k.rows, k.rows)
			k.k.MulSerial(p, a.qkv(0, lo, hi), a.scores())
			s.softmax(p, i == 0)
			k.v.MulSerial(s.out, p, gemm.Epilogue{Accumulate: i > 0})
		}
		for r, sum := range s.sums[:hi-lo] {
			vec.Scale(a.row(a.y.Data, lo+r), out[r*a.head:], float32(1/sum))
			a.lse[lo+r] += float32(math.Log2(sum))
		}
		a.pool.Put(scores)
		a.pool.Put(out)
	})
	a.pool.Put(buf)
}

// attentionSums are the sums of a block of queries over the keys so far.
type attentionSums struct {
	most []float32               // the largest score
	sums [attentionShort]float64 // Σ 2^(score - most)
	out  gemm.Matrix             // Σ 2^(score - most) v
}

// softmax sets p, which holds scores, to 2^(p - most) and adds its rows to the
// sums. Where a row has a larger score than most, all sums go over to it.
func (s *attentionSums) softmax(p gemm.Matrix, first bool) {
	for r, most := range s.most {
		row := p.Data[r*p.Cols : (r+1)*p.Cols]
		top := vec.MaxNumber(row)
		switch {
		case first:
			s.most[r], s.sums[r] = top, 0
		case top > most:
			shrink := math.Exp2(float64(most - top))
			out := s.out.Data[r*s.out.Cols : (r+1)*s.out.Cols]
			vec.Scale(out, out, float32(shrink))
			s.most[r] = top
			s.sums[r] *= shrink
		}
		s.sums[r] += vec.Exp2Sub(row, row, s.most[r])
	}
}

// An attentionQueryBlock is a block of queries and of dy, as they are and
// transposed.
type attentionQueryBlock struct {
	q, dy, qT, dyT gemm.Packed
	lo, hi         int
}

// backward packs queries and dy and takes every block of keys past them, in
// groups, which are its units of work. A group has dk and dv of its own; its
// share of dq is added to those of the groups before it.
func (a attentionHead) backward(add bool) {
	queries := make([]attentionQueryBlock, attentionBlocks(a.L))
	rows, columns := a.packed()
	size := 2 * (rows + columns)
	buf, delta := a.pool.Get(len(queries)*size), a.pool.Get(a.L)
	par.For(a.L, attentionLong, func(lo, hi int) {
		i := lo / attentionLong
		to := buf[i*size:]
		q, dy := a.qkv(0, lo, hi), gemm.Of(a.y.Grad[(a.start+lo)*a.D+a.h*a.head:], hi-lo, a.head, a.D)
		queries[i] = attentionQueryBlock{
			gemm.Pack(to[:rows], q), gemm.Pack(to[rows:2*rows], dy),
			gemm.Pack(to[2*rows:2*rows+columns], q.T()), gemm.Pack(to[2*rows+columns:size], dy.T()), lo, hi,
		}
		for r := lo; r < hi; r++ {
			delta[r] = float32(vec.Dot(a.row(a.y.Grad, r), a.row(a.y.Data, r)))
		}
	})
	group := a.group()
	shares := a.pool.Get((a.L - 1) / group * a.L * a.head) // of dq, of all groups but the first
	par.For(a.L, group, func(lo, hi int) {
		var share []float32
		if lo > 0 {
			share = shares[(lo/group-1)*a.L*a.head:]
		}
		a.backwardKeys(lo, hi, queries, delta, share, add)
	})
	par.For(a.L, rowGrain(a.head), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			dq := a.grad(0, r, r+1).Data[:a.head]
			for from := r * a.head; from < len(shares); from += a.L * a.head {
				vec.Accumulate(dq, shares[from:from+a.head])
			}
		}
	})
	a.pool.Put(shares)
	a.pool.Put(delta)
	a.pool.Put(buf)
}

// group returns how many keys make a unit of work.
func (a attentionHead) group() int {
	groups := max(1, min((attentionUnits+a.heads-1)/a.heads, a.L/attentionKeys))
	step := groups * attentionShort
	return (a.L + step - 1) / step * attentionShort
}

// backwardKeys computes dk and dv of the keys lo to hi, and dq as far as it
// comes from them: in share, if that is not nil. Otherwise, and for dk and dv,
// add says whether the gradients hold anything yet. It works on transposed
// scores, whose rows are keys: two of three products read them row by row then.
func (a attentionHead) backwardKeys(lo, hi int, queries []attentionQueryBlock, delta, share []float32, add bool) {
	probs, dscores := a.pool.Get(attentionShort*attentionLong), a.pool.Get(attentionShort*attentionLong)
	scale := float32(1 / math.Sqrt(float64(a.head)))
	for _, q := range queries {
		n := q.hi - q.lo
		dq, addQ := a.grad(0, q.lo, q.hi), add
		if share != nil {
			dq, addQ = gemm.Of(share[q.lo*a.head:], n, a.head, a.head), false
		}
		for from := lo; from < hi; from += attentionShort {
			to := min(from+attentionShort, hi)
			p, ds := gemm.Of(probs, to-from, n, n), gemm.Of(dscores, to-from, n, n)
			q.qT.MulSerial(p, a.qkv(1, from, to), a.scores())
			q.dyT.MulSerial(ds, a.qkv(2, from, to), gemm.Epilogue{})
			for r := range p.Rows {
				vec.ScoresBack(probs[r*n:(r+1)*n], dscores[r*n:(r+1)*n], a.lse[q.lo:q.hi], delta[q.lo:q.hi])
			}
			addKV := add || q.lo > 0
			q.dy.MulSerial(a.grad(2, from, to), p, gemm.Epilogue{Accumulate: addKV})
			q.q.MulSerial(a.grad(1, from, to), ds, gemm.Epilogue{Accumulate: addKV, Scale: scale})
			gemm.MulSerial(dq, ds.T(), a.qkv(1, from, to), gemm.Epilogue{Accumulate: addQ, Scale: scale})
			addQ = true
		}
	}
	a.pool.Put(probs)
	a.pool.Put(dscores)
}
