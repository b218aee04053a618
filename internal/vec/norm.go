package vec

// LayerNormRows normalises n rows of cols elements that follow each other, and
// returns in mean[r] and rstd[r] what LayerNormBackRows needs of row r:
//
//	mean   = Σ x[i] / cols
//	rstd   = 1 / sqrt(Σ (x[i]-mean)² / cols + eps)
//	dst[i] = (x[i]-mean) * rstd * gain[i] + bias[i]
//
// dst may be x. The variance is taken about the mean, so a row far from zero
// loses nothing to cancellation. The bits of a row depend on its values and on
// cols.
func LayerNormRows(dst, x []float32, n, cols int, gain, bias, mean, rstd []float32, eps float64) {
	size := n * cols
	dst, x, gain, bias = dst[:size:len(dst)], x[:size:len(x)], gain[:cols:len(gain)], bias[:cols:len(bias)]
	mean, rstd = mean[:n:len(mean)], rstd[:n:len(rstd)]
	inv := 1 / float64(cols)
	for len(mean) > 0 {
		k := min(len(mean), rowsTogether(cols))
		dst1, x1, mean1, rstd1 := dst[:k*cols], x[:k*cols], mean[:k], rstd[:k]
		rowShifts(mean1, x1, cols, inv)
		rowDeviations(mean1, rstd1, x1, cols, inv, eps)
		rowNormals(dst1, x1, gain, bias, mean1, rstd1, cols)
		dst, x, mean, rstd = dst[k*cols:], x[k*cols:], mean[k:], rstd[k:]
	}
}

// mostRows bounds the scratch of LayerNormBackRows.
const mostRows = 32

// rowsTogether is how many rows pass through one kernel before the next: enough
// to hide how long the sums of a row take, few enough to stay in L1 (16 KB).
func rowsTogether(cols int) int {
	return max(1, min(mostRows, 4096/max(cols, 1)))
}

// LayerNormBackRows adds n rows' share, one after the other, to the gradients of
// LayerNormRows, given dy, the gradient of its output, and the mean and rstd
// that it returned. With h[i] = (x[i]-mean[r]) * rstd[r] and g[i] = dy[i] * gain[i]
// in row r:
//
//	dgain[i] += dy[i] * h[i]
//	dbias[i] += dy[i]
//	dx[i]    += rstd[r] * (g[i] - Σ g[j] / cols - h[i] * Σ g[j]*h[j] / cols)
//
// Without add, dx is set and not added to.
func LayerNormBackRows(dx, dy, x []float32, n, cols int, gain, dgain, dbias, mean, rstd []float32, add bool) {
	size := n * cols
	dx, dy, x, gain = dx[:size:len(dx)], dy[:size:len(dy)], x[:size:len(x)], gain[:cols:len(gain)]
	dgain, dbias, mean, rstd = dgain[:cols:len(dgain)], dbias[:cols:len(dbias)], mean[:n:len(mean)], rstd[:n:len(rstd)]
	var sum, dot [mostRows]float32
	inv := 1 / float64(cols)
	for len(mean) > 0 {
		k := min(len(mean), rowsTogether(cols))
		dx1, dy1, x1, mean1, rstd1 := dx[:k*cols], dy[:k*cols], x[:k*cols], mean[:k], rstd[:k]
		rowBackSums(sum[:k], dot[:k], dgain, dbias, dy1, x1, gain, mean1, rstd1, cols, inv)
		if add {
			rowBackAdd(dx1, dy1, x1, gain, mean1, rstd1, sum[:k], dot[:k], cols)
		} else {
			rowBack(dx1, dy1, x1, gain, mean1, rstd1, sum[:k], dot[:k], cols)
		}
		dx, dy, x, mean, rstd = dx[k*cols:], dy[k*cols:], x[k*cols:], mean[k:], rstd[k:]
	}
}
