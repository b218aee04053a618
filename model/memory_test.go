package model

import (
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/tensor"
)

// TestInferenceMemory: without gradients an encoder gives the same bits and
// holds a few buffers of [T, D], whatever its depth: at most a third of what
// training holds at four blocks.
func TestInferenceMemory(t *testing.T) {
	if testing.Short() { // under the race detector
		t.Skip("one thread has no races")
	}
	defer par.SetThreads(par.SetThreads(1)) // each thread has scratch of its own
	const D, L = 64, 256
	seq := tensor.Pack(L, L)
	x := numtest.Normal(1, seq.Total()*D)
	for name, change := range mixers {
		forward := func(depth int, noGrad bool) ([]float32, int) {
			e, err := newEncoder(small(D, depth, 1, change), L)
			if err != nil {
				t.Fatal(err)
			}
			if err := autograd.Initialize(e.Params(), autograd.SchemeNormal, 1); err != nil {
				t.Fatal(err)
			}
			tape := autograd.Tape{NoGrad: noGrad}
			y := e.Forward(&tape, tape.Input(x, seq.Total(), D), seq)
			out := append([]float32{}, y.Data...)
			if !noGrad {
				tape.Backward(y, x, 1)
			}
			return out, tape.PeakBytes()
		}
		want, training := forward(4, false)
		got, four := forward(4, true)
		numtest.BitEqual(t, name, got, want)
		_, two := forward(2, true)
		buffer := 4 * len(x)
		t.Logf("%s: %.1f buffers of [T, D] to train, %.1f without gradients", name, float64(training)/float64(buffer), float64(four)/float64(buffer))
		if 3*four > training || four > two {
			t.Errorf("%s: %d bytes to train, %d without gradients, %d at half the depth", name, training, four, two)
		}
	}
}
