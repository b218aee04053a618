package bagofwords

import (
	"math"

	"github.com/orchid-seq/orchid/internal/par"
)

// A link makes predictions of the outputs z = x W + b of a row, in place, and
// returns their loss against the targets. With each, the derivative of the
// loss by z is prediction - target.
type link func(z, target []float64) (loss float64)

// sigmoid predicts 1 / (1 + exp(-z)), each output for itself; the loss is the
// sum of -target ln p - (1 - target) ln(1 - p).
func sigmoid(z, target []float64) (loss float64) {
	for k, v := range z {
		e := math.Exp(-math.Abs(v)) // never overflows
		loss += math.Max(v, 0) - v*target[k] + math.Log1p(e)
		if z[k] = 1 / (1 + e); v < 0 {
			z[k] = e / (1 + e)
		}
	}
	return loss
}

// softmax predicts exp(z) / sum exp(z); the loss is -sum target ln p.
func softmax(z, target []float64) (loss float64) {
	top := math.Inf(-1)
	for _, v := range z {
		top = math.Max(top, v)
	}
	var sum float64
	for _, v := range z {
		sum += math.Exp(v - top)
	}
	for k, v := range z {
		loss -= target[k] * (v - top - math.Log(sum))
		z[k] = math.Exp(v-top) / sum
	}
	return loss
}

// identity predicts z; the loss is (z - target)² / 2.
func identity(z, target []float64) (loss float64) {
	for k, v := range z {
		loss += (v - target[k]) * (v - target[k]) / 2
	}
	return loss
}

// fold is the one of how many examples that is held out.
const fold = 10

// An objective is what a linear model minimises over the weights W [columns,
// outputs], followed by the biases b [outputs]:
//
//	sum loss(x W + b, target) / n + decay |W|² / 2
type objective struct {
	x       *matrix
	targets []float64 // [rows, outputs]
	outputs int
	link    link
	decay   float64
	heldOut bool // leaves out one row of fold
	most    int  // rounds of a search for the minimum

	residual []float64 // [rows, outputs]
}

// used says whether a row counts.
func (o *objective) used(i int) bool { return !o.heldOut || i%fold != fold-1 }

// n returns how many rows count.
func (o *objective) n() float64 {
	n := len(o.x.rows)
	if o.heldOut {
		n -= n / fold
	}
	return float64(n)
}

// split returns the parts of the weights.
func (o *objective) split(w []float64) (weights, bias []float64) {
	at := len(o.x.columns) * o.outputs
	return w[:at], w[at:]
}

// loss returns the sum of the losses of the chosen rows and leaves prediction
// - target in residual, 0 for other rows.
func (o *objective) loss(w []float64, chosen func(i int) bool) float64 {
	weights, bias := o.split(w)
	return sum(len(o.x.rows), 64, func(lo, hi int) (loss float64) {
		for i := lo; i < hi; i++ {
			z, target := o.residual[i*o.outputs:][:o.outputs], o.targets[i*o.outputs:][:o.outputs]
			if !chosen(i) {
				clear(z)
				continue
			}
			copy(z, bias)
			o.x.rows[i].product(z, weights)
			loss += o.link(z, target)
			for k := range z {
				z[k] -= target[k]
			}
		}
		return loss
	})
}

// value returns the objective and writes its gradient.
func (o *objective) value(w, gradient []float64) float64 {
	weights, _ := o.split(w)
	gw, gb := o.split(gradient)
	n := o.n()
	f := o.loss(w, o.used)/n + o.decay/2*dot(weights, weights)
	// The columns are sorted by how full they are, hence the small pieces.
	par.For(len(o.x.columns), 16, func(lo, hi int) {
		for c := lo; c < hi; c++ {
			g := gw[c*o.outputs:][:o.outputs]
			clear(g)
			o.x.columns[c].product(g, o.residual)
			for k := range g {
				g[k] = g[k]/n + o.decay*weights[c*o.outputs+k]
			}
		}
	})
	for k := range gb {
		gb[k] = 0
		for i := k; i < len(o.residual); i += o.outputs {
			gb[k] += o.residual[i] / n
		}
	}
	return f
}

// held returns the mean loss of the rows that do not count.
func (o *objective) held(w []float64) float64 {
	return o.loss(w, func(i int) bool { return !o.used(i) }) / float64(len(o.x.rows)/fold)
}

// above bounds how far the objective is above its minimum. A function that is
// decay/2 |W|² plus a convex one is at most |gradient|² / (2 decay) above; the
// bias, which is not in |W|, is one direction of many.
func (o *objective) above(gradient []float64) float64 {
	return dot(gradient, gradient) / (2 * o.decay)
}

// curvature bounds the diagonal of the Hessian, for a loss whose second
// derivative by z is at most 1: frequent features have a thousand times the
// curvature of rare ones.
func (o *objective) curvature() []float64 {
	all := make([]float64, (len(o.x.columns)+1)*o.outputs)
	weights, bias := o.split(all)
	for c, column := range o.x.columns {
		h := o.decay
		for _, e := range column {
			h += e.value * e.value / o.n()
		}
		for k := range o.outputs {
			weights[c*o.outputs+k] = h
		}
	}
	for k := range bias {
		bias[k] = 1
	}
	return all
}
