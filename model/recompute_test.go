package model

import (
	"fmt"
	"math"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/tensor"
)

// TestRecompute: to compute blocks again changes no bit of losses, gradients,
// weights and running statistics, whatever is dropped at random.
func TestRecompute(t *testing.T) {
	seq := tensor.Pack(9, 12, 5, 30, 9, 1)
	all := map[string]func(c *mixer.Config){
		"batch normalisation": func(c *mixer.Config) { c.ConditionerNorm = "batch" },
		"relative positions":  func(c *mixer.Config) { c.Filter.Positions = "relative" },
		"order 3": func(c *mixer.Config) {
			c.Order, c.Conditioner, c.Stages, c.Transform, c.Residual = 3, "spectrum", "frequency", "dft", false
		},
	}
	for name, change := range mixers {
		all[name] = change
	}
	for name, change := range all {
		c := small(32, 3, 1, change)
		c.Dropout, c.DropPath = 0.1, 0.2
		plain := newTrained(t, c, seq)
		c.Recompute = true
		again := newTrained(t, c, seq)
		for step := range 4 {
			want, got := plain.step(), again.step()
			if math.Float32bits(got) != math.Float32bits(want) {
				t.Errorf("%s, step %d: loss %v, without recomputation %v", name, step, got, want)
			}
			for i, p := range again.params {
				what := fmt.Sprintf("%s, step %d, %s", name, step, p.Name)
				numtest.BitEqual(t, "gradient of "+what, p.Grad, plain.params[i].Grad)
				numtest.BitEqual(t, what, p.Data, plain.params[i].Data)
			}
		}
	}
}

// TestRecomputeMemory: a block more costs its input alone, [T, D], and a stack
// no more than its inputs and what one block costs without recomputation.
func TestRecomputeMemory(t *testing.T) {
	if testing.Short() { // under the race detector
		t.Skip("one thread has no races")
	}
	defer par.SetThreads(par.SetThreads(1)) // each thread has scratch of its own
	const D = 64
	seq := tensor.Pack(256, 256)
	buffer := 4 * seq.Total() * D
	for name, change := range mixers {
		peak := func(depth int, recompute bool) int {
			c := small(D, depth, 1, change)
			c.Recompute = recompute
			r := newTrained(t, c, seq)
			r.step()
			return r.tape.PeakBytes()
		}
		one, eight := peak(1, false), peak(8, false)
		few, many := peak(4, true), peak(8, true)
		t.Logf("%s: %.1f buffers of [T, D] for one block, %.1f for eight, recomputed %.1f for four, %.1f for eight",
			name, float64(one)/float64(buffer), float64(eight)/float64(buffer), float64(few)/float64(buffer), float64(many)/float64(buffer))
		if many-few > 4*buffer {
			t.Errorf("%s: four blocks more take %d bytes, want at most four buffers of %d", name, many-few, buffer)
		}
		if many > one+8*buffer {
			t.Errorf("%s: %d bytes for eight blocks, %d for one: want at most eight buffers of %d more", name, many, one, buffer)
		}
	}
}
