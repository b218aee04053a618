package vec

import "math"

// rowShiftsGeneric sets shift[r] = Σ x[i] / cols over row r; inv is 1 / cols.
func rowShiftsGeneric(shift, x []float32, cols int, inv float64) {
	for r := range shift {
		s := 0.0
		for _, v := range x[r*cols:][:cols] {
			s += float64(v)
		}
		shift[r] = float32(s * inv)
	}
}

// rowDeviationsGeneric sets mean[r], given the rounded one, and rstd[r].
// Deviations from a rounded mean have a small mean of their own; taking it out
// leaves the variance about the exact one.
func rowDeviationsGeneric(mean, rstd, x []float32, cols int, inv, eps float64) {
	for r, shift := range mean {
		var d, q float64
		for _, v := range x[r*cols:][:cols] {
			e := float64(v - shift)
			d += e
			q += e * e
		}
		d, q = d*inv, q*inv
		mean[r], rstd[r] = float32(float64(shift)+d), float32(1/math.Sqrt(q-d*d+eps))
	}
}

// rowNormalsGeneric sets dst[i] = (x[i]-mean[r])*rstd[r]*gain[i] + bias[i].
func rowNormalsGeneric(dst, x, gain, bias, mean, rstd []float32, cols int) {
	gain, bias = gain[:cols], bias[:cols]
	for r, m := range mean {
		dst, x, s := dst[r*cols:][:cols], x[r*cols:][:cols], rstd[r]
		for i, v := range x {
			dst[i] = (v-m)*s*gain[i] + bias[i]
		}
	}
}

// rowBackSumsGeneric does dgain[i] += dy[i]*h[i] and dbias[i] += dy[i] for row
// after row, where h[i] = (x[i]-mean[r])*rstd[r], and sets sum[r] = Σ g[i] / cols
// and dot[r] = Σ g[i]*h[i] / cols, where g[i] = dy[i]*gain[i].
func rowBackSumsGeneric(sum, dot, dgain, dbias, dy, x, gain, mean, rstd []float32, cols int, inv float64) {
	gain, dgain, dbias = gain[:cols], dgain[:cols], dbias[:cols]
	for r, m := range mean {
		dy, x := dy[r*cols:][:cols], x[r*cols:][:cols]
		var s, d float64
		for i, v := range x {
			h := (v - m) * rstd[r]
			g := float64(dy[i] * gain[i])
			dgain[i] += dy[i] * h
			dbias[i] += dy[i]
			s += g
			d += g * float64(h)
		}
		sum[r], dot[r] = float32(s*inv), float32(d*inv)
	}
}

// rowBackGeneric sets dx[i] = rstd[r]*(g[i] - sum[r] - h[i]*dot[r]) with h and g
// as above.
func rowBackGeneric(dx, dy, x, gain, mean, rstd, sum, dot []float32, cols int) {
	gain = gain[:cols]
	for r, m := range mean {
		dx, dy, x := dx[r*cols:][:cols], dy[r*cols:][:cols], x[r*cols:][:cols]
		for i, v := range x {
			h := (v - m) * rstd[r]
			dx[i] = rstd[r] * (dy[i]*gain[i] - sum[r] - h*dot[r])
		}
	}
}

// rowBackAddGeneric adds to dx[i] what rowBackGeneric sets it to.
func rowBackAddGeneric(dx, dy, x, gain, mean, rstd, sum, dot []float32, cols int) {
	gain = gain[:cols]
	for r, m := range mean {
		dx, dy, x := dx[r*cols:][:cols], dy[r*cols:][:cols], x[r*cols:][:cols]
		for i, v := range x {
			h := (v - m) * rstd[r]
			dx[i] += rstd[r] * (dy[i]*gain[i] - sum[r] - h*dot[r])
		}
	}
}
