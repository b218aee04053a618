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
	dx, p := t.grad(y.In[0]), y.saved[0]
	k := y.Grad[0] / float32(max(1, y.arg))
	elements(len(dx), func(lo, hi int) { vec.Axpy(dx[lo:hi], k, p[lo:hi]) })
}
