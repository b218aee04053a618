package vec

// deviationGeneric returns Σ x[i]-shift and Σ (x[i]-shift)².
func deviationGeneric(x []float32, shift float32) (sum, squares float32) {
	var s, q float64
	for _, v := range x {
		d := float64(v - shift)
		s += d
		q += d * d
	}
	return float32(s), float32(q)
}

// normalizeGeneric sets dst[i] = (x[i]-mean)*rstd*gain[i] + bias[i].
func normalizeGeneric(dst, x, gain, bias []float32, mean, rstd float32) {
	x, gain, bias = x[:len(dst)], gain[:len(dst)], bias[:len(dst)]
	for i := range dst {
		dst[i] = (x[i]-mean)*rstd*gain[i] + bias[i]
	}
}

// normalizeBackSumsGeneric does dgain[i] += dy[i]*h[i] and dbias[i] += dy[i]
// where h[i] = (x[i]-mean)*rstd, and returns Σ g[i] and Σ g[i]*h[i] where
// g[i] = dy[i]*gain[i].
func normalizeBackSumsGeneric(dgain, dbias, dy, x, gain []float32, mean, rstd float32) (sum, dot float32) {
	n := len(dgain)
	dbias, dy, x, gain = dbias[:n], dy[:n], x[:n], gain[:n]
	var s, d float64
	for i := range dgain {
		h := (x[i] - mean) * rstd
		g := float64(dy[i] * gain[i])
		dgain[i] += dy[i] * h
		dbias[i] += dy[i]
		s += g
		d += g * float64(h)
	}
	return float32(s), float32(d)
}

// normalizeBackGeneric does dx[i] += rstd*(g[i] - sum - h[i]*dot) with h and g
// as above.
func normalizeBackGeneric(dx, dy, x, gain []float32, mean, rstd, sum, dot float32) {
	dy, x, gain = dy[:len(dx)], x[:len(dx)], gain[:len(dx)]
	for i := range dx {
		h := (x[i] - mean) * rstd
		dx[i] += rstd * (dy[i]*gain[i] - sum - h*dot)
	}
}
