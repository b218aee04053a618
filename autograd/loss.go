package autograd

import (
	"math"
	"slices"

	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
)

// CrossEntropy returns the mean over rows of the cross-entropy between
// softmax(logits) and the labels. With smoothing s, a label's target is 1-s
// plus s/V, the others' s/V. Rows with a negative label do not count.
//
//	logits [N, V]
//	y [1]
func (t *Tape) CrossEntropy(logits *Node, labels []int, smoothing float64) *Node {
	N, V := logits.Rows(), logits.Cols()
	want(len(labels) == N, "cross-entropy", "logits [N, V], N labels", logits)
	y := t.op("cross-entropy", []int{1}, crossEntropyBack, logits)
	y.ids = labels
	p := t.keep(y, N*V) // softmax, becomes the gradient
	t.losses = slices.Grow(t.losses[:0], N)[:N]
	par.For(N, rowGrain(V), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			row := p[r*V : (r+1)*V]
			if labels[r] < 0 {
				clear(row)
				continue
			}
			want(labels[r] < V, "cross-entropy", "labels below V", logits)
			x := logits.Data[r*V : (r+1)*V]
			lse := vec.Softmax(row, x)
			t.losses[r] = lse - (1-smoothing)*float64(x[labels[r]])
			if smoothing > 0 {
				t.losses[r] -= smoothing * vec.Sum(x) / float64(V)
				for c := range row {
					row[c] -= float32(smoothing / float64(V))
				}
			}
			row[labels[r]] -= float32(1 - smoothing)
		}
	})
	sum := 0.0
	for r, l := range labels {
		if l >= 0 {
			sum += t.losses[r]
			y.arg++
		}
	}
	y.Data[0] = float32(sum / math.Max(1, float64(y.arg)))
	return t.done(y)
}

func crossEntropyBack(t *Tape, y *Node) {
	t.scaledGrad(y.In[0], y.Grad[0]/float32(max(1, y.arg)), y.saved[0])
}

// SquaredError returns the mean over rows of the squared distance to the
// targets: the loss of a regression.
//
//	x [N, K]
//	targets [N, K]
//	y [1] = sum (x - targets)^2 / (N K)
func (t *Tape) SquaredError(x *Node, targets []float32) *Node {
	want(len(targets) == len(x.Data), "squared-error", "x [N, K], N K targets", x)
	return t.elementLoss("squared-error", x, func(d []float32, i int) float64 {
		e := float64(x.Data[i]) - float64(targets[i])
		d[i] = float32(2 * e)
		return e * e
	})
}

// BinaryCrossEntropy returns the mean over all logits of the cross-entropy
// between sigmoid(logits) and targets from 0 to 1: the loss of several labels
// that do not exclude each other.
//
//	logits [N, K]
//	targets [N, K]
//	y [1]
func (t *Tape) BinaryCrossEntropy(logits *Node, targets []float32) *Node {
	want(len(targets) == len(logits.Data), "binary-cross-entropy", "logits [N, K], N K targets", logits)
	return t.elementLoss("binary-cross-entropy", logits, func(d []float32, i int) float64 {
		x, y := float64(logits.Data[i]), float64(targets[i])
		// log(1 + exp(x)) without overflow.
		d[i] = float32(1/(1+math.Exp(-x)) - y)
		return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) - x*y
	})
}

// elementLoss records the mean of f over the elements of x; f also sets the
// derivative d[i].
func (t *Tape) elementLoss(op string, x *Node, f func(d []float32, i int) float64) *Node {
	y := t.op(op, []int{1}, elementLossBack, x)
	d := t.keep(y, len(x.Data))
	sum := 0.0
	for i := range d {
		sum += f(d, i)
	}
	y.Data[0] = float32(sum / math.Max(1, float64(len(d))))
	return t.done(y)
}

func elementLossBack(t *Tape, y *Node) {
	t.scaledGrad(y.In[0], y.Grad[0]/float32(max(1, len(y.saved[0]))), y.saved[0])
}

// scaledGrad adds k d to the gradient of x.
func (t *Tape) scaledGrad(x *Node, k float32, d []float32) {
	dx, add := t.firstGrad(x)
	elements(len(dx), func(lo, hi int) {
		if add {
			vec.Axpy(dx[lo:hi], k, d[lo:hi])
		} else {
			vec.Scale(dx[lo:hi], d[lo:hi], k)
		}
	})
}
