package autograd

import (
	"math"

	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
)

// LayerNorm normalises each row to mean 0 and variance 1, then applies a gain
// and a bias.
//
//	x [T, C]
//	gain, bias [C]
//	y = (x - mean) / sqrt(variance + eps) * gain + bias
func (t *Tape) LayerNorm(x, gain, bias *Node, eps float64) *Node {
	T, C := x.Rows(), x.Cols()
	want(len(gain.Data) == C && len(bias.Data) == C, "layer-norm", "x [T, C], gain [C], bias [C]", x, gain, bias)
	y := t.op("layer-norm", x.Shape, layerNormBack, x, gain, bias)
	mean, rstd := t.keep(y, T), t.keep(y, T)
	par.For(T, rowGrain(C), func(lo, hi int) {
		vec.LayerNormRows(y.Data[lo*C:], x.Data[lo*C:], hi-lo, C, gain.Data, bias.Data, mean[lo:], rstd[lo:], eps)
	})
	return t.done(y)
}

func layerNormBack(t *Tape, y *Node) {
	x, gain, bias := y.In[0], y.In[1], y.In[2]
	mean, rstd := y.saved[0], y.saved[1]
	T, C := x.Rows(), x.Cols()
	dx, add := t.firstGrad(x)
	if dx == nil {
		dx = t.pool.Get(len(x.Data))
		defer t.pool.Put(dx)
	}
	both := t.pool.Zeros(2 * C) // gradients of gain and bias
	t.sumRows(both, T, func(lo, hi int, sum []float32) {
		vec.LayerNormBackRows(dx[lo*C:], y.Grad[lo*C:], x.Data[lo*C:], hi-lo, C, gain.Data, sum[:C], sum[C:], mean[lo:], rstd[lo:], add)
	})
	if g := t.grad(gain); g != nil {
		vec.Accumulate(g, both[:C])
	}
	if g := t.grad(bias); g != nil {
		vec.Accumulate(g, both[C:])
	}
	t.pool.Put(both)
}

// BatchStats are the running statistics of a batch normalisation; they belong
// to the model and are updated by training passes.
type BatchStats struct {
	Mean, Variance *Param  // [C], frozen
	Momentum       float64 // share of the new batch in the running value
	Order          []int   // which element belongs to a column; nil: the same
}

// at returns the element of column c.
func (s BatchStats) at(c int) int {
	if s.Order == nil {
		return c
	}
	return s.Order[c]
}

// BatchNorm normalises each channel over all rows of the batch (training) or
// by the running statistics (otherwise). In training a sequence's result
// depends on its batch-mates: Orchid offers it only to run the authors'
// configurations.
//
//	x [T, C]
//	gain, bias [C]
func (t *Tape) BatchNorm(x, gain, bias *Node, stats BatchStats, eps float64) *Node {
	T, C := x.Rows(), x.Cols()
	want(len(gain.Data) == C && len(bias.Data) == C && len(stats.Mean.Data) == C, "batch-norm", "x [T, C], gain [C], bias [C]", x, gain, bias)
	y := t.op("batch-norm", x.Shape, batchNormBack, x, gain, bias)
	mean, rstd := t.keep(y, C), t.keep(y, C)
	if t.Training {
		y.arg = 1
		for c := range C {
			var sum, sq float64
			for r := range T {
				sum += float64(x.Data[r*C+c])
			}
			m := sum / float64(T)
			for r := range T {
				d := float64(x.Data[r*C+c]) - m
				sq += d * d
			}
			mean[c], rstd[c] = float32(m), float32(1/math.Sqrt(sq/float64(T)+eps))
			if t.replay { // the running statistics have seen this batch
				continue
			}
			// The running variance is the unbiased one.
			a, i := float32(stats.Momentum), stats.at(c)
			stats.Mean.Data[i] += a * (float32(m) - stats.Mean.Data[i])
			stats.Variance.Data[i] += a * (float32(sq/float64(max(T-1, 1))) - stats.Variance.Data[i])
		}
	} else {
		for c := range C {
			i := stats.at(c)
			mean[c], rstd[c] = stats.Mean.Data[i], float32(1/math.Sqrt(float64(stats.Variance.Data[i])+eps))
		}
	}
	par.For(T, rowGrain(C), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			for c := range C {
				y.Data[r*C+c] = (x.Data[r*C+c]-mean[c])*rstd[c]*gain.Data[c] + bias.Data[c]
			}
		}
	})
	return t.done(y)
}

func batchNormBack(t *Tape, y *Node) {
	x, gain, bias := y.In[0], y.In[1], y.In[2]
	mean, rstd := y.saved[0], y.saved[1]
	T, C := x.Rows(), x.Cols()
	dx, dgain, dbias := t.grad(x), t.grad(gain), t.grad(bias)
	for c := range C {
		var sum, dot float64 // of dy, and of dy times the normalised x
		for r := range T {
			g := float64(y.Grad[r*C+c])
			sum += g
			dot += g * float64((x.Data[r*C+c]-mean[c])*rstd[c])
		}
		if dgain != nil {
			dgain[c] += float32(dot)
		}
		if dbias != nil {
			dbias[c] += float32(sum)
		}
		if dx == nil {
			continue
		}
		k := float64(gain.Data[c] * rstd[c])
		if y.arg == 0 { // the statistics were constants
			sum, dot = 0, 0
		}
		for r := range T {
			xhat := float64((x.Data[r*C+c] - mean[c]) * rstd[c])
			dx[r*C+c] += float32(k * (float64(y.Grad[r*C+c]) - sum/float64(T) - xhat*dot/float64(T)))
		}
	}
}
