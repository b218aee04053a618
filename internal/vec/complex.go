package vec

// The complex kernels work on split planes: a = ar + i*ai, b = br + i*bi.

// ComplexMul sets d[i] = a[i] * b[i].
func ComplexMul(dr, di, ar, ai, br, bi []float32) {
	n := len(dr)
	complexMul(dr, di[:n:len(di)], ar[:n:len(ar)], ai[:n:len(ai)], br[:n:len(br)], bi[:n:len(bi)])
}

// ComplexMulAdd does d[i] += a[i] * b[i].
func ComplexMulAdd(dr, di, ar, ai, br, bi []float32) {
	n := len(dr)
	complexMulAdd(dr, di[:n:len(di)], ar[:n:len(ar)], ai[:n:len(ai)], br[:n:len(br)], bi[:n:len(bi)])
}

// ComplexMulConj sets d[i] = conj(a[i]) * b[i].
func ComplexMulConj(dr, di, ar, ai, br, bi []float32) {
	n := len(dr)
	complexMulConj(dr, di[:n:len(di)], ar[:n:len(ar)], ai[:n:len(ai)], br[:n:len(br)], bi[:n:len(bi)])
}

// ComplexMulConjAdd does d[i] += conj(a[i]) * b[i].
func ComplexMulConjAdd(dr, di, ar, ai, br, bi []float32) {
	n := len(dr)
	complexMulConjAdd(dr, di[:n:len(di)], ar[:n:len(ar)], ai[:n:len(ai)], br[:n:len(br)], bi[:n:len(bi)])
}
