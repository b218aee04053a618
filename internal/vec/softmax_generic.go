package vec

import "math"

// expSubGeneric sets dst[i] = e^(x[i]-m) and returns Σ dst[i].
func expSubGeneric(dst, x []float32, m float32) float32 {
	s := 0.0
	for i, v := range x[:len(dst)] {
		dst[i] = float32(math.Exp(float64(v - m)))
		s += float64(dst[i])
	}
	return float32(s)
}
