package autograd

import (
	"math"
	"testing"

	"github.com/orchid-seq/orchid/tensor"
)

// TestDropPath: whole sequences go, as many as the rate says within five standard
// errors, and the others are scaled so that the mean stays.
func TestDropPath(t *testing.T) {
	const n, rate = 1000, 0.3
	seq := tensor.Pack(2, 1, 3)
	tape, gone := Tape{Training: true}, 0
	for step := range n {
		tape.Reset()
		tape.Step = step
		x := tape.Input([]float32{1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6}, 6, 2)
		y := tape.DropPath(x, seq, rate)
		for i := range seq.Count() {
			lo, hi := seq.Span(i)
			scale := float32(1 / (1 - rate))
			if y.Data[2*lo] == 0 {
				scale = 0
				gone++
			}
			for j := 2 * lo; j < 2*hi; j++ {
				if y.Data[j] != scale*x.Data[j] {
					t.Fatalf("step %d, sequence %d: %v of %v", step, i, y.Data, x.Data)
				}
			}
		}
	}
	if d := float64(gone) - 3*n*rate; math.Abs(d) > 5*math.Sqrt(3*n*rate*(1-rate)) {
		t.Errorf("%d of %d sequences are dropped", gone, 3*n)
	}
	tape.Training = false
	if x := tape.Input(make([]float32, 12), 6, 2); tape.DropPath(x, seq, rate) != x {
		t.Error("dropped without training")
	}
}
