// Package vec holds float32 slice kernels: slices in, slices out, destination
// first.
//
// The loop in a function's comment is what the function equals, up to the
// rounding of float32: a multiply followed by an add may or may not be fused,
// and a sum may run in another order. The length of the loop is len(dst), or
// len(x) where there is no dst; a function panics if another slice is
// shorter. Slices may be the same or disjoint; dst may be one of the inputs,
// but must not partly overlap one.
//
// On one CPU level a result depends on the values and on the length only:
// elementwise functions give the same bits for an element wherever it stands,
// and reductions add in an order that the length alone decides. NaN and Inf
// travel: nothing skips a zero.
package vec

// The slice expression s[:n:len(s)], used throughout, panics if len(s) < n,
// where s[:n] would silently grow s up to its capacity.

// Add sets dst[i] = a[i] + b[i].
func Add(dst, a, b []float32) {
	n := len(dst)
	add(dst, a[:n:len(a)], b[:n:len(b)])
}

// Mul sets dst[i] = a[i] * b[i].
func Mul(dst, a, b []float32) {
	n := len(dst)
	mul(dst, a[:n:len(a)], b[:n:len(b)])
}

// MulAdd does dst[i] += a[i] * b[i].
func MulAdd(dst, a, b []float32) {
	n := len(dst)
	mulAdd(dst, a[:n:len(a)], b[:n:len(b)])
}

// Accumulate does dst[i] += x[i].
func Accumulate(dst, x []float32) {
	accumulate(dst, x[:len(dst):len(x)])
}

// Scale sets dst[i] = s * x[i].
func Scale(dst, x []float32, s float32) {
	scale(dst, x[:len(dst):len(x)], s)
}

// Axpy does dst[i] += s * x[i].
func Axpy(dst []float32, s float32, x []float32) {
	axpy(dst, x[:len(dst):len(x)], s)
}

// Fill sets dst[i] = s.
func Fill(dst []float32, s float32) {
	fill(dst, s)
}
