package mixer

import (
	"slices"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/tensor"
)

// A Kernel is what a long convolution of L rows convolves each of its channels
// with, and the magnitude of its spectrum.
type Kernel struct {
	Taps     *tensor.Tensor // [L, D]
	Spectrum *tensor.Tensor // [F, D], F being L/2 + 1 with a DFT and L with a DCT
	// Lags says how many rows back each tap reaches; a lag below 0 looks ahead.
	Lags []int
	// Frequencies are those of the bins, in cycles a row.
	Frequencies []float64
}

// Kernels returns the kernels of the first long convolution for one sequence x
// [L, D] as this mixer would be given it: the static one, nil if there is none,
// and that which the sequence asks for. The convolution adds them. With a DFT it
// is circular, with a DCT symmetric. The scale is that of the configured
// transform. The error says what is wrong with the shape of x.
func (m *Orchid) Kernels(x *tensor.Tensor) (static, own *Kernel, err error) {
	err = autograd.Catch(func() {
		t := &autograd.Tape{NoGrad: true}
		L, steps := x.Rows(), m.c.Order-1
		seq := tensor.Pack(L)
		v := t.Input(x.Data, L, x.Cols())
		m.check(v, seq)
		m.checkKernel(seq)
		h := m.conditioner.forward(t, m.in.Forward(t, v), m.value(), seq)
		h = m.conditioner.kernel(t, h, 0, seq, seq)
		own = m.kernelOf(t, t.FromSpectrum(h, seq, m.f, 1), seq)
		if m.c.StaticKernel {
			taps := m.static.forward(t, m.static.layers, []int{L})
			static = m.kernelOf(t, t.Columns(taps, stepColumns(m.D*steps, steps, 0)), seq)
		}
	})
	return static, own, err
}

// kernelOf copies taps [L, D] from a tape and adds their spectrum. That is the one
// of the convolution, less what it drops: the imaginary parts of bins that stand
// for themselves.
func (m *Orchid) kernelOf(t *autograd.Tape, taps *autograd.Node, seq tensor.Offsets) *Kernel {
	s := t.Magnitude(t.Spectrum(taps, seq, m.f, 1), m.c.complex())
	return &Kernel{
		Taps:        tensor.From(slices.Clone(taps.Data), taps.Rows(), taps.Cols()),
		Spectrum:    tensor.From(slices.Clone(s.Data), s.Rows(), s.Cols()),
		Lags:        m.c.lags(taps.Rows()),
		Frequencies: m.c.frequencies(s.Rows(), taps.Rows()),
	}
}

// lags numbers the taps of a kernel of L rows. A DFT makes a circular convolution, so
// that the second half of them looks ahead.
func (c Config) lags(L int) []int {
	list := make([]int, L)
	for n := range list {
		list[n] = n
		if c.complex() && n > L/2 {
			list[n] -= L
		}
	}
	return list
}

// frequencies are those of the bins of a transform of L rows.
func (c Config) frequencies(bins, L int) []float64 {
	period := 2 * L
	switch {
	case c.complex():
		period = L
	case c.Transform == "dct1":
		period = 2 * (L - 1)
	}
	list := make([]float64, bins)
	for b := range list {
		list[b] = float64(b) / float64(max(period, 1))
	}
	return list
}
