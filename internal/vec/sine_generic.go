package vec

import "math"

// sineGeneric sets dst[i] = sin(x[i]) and returns 0. The other levels leave x[i]
// in dst[i] where x[i] is far, and return the largest |x[i]|, or NaN.
func sineGeneric(dst, x []float32) (most float32) {
	for i, v := range x[:len(dst)] {
		dst[i] = float32(math.Sin(float64(v)))
	}
	return 0
}

// sinCosGeneric is sineGeneric for both.
func sinCosGeneric(sin, cos, x []float32) (most float32) {
	cos, x = cos[:len(sin)], x[:len(sin)]
	for i, v := range x {
		v := float64(v)
		sin[i], cos[i] = float32(math.Sin(v)), float32(math.Cos(v))
	}
	return 0
}
