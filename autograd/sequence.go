package autograd

import (
	"math"

	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
	"github.com/orchid-seq/orchid/tensor"
)

// SequenceSoftmax normalises every column of every sequence: y = exp(x) / sum
// of exp(x) over the rows of the sequence.
//
//	x, y [T, C]
func (t *Tape) SequenceSoftmax(x *Node, seq tensor.Offsets) *Node {
	wantSeq("sequence-softmax", x, seq)
	C := x.Cols()
	y := t.op("sequence-softmax", x.Shape, sequenceSoftmaxBack, x)
	y.seq = seq
	par.For(seq.Count(), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			from, to := seq.Span(i)
			for c := range C {
				most, sum := math.Inf(-1), 0.0
				for r := from; r < to; r++ {
					most = max(most, float64(x.Data[r*C+c]))
				}
				for r := from; r < to; r++ {
					sum += math.Exp(float64(x.Data[r*C+c]) - most)
				}
				for r := from; r < to; r++ {
					y.Data[r*C+c] = float32(math.Exp(float64(x.Data[r*C+c])-most) / sum)
				}
			}
		}
	})
	return t.done(y)
}

func sequenceSoftmaxBack(t *Tape, y *Node) {
	C, dx := y.Cols(), t.grad(y.In[0])
	par.For(y.seq.Count(), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			from, to := y.seq.Span(i)
			for c := range C {
				dot := 0.0
				for r := from; r < to; r++ {
					dot += float64(y.Grad[r*C+c]) * float64(y.Data[r*C+c])
				}
				for r := from; r < to; r++ {
					dx[r*C+c] += y.Data[r*C+c] * float32(float64(y.Grad[r*C+c])-dot)
				}
			}
		}
	})
}

// SequenceNorm gives every column of every sequence the same mean and standard
// deviation: y = scale (x - mean + shift) / deviation, over the rows of the
// sequence. A constant column gives infinities or NaN, as in the release
// (activation "ln").
//
//	x, y [T, C]
//	scale, shift [1]
func (t *Tape) SequenceNorm(x, scale, shift *Node, seq tensor.Offsets) *Node {
	wantSeq("sequence-norm", x, seq)
	want(len(scale.Data) == 1 && len(shift.Data) == 1, "sequence-norm", "scale [1], shift [1]", x, scale, shift)
	C := x.Cols()
	y := t.op("sequence-norm", x.Shape, sequenceNormBack, x, scale, shift)
	y.seq = seq
	mean, rstd := t.keep(y, seq.Count()*C), t.keep(y, seq.Count()*C)
	par.For(seq.Count(), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			from, to := seq.Span(i)
			for c := range C {
				var sum, sq float64
				for r := from; r < to; r++ {
					sum += float64(x.Data[r*C+c])
				}
				m := sum / float64(to-from)
				for r := from; r < to; r++ {
					d := float64(x.Data[r*C+c]) - m
					sq += d * d
				}
				mean[i*C+c], rstd[i*C+c] = float32(m), float32(1/math.Sqrt(sq/float64(to-from)))
				for r := from; r < to; r++ {
					y.Data[r*C+c] = scale.Data[0] * rstd[i*C+c] * (x.Data[r*C+c] - mean[i*C+c] + shift.Data[0])
				}
			}
		}
	})
	return t.done(y)
}

func sequenceNormBack(t *Tape, y *Node) {
	x, scale, shift := y.In[0], y.In[1], y.In[2]
	mean, rstd, seq, C := y.saved[0], y.saved[1], y.seq, y.Cols()
	dx, dscale, dshift := t.grad(x), t.grad(scale), t.grad(shift)
	sums := t.pool.Zeros(2 * seq.Count()) // gradients of scale and shift by sequence
	par.For(seq.Count(), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			from, to := seq.Span(i)
			var gscale, gshift float64
			for c := range C {
				m, k := float64(mean[i*C+c]), float64(rstd[i*C+c])
				a, b := float64(scale.Data[0]), float64(shift.Data[0])
				var sum, dot float64 // of dy, and of dy (x - mean)
				for r := from; r < to; r++ {
					g := float64(y.Grad[r*C+c])
					sum += g
					dot += g * (float64(x.Data[r*C+c]) - m)
				}
				gscale += k * (dot + b*sum)
				gshift += a * k * sum
				if dx == nil {
					continue
				}
				// y = a k (d + b) with d = x - mean and dk/dx = -k^3 d / n.
				n := float64(to - from)
				for r := from; r < to; r++ {
					d := float64(x.Data[r*C+c]) - m
					dx[r*C+c] += float32(a * k * (float64(y.Grad[r*C+c]) - sum/n - k*k*d/n*(dot+b*sum)))
				}
			}
			sums[2*i], sums[2*i+1] = float32(gscale), float32(gshift)
		}
	})
	for i := range seq.Count() {
		if dscale != nil {
			dscale[0] += sums[2*i]
		}
		if dshift != nil {
			dshift[0] += sums[2*i+1]
		}
	}
	t.pool.Put(sums)
}

// Pooling says how a sequence becomes one vector.
type Pooling string

// The poolings.
const (
	MeanPool  Pooling = "mean"
	FirstPool Pooling = "first"
	LastPool  Pooling = "last"
	MaxPool   Pooling = "max"
)

// Pool makes one row of every sequence.
//
//	x [T, D]
//	y [B, D]
func (t *Tape) Pool(x *Node, seq tensor.Offsets, how Pooling) *Node {
	wantSeq("pool", x, seq)
	B, D := seq.Count(), x.Cols()
	switch how {
	case FirstPool, LastPool:
		rows := make([]int, B)
		for i := range rows {
			if rows[i] = seq[i]; how == LastPool {
				rows[i] = seq[i+1] - 1
			}
		}
		return t.Rows(x, rows)
	case MaxPool:
		return t.poolMax(x, seq)
	case MeanPool:
	default:
		panic(&ShapeError{Op: "pool", Want: "mean, first, last or max, not " + string(how)})
	}
	y := t.op("pool-mean", []int{B, D}, poolMeanBack, x)
	y.seq = seq
	par.For(B, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := y.Data[i*D : (i+1)*D]
			clear(row)
			for r := seq[i]; r < seq[i+1]; r++ {
				vec.Accumulate(row, x.Data[r*D:])
			}
			vec.Scale(row, row, 1/float32(seq.Len(i)))
		}
	})
	return t.done(y)
}

func poolMeanBack(t *Tape, y *Node) {
	D, dx := y.Cols(), t.grad(y.In[0])
	par.For(y.seq.Count(), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			for r := y.seq[i]; r < y.seq[i+1]; r++ {
				vec.Axpy(dx[r*D:(r+1)*D], 1/float32(y.seq.Len(i)), y.Grad[i*D:])
			}
		}
	})
}

func (t *Tape) poolMax(x *Node, seq tensor.Offsets) *Node {
	B, D := seq.Count(), x.Cols()
	y := t.op("pool-max", []int{B, D}, poolMaxBack, x)
	y.ids = make([]int, B*D) // the row that won, the first of equals
	par.For(B, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			for c := range D {
				best := seq[i]
				for r := seq[i] + 1; r < seq[i+1]; r++ {
					if v := x.Data[r*D+c]; v > x.Data[best*D+c] || v != v {
						best = r
					}
				}
				y.ids[i*D+c], y.Data[i*D+c] = best, x.Data[best*D+c]
			}
		}
	})
	return t.done(y)
}

func poolMaxBack(t *Tape, y *Node) {
	D, dx := y.Cols(), t.grad(y.In[0])
	for j, r := range y.ids {
		dx[r*D+j%D] += y.Grad[j]
	}
}

// Rows copies the rows of x that index names, in that order.
//
//	x [T, C]
//	y [len(index), C]
func (t *Tape) Rows(x *Node, index []int) *Node { return t.gather("rows", x, index) }

// Embedding looks up a row of the table for each id.
//
//	table [V, D]
//	y [len(ids), D]
func (t *Tape) Embedding(table *Node, ids []int) *Node { return t.gather("embedding", table, ids) }

func (t *Tape) gather(op string, x *Node, index []int) *Node {
	C := x.Cols()
	y := t.op(op, []int{len(index), C}, gatherBack, x)
	y.ids = index
	for i, r := range index {
		want(r >= 0 && r < x.Rows(), op, "indices of rows of x", x)
		copy(y.Data[i*C:(i+1)*C], x.Data[r*C:])
	}
	return t.done(y)
}

// gatherBack adds row after row, since an index may occur twice.
func gatherBack(t *Tape, y *Node) {
	C, dx := y.Cols(), t.grad(y.In[0])
	for i, r := range y.ids {
		vec.Accumulate(dx[r*C:(r+1)*C], y.Grad[i*C:])
	}
}
