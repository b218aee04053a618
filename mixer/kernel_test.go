package mixer

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/tensor"
)

// TestKernels builds a mixer's output from the kernels that it shows.
func TestKernels(t *testing.T) {
	list := operators()
	for _, k := range slices.Sorted(maps.Keys(options)) {
		list = append(list, options[k])
	}
	for _, c := range list {
		if c.Residual = false; c.Mixer != "orchid" || c.Order != 2 {
			continue
		}
		for _, L := range []int{7, 8} {
			const D = 6
			m := build(t, c, D, 8).(*Orchid)
			x, seq := numtest.Normal(3, L*D), tensor.Pack(L)
			static, own, err := m.Kernels(tensor.From(x, L, D))
			if err != nil {
				t.Fatal(err)
			}
			if (static != nil) != c.StaticKernel {
				t.Fatalf("%s: a static kernel is %v, want %v", name(c), static != nil, c.StaticKernel)
			}
			tape := &autograd.Tape{}
			want := slices.Clone(m.Forward(tape, tape.Input(x, L, D), seq).Data)

			sum := slices.Clone(own.Taps.Data)
			if static != nil {
				for i, v := range static.Taps.Data {
					sum[i] += v
				}
			}
			p := m.short.forward(tape, m.in.Forward(tape, tape.Input(x, L, D)), seq, autograd.Causal)
			z := tape.Slice(p, m.value(), D)
			if c.Gates {
				z = tape.Gate(z, p, 1)
			}
			h := tape.Spectrum(tape.Input(sum, L, D), seq, m.f, 1)
			y := tape.SpectralConv(z, h, nil, tape.Param(m.static.skip), seq, m.f, 1)
			if c.Gates {
				y = tape.Gate(y, p, 0)
			}
			// Two transforms more than the mixer makes, each of a few roundings.
			if d := distance(m.out.Forward(tape, y).Data, want); !(d <= 1e-5) {
				t.Errorf("%s, L %d: the output from the kernels is off by %.2g", name(c), L, d)
			}
			bins := m.f.Bins(seq, 1).Total()
			if !slices.Equal(own.Spectrum.Shape, []int{bins, D}) || !slices.Equal(own.Taps.Shape, []int{L, D}) {
				t.Errorf("%s: shapes %v and %v, want [%d %d] and [%d %d]", name(c), own.Spectrum.Shape, own.Taps.Shape, bins, D, L, D)
			}
		}
	}
}

// TestKernelsOfManySteps looks at the first convolution of a longer chain, and
// at inputs that do not fit.
func TestKernelsOfManySteps(t *testing.T) {
	m := build(t, options["order 3"], 4, 9).(*Orchid)
	static, own, err := m.Kernels(tensor.From(numtest.Normal(3, 9*4), 9, 4))
	if err != nil || static.Taps.Cols() != 4 || own.Taps.Cols() != 4 {
		t.Errorf("kernels %v and %v: %v", static, own, err)
	}
	_, _, err = m.Kernels(tensor.From(numtest.Normal(3, 9*5), 9, 5))
	if shape := (*autograd.ShapeError)(nil); !errors.As(err, &shape) {
		t.Errorf("an input of 5 channels for 4: %v, want a shape error", err)
	}
}
