package model

import (
	"math"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/nn"
)

// The band that Gabor filters begin with, in cycles a sample: the lowest is a few
// periods of a window, the highest stays below the Nyquist frequency 0.5.
const (
	lowestPeriods = 1.5 // of a window
	highest       = 0.45
)

// gabor returns a layer without bias that maps windows of samples [T, window C] to
// the real parts of n complex filters, then to their imaginary parts [T, 2 n]:
//
//	w_k[m] = g_k exp(-m² / 2 s_k²) exp(2 pi i f_k m)
//
// m counts from the middle of the window. The frequencies f_k lie in geometric
// progression; s_k makes neighbours meet where each has half of its power, as far
// as the window has room. g_k makes the filters' energies 1. Channels are averaged.
func gabor(name string, window, channels, n int) nn.Linear {
	l := nn.NewLinear(name, window*channels, 2*n, 1, false)
	l.Weight.Init = autograd.Init{Rule: autograd.InitFixed}
	lowest := math.Min(lowestPeriods/float64(window), highest/2)
	ratio := math.Pow(highest/lowest, 1/math.Max(float64(n-1), 1))
	for k := range n {
		f := lowest * math.Pow(ratio, float64(k))
		spread := math.Min(float64(window)/4, 0.375/(f*math.Max(ratio-1, 1e-3)))
		taps, energy := make([]float64, window), 0.0
		for j := range taps {
			m := (float64(j) - float64(window-1)/2) / spread
			taps[j] = math.Exp(-m * m / 2)
			energy += taps[j] * taps[j]
		}
		re, im := l.Weight.Data[k*window*channels:], l.Weight.Data[(n+k)*window*channels:]
		for j, g := range taps {
			sin, cos := math.Sincos(2 * math.Pi * f * (float64(j) - float64(window-1)/2))
			for c := range channels {
				scale := g / math.Sqrt(energy) / float64(channels)
				re[j*channels+c], im[j*channels+c] = float32(scale*cos), float32(scale*sin)
			}
		}
	}
	return l
}
