package tile

import "math"

func mulGeneric(dst, a, b Rows, n int) {
	for i := range n {
		d, x, y := dst.row(i), a.row(i), b.row(i)
		for c := range d {
			d[c] = x[c] * y[c]
		}
	}
}

func mulAddGeneric(dst, a, b Rows, n int) {
	for i := range n {
		d, x, y := dst.row(i), a.row(i), b.row(i)
		for c := range d {
			d[c] += x[c] * y[c]
		}
	}
}

func mulSumGeneric(dst, a, b, c Rows, n int) {
	for i := range n {
		d, x, y, z := dst.row(i), a.row(i), b.row(i), c.row(i)
		for j := range d {
			d[j] = x[j] * (y[j] + z[j])
		}
	}
}

func dotGeneric(sum *[Cols]float32, a, b Rows, n int) {
	for i := range n {
		x, y := a.row(i), b.row(i)
		for c := range sum {
			sum[c] += x[c] * y[c]
		}
	}
}

func complexMulSumGeneric(dst, a, b, c Bins, conj bool, n int) {
	sign := float32(1)
	if conj {
		sign = -1
	}
	for i := range n {
		dr, di, ar, ai := dst.Re.row(i), dst.Im.row(i), a.Re.row(i), a.Im.row(i)
		br, bi, cr, ci := b.Re.row(i), b.Im.row(i), c.Re.row(i), c.Im.row(i)
		for j := range dr {
			r, m := br[j]+cr[j], sign*(bi[j]+ci[j])
			dr[j], di[j] = ar[j]*r-ai[j]*m, ar[j]*m+ai[j]*r
		}
	}
}

func conjMulGeneric(dst, a, b Bins, add bool, n int) {
	for i := range n {
		dr, di := dst.Re.row(i), dst.Im.row(i)
		ar, ai, br, bi := a.Re.row(i), a.Im.row(i), b.Re.row(i), b.Im.row(i)
		for j := range dr {
			r, m := ar[j]*br[j]+ai[j]*bi[j], ar[j]*bi[j]-ai[j]*br[j]
			if add {
				r, m = r+dr[j], m+di[j]
			}
			dr[j], di[j] = r, m
		}
	}
}

func convGeneric(dst, start, x Rows, w []float32, n int) {
	for i := range n {
		sum := *start.row(i)
		for k := range len(w) / Cols {
			v, t := x.row(i+k), (*[Cols]float32)(w[k*Cols:])
			for c := range sum {
				sum[c] += t[c] * v[c]
			}
		}
		*dst.row(i) = sum
	}
}

func convGradGeneric(sum []float32, g, x Rows, n int) {
	for k := range len(sum) / Cols {
		dotGeneric((*[Cols]float32)(sum[k*Cols:]), g, x.From(k), n)
	}
}

func absGeneric(dst, a Rows, n int) {
	for i := range n {
		d, x := dst.row(i), a.row(i)
		for c, v := range x {
			d[c] = math.Float32frombits(math.Float32bits(v) &^ (1 << 31))
		}
	}
}

func mulSignGeneric(dst, a, b Rows, n int) {
	for i := range n {
		d, x, y := dst.row(i), a.row(i), b.row(i)
		for c, v := range y {
			s := math.Float32frombits(math.Float32bits(x[c]) ^ math.Float32bits(v)&(1<<31))
			if v == 0 {
				s = 0
			}
			d[c] = s + (v - v) // NaN must travel
		}
	}
}

func gateGeneric(dst, x0, c, z, skip, r, u, direct Rows, n int) {
	for i := range n {
		d, x, cc, zz, rr, uu := dst.row(i), x0.row(i), c.row(i), z.row(i), r.row(i), u.row(i)
		s, t := skip.row(0), direct.row(0)
		for j := range d {
			d[j] = x[j]*(cc[j]+s[j]*zz[j]) + (rr[j] + t[j]*uu[j])
		}
	}
}

func gateBackGeneric(dx0 Rows, dskip *[Cols]float32, dy, dc, c, z, skip Rows, n int) {
	s := skip.row(0)
	for i := range n {
		d, g, e, cc, zz := dx0.row(i), dy.row(i), dc.row(i), c.row(i), z.row(i)
		for j := range d {
			d[j] = g[j] * (cc[j] + s[j]*zz[j])
			dskip[j] += e[j] * zz[j]
		}
	}
}

func productBackGeneric(dx1, dv, dz, dc, skip, x1, v Rows, n int) {
	s := skip.row(0)
	for i := range n {
		a, b, g, d, x, y := dx1.row(i), dv.row(i), dz.row(i), dc.row(i), x1.row(i), v.row(i)
		for j := range a {
			t := g[j] + s[j]*d[j]
			a[j], b[j] = t*y[j], t*x[j]
		}
	}
}
