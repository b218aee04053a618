package mixer

import (
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/tensor"
)

// TestKeep: kept spectra change no bit, whatever lengths come together and
// however few of them there is room for.
func TestKeep(t *testing.T) {
	const D, longest = 6, 40
	hyena := Default()
	hyena.Mixer = "hyena"
	m2 := Default()
	m2.Mixer = "m2"
	for name, c := range map[string]Config{"orchid": Default(), "dft": changed(func(c *Config) { c.Transform = "dft" }), "hyena": hyena, "m2": m2} {
		for _, bytes := range []int{1, 4000, 1 << 20} {
			m := build(t, c, D, longest)
			run := func(lengths ...int) []float32 {
				seq := tensor.Pack(lengths...)
				tape := autograd.Tape{NoGrad: true}
				return m.Forward(&tape, tape.Input(numtest.Normal(1, seq.Total()*D), seq.Total(), D), seq).Data
			}
			batches := [][]int{{7}, {40, 7, 7}, {12}, {7, 12, 40}, {7}, {3, 4, 5, 6, 7, 8}}
			var want [][]float32
			for _, b := range batches {
				want = append(want, run(b...))
			}
			m.(Keeper).Keep(bytes)
			for i, b := range batches {
				numtest.BitEqual(t, name, run(b...), want[i])
			}
			m.(Keeper).Keep(0)
			numtest.BitEqual(t, name, run(7), want[0])
		}
	}
}

// TestKeptAreThoseUsedLast looks at what is made anew.
func TestKeptAreThoseUsedLast(t *testing.T) {
	k := &kept{limit: 25}
	made := 0
	get := func(length int) {
		k.of(length, func() []float32 {
			made++
			return make([]float32, length)
		})
	}
	for _, step := range []struct{ length, made int }{{10, 1}, {12, 2}, {10, 2}, {9, 3}, {10, 3}, {12, 4}, {30, 5}, {30, 6}, {12, 6}} {
		if get(step.length); made != step.made {
			t.Fatalf("length %d: %d made, want %d", step.length, made, step.made)
		}
	}
}
