package vec

// Deinterleave sets even[i] = x[2i] and odd[i] = x[2i+1] for i < len(even). The
// slices must be disjoint.
func Deinterleave(even, odd, x []float32) {
	n := len(even)
	deinterleave(even, odd[:n:len(odd)], x[:2*n:len(x)])
}

// Interleave sets x[2i] = even[i] and x[2i+1] = odd[i] for i < len(even). The
// slices must be disjoint.
func Interleave(x, even, odd []float32) {
	n := len(even)
	interleave(x[:2*n:len(x)], even, odd[:n:len(odd)])
}
