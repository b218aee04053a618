package vec

import "math"

// Sin sets dst[i] = sin(x[i]), x in radians, with an error of at most 2 ulp
// however large x[i] is; above 1e5 it is slow. Sin of -0 may be +0.
func Sin(dst, x []float32) {
	if sine(dst, x[:len(dst):len(x)]) > 0 {
		finish(dst, math.Sin)
	}
}

// SinCos sets sin[i] = sin(x[i]) and cos[i] = cos(x[i]) for i < len(sin), with
// errors of at most 2 ulp. Either may be x. The bits of sin are those that Sin
// gives.
func SinCos(sin, cos, x []float32) {
	n := len(sin)
	cos = cos[:n:len(cos)]
	if sinCos(sin, cos, x[:n:len(x)]) > 0 {
		finish(sin, math.Sin)
		finish(cos, math.Cos)
	}
}

// finish replaces the elements for which a kernel left the argument: those
// above 1e5, infinite or NaN, so none can be taken for a sine.
func finish(dst []float32, f func(float64) float64) {
	for i, v := range dst {
		if !(-1 <= v && v <= 1) {
			dst[i] = float32(f(float64(v)))
		}
	}
}
