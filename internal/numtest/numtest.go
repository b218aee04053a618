// Package numtest holds what numerical tests share: comparison with a
// tolerance or bit for bit, test data, guard bands and reference files.
package numtest

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Float is any floating-point type.
type Float interface{ ~float32 | ~float64 }

// Close reports an error unless max|got-want| <= tol * max|want|, with the
// worst element. A NaN or Inf on either side fails (BitEqual compares those),
// and zeros are wanted exactly if nothing else is.
func Close[G, W Float](t testing.TB, what string, got []G, want []W, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: got %d elements, want %d", what, len(got), len(want))
		return
	}
	var scale, worst float64
	at := 0
	for i := range want {
		scale = max(scale, math.Abs(float64(want[i])))
		d := math.Abs(float64(got[i]) - float64(want[i]))
		if d > worst || math.IsNaN(d) && !math.IsNaN(worst) {
			worst, at = d, i
		}
	}
	// An infinite scale would let every finite number pass.
	if !(worst <= tol*scale) || math.IsInf(scale, 0) {
		t.Errorf("%s: element %d of %d: got %v, want %v; off by %.3g, allowed %.3g (%.3g of the largest, %.3g)",
			what, at, len(want), got[at], want[at], worst, tol*scale, tol, scale)
	}
}

// BitEqual reports an error unless a and b hold the same bits, so that -0
// differs from 0 and a NaN equals itself.
func BitEqual(t testing.TB, what string, a, b []float32) {
	t.Helper()
	if len(a) != len(b) {
		t.Errorf("%s: %d elements against %d", what, len(a), len(b))
		return
	}
	count, first := 0, 0
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			if count == 0 {
				first = i
			}
			count++
		}
	}
	if count > 0 {
		t.Errorf("%s: %d of %d elements differ, first element %d: %v (%#08x) against %v (%#08x)", what, count, len(a),
			first, a[first], math.Float32bits(a[first]), b[first], math.Float32bits(b[first]))
	}
}

// Normal returns n numbers from the standard normal distribution that depend
// on the seed alone.
func Normal(seed uint64, n int) []float32 {
	rng := rand.New(rand.NewPCG(seed, 0))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}
