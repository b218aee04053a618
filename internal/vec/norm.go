package vec

import "math"

// LayerNorm normalises one row and returns what LayerNormBack needs:
//
//	mean   = Σ x[i] / n
//	rstd   = 1 / sqrt(Σ (x[i]-mean)² / n + eps)
//	dst[i] = (x[i]-mean) * rstd * gain[i] + bias[i]
//
// where n = len(dst); dst may be x. The variance is taken about the mean, so a row far from
// zero loses nothing to cancellation.
func LayerNorm(dst, x, gain, bias []float32, eps float64) (mean, rstd float32) {
	n := len(dst)
	x, gain, bias = x[:n:len(x)], gain[:n:len(gain)], bias[:n:len(bias)]
	// Deviations from a rounded mean have a small mean d of their own; taking
	// it out leaves the variance about the exact one.
	shift := float32(Sum(x) / float64(n))
	d, q := deviations(x, shift)
	d, q = d/float64(n), q/float64(n)
	mean = float32(float64(shift) + d)
	rstd = float32(1 / math.Sqrt(q-d*d+eps))
	normalize(dst, x, gain, bias, mean, rstd)
	return mean, rstd
}

// deviations returns Σ x[i]-shift and Σ (x[i]-shift)².
func deviations(x []float32, shift float32) (sum, squares float64) {
	for {
		n := min(len(x), block)
		s, q := deviation(x[:n], shift)
		sum += float64(s)
		squares += float64(q)
		if x = x[n:]; len(x) == 0 {
			return sum, squares
		}
	}
}

// LayerNormBack adds one row's share to the gradients of LayerNorm, given dy,
// the gradient of its output, and the mean and rstd that it returned. With
// h[i] = (x[i]-mean) * rstd and g[i] = dy[i] * gain[i]:
//
//	dgain[i] += dy[i] * h[i]
//	dbias[i] += dy[i]
//	dx[i]    += rstd * (g[i] - Σ g[j] / n - h[i] * Σ g[j]*h[j] / n)
//
// where n = len(dx).
func LayerNormBack(dx, dy, x, gain, dgain, dbias []float32, mean, rstd float32) {
	n := len(dx)
	dy, x, gain = dy[:n:len(dy)], x[:n:len(x)], gain[:n:len(gain)]
	dgain, dbias = dgain[:n:len(dgain)], dbias[:n:len(dbias)]
	var sum, dot float64
	for lo := 0; lo < n; lo += block {
		hi := min(lo+block, n)
		s, d := normalizeBackSums(dgain[lo:hi], dbias[lo:hi], dy[lo:hi], x[lo:hi], gain[lo:hi], mean, rstd)
		sum += float64(s)
		dot += float64(d)
	}
	normalizeBack(dx, dy, x, gain, mean, rstd, float32(sum/float64(n)), float32(dot/float64(n)))
}
