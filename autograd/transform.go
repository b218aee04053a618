package autograd

import (
	"github.com/orchid-seq/orchid/internal/fft"
	"github.com/orchid-seq/orchid/tensor"
)

// A Kind names a real transform along a sequence by its basis.
type Kind = fft.Kind

// The kinds; k is the bin, j the row, n the length.
const (
	DFT  = fft.DFT  // exp(-2πi jk/n), bins 0..n/2
	DCT1 = fft.DCT1 // cos(π jk/(n-1)), bins 0..n-1; n is at least 2
	DCT2 = fft.DCT2 // cos(π k(2j+1)/(2n)), bins 0..n-1
)

// Weights multiply the bins of a spectrum: Ends those that are their own mirror
// image (DFT: bin 0 and, for even n, n/2; DCT2: bin 0 only; DCT1: bins 0 and
// n-1), Inner all others.
type Weights = fft.Weights

// A Transform is a real transform along a sequence with its scaling. A
// spectrum of D channels holds one row a bin: for the DFT the D real parts,
// then the D imaginary parts; for a DCT the D bins.
type Transform struct {
	Kind Kind
	// Weights returns what multiplies the bins on the way to the spectrum and
	// on the way back, for length n. They differ by kind and normalisation;
	// DCT1 uses them on its n inputs instead, since its matrix is not symmetric.
	Weights func(n int) (forward, inverse Weights)
}

// Width returns the number of columns of a spectrum of D channels.
func (f Transform) Width(D int) int {
	if f.Kind == fft.DFT {
		return 2 * D
	}
	return D
}

// Bins returns the offsets of the spectra of sequences that are filled up
// with zeros to pad times their length.
func (f Transform) Bins(seq tensor.Offsets, pad int) tensor.Offsets {
	return seq.Map(func(L int) int { return fft.New(f.Kind, pad*L).Bins() })
}

// plane places the columns from c on of the spectrum that starts at row.
func (f Transform) plane(data []float32, row, D, c int) fft.Spectrum {
	w := f.Width(D)
	return fft.Spectrum{Data: data[row*w+c:], Stride: w, Imag: D}
}

// A pass runs a transform of one direction on one tile of one sequence.
type pass struct {
	plan      *fft.Plan
	weights   fft.Weights
	transpose bool // run fft.Plan.Adjoint where the direction suggests Forward
}

// toSpectrum prepares the transform to the spectrum for size n, and the
// adjoint of the transform back: both run in the direction time to spectrum.
func (f Transform) toSpectrum(n int, adjoint bool) pass {
	fw, inv := f.Weights(n)
	if adjoint {
		return pass{fft.New(f.Kind, n), inv, false}
	}
	return pass{fft.New(f.Kind, n), fw, f.Kind == fft.DCT1}
}

// toTime prepares the transform back, and the adjoint of the transform to the
// spectrum: both run in the direction spectrum to time.
func (f Transform) toTime(n int, adjoint bool) pass {
	fw, inv := f.Weights(n)
	if adjoint {
		return pass{fft.New(f.Kind, n), fw, f.Kind == fft.DCT1}
	}
	return pass{fft.New(f.Kind, n), inv, false}
}

// analyse runs a pass from time (rows of x) to a spectrum.
func (p pass) analyse(s fft.Spectrum, x fft.Block, rows, cols int, add bool, scratch []float32) {
	if p.transpose { // DCT-I: S T x, the adjoint with weights T
		p.plan.Adjoint(fft.Block{Data: s.Data, Stride: s.Stride}, fft.Spectrum{Data: x.Data, Stride: x.Stride}, rows, cols, p.weights, add, scratch)
		return
	}
	p.plan.Forward(s, x, rows, cols, p.weights, add, scratch)
}

// synthesise runs a pass from a spectrum to the first rows in time.
func (p pass) synthesise(x fft.Block, s fft.Spectrum, rows, cols int, add bool, scratch []float32) {
	if p.transpose { // DCT-I: T S g
		p.plan.Forward(fft.Spectrum{Data: x.Data, Stride: x.Stride}, fft.Block{Data: s.Data, Stride: s.Stride}, rows, cols, p.weights, add, scratch)
		return
	}
	p.plan.Adjoint(x, s, rows, cols, p.weights, add, scratch)
}
