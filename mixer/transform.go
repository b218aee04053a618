package mixer

import (
	"math"

	"github.com/orchid-seq/orchid/autograd"
)

// transforms is the one home of the scaling of transforms: what multiplies
// the bins on the way to the spectrum and on the way back, for length n.
var transforms = map[string]autograd.Transform{
	// The DFT as the release has it: 1/n on the way to the spectrum, so that a
	// product of two spectra is the circular convolution divided by n.
	"dft": {Kind: autograd.DFT, Weights: func(n int) (autograd.Weights, autograd.Weights) {
		s := 1 / float64(n)
		return weights(s, s), weights(1, 2)
	}},
	// Orthonormal; a product of two spectra is the circular convolution
	// divided by sqrt(n). Bins that stand for two count twice on the way back.
	"dft-ortho": {Kind: autograd.DFT, Weights: func(n int) (autograd.Weights, autograd.Weights) {
		s := 1 / math.Sqrt(float64(n))
		return weights(s, s), weights(s, 2*s)
	}},
	// Orthonormal DCT-II and its transpose.
	"dct-ortho": {Kind: autograd.DCT2, Weights: func(n int) (autograd.Weights, autograd.Weights) {
		w := weights(math.Sqrt(1/float64(n)), math.Sqrt(2/float64(n)))
		return w, w
	}},
	// DCT-II without normalisation, twice the sum, and its inverse.
	"dct": {Kind: autograd.DCT2, Weights: func(n int) (autograd.Weights, autograd.Weights) {
		return weights(2, 2), weights(1/(2*float64(n)), 1/float64(n))
	}},
	// DCT-I, inner inputs counted twice, and its inverse.
	"dct1": {Kind: autograd.DCT1, Weights: func(n int) (autograd.Weights, autograd.Weights) {
		s := 1 / (2 * float64(n-1))
		return weights(1, 2), weights(s, 2*s)
	}},
}

// exactDFT makes a product of spectra the convolution itself: Hyena's form.
var exactDFT = autograd.Transform{Kind: autograd.DFT, Weights: func(n int) (autograd.Weights, autograd.Weights) {
	return weights(1, 1), weights(1/float64(n), 2/float64(n))
}}

func weights(ends, inner float64) autograd.Weights {
	return autograd.Weights{Ends: float32(ends), Inner: float32(inner)}
}
