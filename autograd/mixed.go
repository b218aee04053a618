package autograd

import (
	"slices"

	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
)

// MixedCrossEntropy returns the loss of rows that each have two labels, one with
// weight share and the other with the rest, as Mixup and CutMix make them:
//
//	share CrossEntropy(logits, labels) + (1-share) CrossEntropy(logits, others)
//
// with the smoothing of CrossEntropy, in one pass. Every row counts.
//
//	logits [N, V]
//	y [1]
func (t *Tape) MixedCrossEntropy(logits *Node, labels, others []int, share, smoothing float64) *Node {
	N, V := logits.Rows(), logits.Cols()
	want(N > 0 && len(labels) == N && len(others) == N && share >= 0 && share <= 1, "mixed-cross-entropy", "logits [N, V], N labels and N others, a share from 0 to 1", logits)
	for r := range N {
		want(min(labels[r], others[r]) >= 0 && max(labels[r], others[r]) < V, "mixed-cross-entropy", "labels from 0 to V-1", logits)
	}
	y := t.op("mixed-cross-entropy", []int{1}, crossEntropyBack, logits)
	y.ids, y.Attr, y.arg = labels, share, N
	p := t.keep(y, N*V) // softmax, becomes the gradient
	t.losses = slices.Grow(t.losses[:0], N)[:N]
	first, second := (1-smoothing)*share, (1-smoothing)*(1-share)
	par.For(N, rowGrain(V), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			row, x := p[r*V:(r+1)*V], logits.Data[r*V:(r+1)*V]
			a, b := labels[r], others[r]
			lse := vec.Softmax(row, x)
			t.losses[r] = lse - first*float64(x[a]) - second*float64(x[b])
			if smoothing > 0 {
				t.losses[r] -= smoothing * vec.Sum(x) / float64(V)
				for c := range row {
					row[c] -= float32(smoothing / float64(V))
				}
			}
			row[a] -= float32(first)
			row[b] -= float32(second)
		}
	})
	sum := 0.0
	for _, l := range t.losses {
		sum += l
	}
	y.Data[0] = float32(sum / float64(N))
	return t.done(y)
}
