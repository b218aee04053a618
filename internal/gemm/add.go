package gemm

// addGeneric is dst[i] += x[i].
func addGeneric(dst, x []float32) {
	x = x[:len(dst)]
	for i, v := range x {
		dst[i] += v
	}
}
