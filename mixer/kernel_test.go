package mixer

import (
	"errors"
	"maps"
	"math"
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

// TestKernelAxes wants a lag for each tap, and a frequency for each bin.
func TestKernelAxes(t *testing.T) {
	for _, c := range []struct {
		transform string
		L         int
		lags      []int
		top       float64 // frequency of the last bin
	}{
		{"dft", 6, []int{0, 1, 2, 3, -2, -1}, 0.5},
		{"dft", 7, []int{0, 1, 2, 3, -3, -2, -1}, 3.0 / 7},
		{"dft-ortho", 1, []int{0}, 0},
		{"dct-ortho", 6, []int{0, 1, 2, 3, 4, 5}, 5.0 / 12},
		{"dct1", 6, []int{0, 1, 2, 3, 4, 5}, 0.5},
	} {
		const D = 6
		config := operators()[0]
		config.Transform = c.transform
		m := build(t, config, D, 8).(*Orchid)
		_, own, err := m.Kernels(tensor.From(numtest.Normal(3, c.L*D), c.L, D))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(own.Lags, c.lags) {
			t.Errorf("%s, %d rows: lags %v, want %v", c.transform, c.L, own.Lags, c.lags)
		}
		if n := len(own.Frequencies); n != own.Spectrum.Rows() || own.Frequencies[0] != 0 || !(math.Abs(own.Frequencies[n-1]-c.top) < 1e-12) {
			t.Errorf("%s, %d rows: %d bins at %v, want the last at %g", c.transform, c.L, own.Spectrum.Rows(), own.Frequencies, c.top)
		}
	}
}
