package vec

import "math"

// Softmax sets dst[i] = e^x[i] / Σ e^x[j] over one row and returns
// log Σ e^x[j]. The largest x[i] is taken out first, so nothing overflows.
func Softmax(dst, x []float32) (logsumexp float64) {
	x = x[:len(dst):len(x)]
	m := Max(x)
	s := ExpSub(dst, x, m)
	Scale(dst, dst, float32(1/s))
	return float64(m) + math.Log(s)
}

// ExpSub sets dst[i] = e^(x[i]-m) and returns Σ dst[i]. The relative error of
// the sum is at most 1e-5.
func ExpSub(dst, x []float32, m float32) (s float64) {
	x = x[:len(dst):len(x)]
	for len(x) > block {
		s += float64(expSub(dst[:block], x[:block], m))
		dst, x = dst[block:], x[block:]
	}
	return s + float64(expSub(dst, x, m))
}
