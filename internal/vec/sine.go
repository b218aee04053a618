package vec

import "math"

// Sin sets dst[i] = sin(x[i]), x in radians, with an error of at most 2 ulp
// however large x[i] is; above 1e5 it is slow. No result is beyond ±1. Sin of -0
// may be +0.
func Sin(dst, x []float32) {
	if most := sine(dst, x[:len(dst):len(x)]); !(most <= far) {
		finish(dst, math.Sin)
	}
}

// SinCos sets sin[i] = sin(x[i]) and cos[i] = cos(x[i]) for i < len(sin), with
// errors of at most 2 ulp, as Sin does; the two may differ in the last bits.
// Either may be x.
func SinCos(sin, cos, x []float32) {
	n := len(sin)
	cos = cos[:n:len(cos)]
	if most := sinCos(sin, cos, x[:n:len(x)]); !(most <= far) {
		finish(sin, math.Sin)
		finish(cos, math.Cos)
	}
}

// far is the largest argument that the kernels take.
const far = 1e5

// finish replaces the elements for which a kernel left the argument: those
// beyond far, infinite or NaN.
func finish(dst []float32, f func(float64) float64) {
	for i, v := range dst {
		if !(-far <= v && v <= far) {
			dst[i] = float32(f(float64(v)))
		}
	}
}
