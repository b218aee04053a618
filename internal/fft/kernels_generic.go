package fft

import "math"

// scaleRowsGeneric computes dst[i] = s*src[i], or adds that to dst[i], for n
// rows.
func scaleRowsGeneric(dst, src view, n int, s float32, add bool) {
	for i := range n {
		d, x := dst.row(i), src.row(i)
		for c, v := range x {
			v *= s
			if add {
				v += d[c]
			}
			d[c] = v
		}
	}
}

// mulRowsGeneric computes dst[i] = w[i]*src[i] for n rows of complex numbers;
// w holds re, im of one factor a row. dst may be src.
func mulRowsGeneric(dst, src view, w []float32, n int) {
	for i := range n {
		d, x := dst.row(i), src.row(i)
		wr, wi := w[2*i], w[2*i+1]
		for c := range lanes {
			re, im := x[c], x[c+lanes]
			d[c], d[c+lanes] = wr*re-wi*im, wr*im+wi*re
		}
	}
}

// unpackDFTGeneric computes, for n bins with z = z[i] and y = y[i],
//
//	A = h*(z + conj(y)), B = -i*h*(z - conj(y))
func unpackDFTGeneric(dst bins, z, y view, n int, h float32) {
	for i := range n {
		re, im, z, y := dst.re.row(i), dst.im.row(i), z.row(i), y.row(i)
		for c := range lanes {
			zr, zi, yr, yi := z[c], z[c+lanes], y[c], y[c+lanes]
			re[c], re[c+lanes] = h*(zr+yr), h*(zi+yi)
			im[c], im[c+lanes] = h*(zi-yi), h*(yr-zr)
		}
	}
}

// packDFTGeneric computes, for n bins,
//
//	z[i] = h*(conj(A) + i*conj(B)), y[i] = h*(A + i*B)
func packDFTGeneric(z, y view, src bins, n int, h float32) {
	for i := range n {
		re, im, z, y := src.re.row(i), src.im.row(i), z.row(i), y.row(i)
		for c := range lanes {
			ar, br, ai, bi := re[c], re[c+lanes], im[c], im[c+lanes]
			z[c], z[c+lanes] = h*(ar+bi), h*(br-ai)
			y[c], y[c+lanes] = h*(ar-bi), h*(br+ai)
		}
	}
}

// unpackDCT2Generic computes, for n bins with V the unpacked A or B and
// cos, sin = w[i*ws],
//
//	lo[i] = cos*Re V + sin*Im V, hi[i] = sin*Re V - cos*Im V
func unpackDCT2Generic(lo, hi, z, y view, w []float32, ws, n int, h float32) {
	for i := range n {
		lo, hi, z, y := lo.row(i), hi.row(i), z.row(i), y.row(i)
		cos, sin := w[2*i*ws]*h, w[2*i*ws+1]*h
		for c := range lanes {
			zr, zi, yr, yi := z[c], z[c+lanes], y[c], y[c+lanes]
			ar, br, ai, bi := zr+yr, zi+yi, zi-yi, yr-zr
			lo[c], lo[c+lanes] = cos*ar+sin*ai, cos*br+sin*bi
			hi[c], hi[c+lanes] = sin*ar-cos*ai, sin*br-cos*bi
		}
	}
}

// packDCT2Generic is the transpose of unpackDCT2Generic: with
// P = h*(cos*lo + sin*hi) and Q = h*(cos*hi - sin*lo) of each group,
//
//	z[i] = (PA - QB) + i*(QA + PB), y[i] = (PA + QB) + i*(PB - QA)
func packDCT2Generic(z, y, lo, hi view, w []float32, ws, n int, h float32) {
	for i := range n {
		lo, hi, z, y := lo.row(i), hi.row(i), z.row(i), y.row(i)
		cos, sin := w[2*i*ws]*h, w[2*i*ws+1]*h
		for c := range lanes {
			la, lb, ha, hb := lo[c], lo[c+lanes], hi[c], hi[c+lanes]
			pa, pb := cos*la+sin*ha, cos*lb+sin*hb
			qa, qb := cos*ha-sin*la, cos*hb-sin*lb
			z[c], z[c+lanes] = pa-qb, qa+pb
			y[c], y[c+lanes] = pa+qb, pb-qa
		}
	}
}

// applyGeneric takes src through the pass to dst.
func (p *pass) applyGeneric(dst, src view) {
	dstStep := p.l * p.m / p.run * p.out
	for k := range p.l {
		w := p.twiddles[2*k*(p.radix-1):]
		for q := range p.m {
			to := (k*p.m+q)/p.run*p.out + q%p.run
			x, y := src.from(k*p.radix*p.in+q, p.in), dst.from(to, dstStep)
			switch p.radix {
			case 2:
				butterfly2(y, x, (*[2]float32)(w))
			case 4:
				butterfly4(y, x, (*[6]float32)(w))
			case 8:
				butterfly8(y, x, (*[14]float32)(w))
			default:
				butterflyOdd(y, x, w[:2*(p.radix-1)], p.roots)
			}
		}
	}
}

func butterfly2(dst, src view, w *[2]float32) {
	x0, x1, y0, y1 := src.row(0), src.row(1), dst.row(0), dst.row(1)
	for c := range lanes {
		ar, ai := x0[c], x0[c+lanes]
		br, bi := twist(x1[c], x1[c+lanes], w[0], w[1])
		y0[c], y0[c+lanes] = ar+br, ai+bi
		y1[c], y1[c+lanes] = ar-br, ai-bi
	}
}

func butterfly4(dst, src view, w *[6]float32) {
	x0, x1, x2, x3 := src.row(0), src.row(1), src.row(2), src.row(3)
	y0, y1, y2, y3 := dst.row(0), dst.row(1), dst.row(2), dst.row(3)
	for c := range lanes {
		ar, ai := x0[c], x0[c+lanes]
		br, bi := twist(x1[c], x1[c+lanes], w[0], w[1])
		cr, ci := twist(x2[c], x2[c+lanes], w[2], w[3])
		dr, di := twist(x3[c], x3[c+lanes], w[4], w[5])
		ar, ai, br, bi, cr, ci, dr, di = fourier4(ar, ai, br, bi, cr, ci, dr, di)
		y0[c], y0[c+lanes] = ar, ai
		y1[c], y1[c+lanes] = br, bi
		y2[c], y2[c+lanes] = cr, ci
		y3[c], y3[c+lanes] = dr, di
	}
}

func butterfly8(dst, src view, w *[14]float32) {
	var x, y [8]*[TileCols]float32
	for u := range 8 {
		x[u], y[u] = src.row(u), dst.row(u)
	}
	const h = math.Sqrt2 / 2
	for c := range lanes {
		var r, i [8]float32
		r[0], i[0] = x[0][c], x[0][c+lanes]
		for u := 1; u < 8; u++ {
			r[u], i[u] = twist(x[u][c], x[u][c+lanes], w[2*u-2], w[2*u-1])
		}
		e0r, e0i, e1r, e1i, e2r, e2i, e3r, e3i := fourier4(r[0], i[0], r[2], i[2], r[4], i[4], r[6], i[6])
		o0r, o0i, o1r, o1i, o2r, o2i, o3r, o3i := fourier4(r[1], i[1], r[3], i[3], r[5], i[5], r[7], i[7])
		o1r, o1i = h*(o1r+o1i), h*(o1i-o1r)
		o2r, o2i = o2i, -o2r
		o3r, o3i = h*(o3i-o3r), -h*(o3r+o3i)
		y[0][c], y[0][c+lanes] = e0r+o0r, e0i+o0i
		y[1][c], y[1][c+lanes] = e1r+o1r, e1i+o1i
		y[2][c], y[2][c+lanes] = e2r+o2r, e2i+o2i
		y[3][c], y[3][c+lanes] = e3r+o3r, e3i+o3i
		y[4][c], y[4][c+lanes] = e0r-o0r, e0i-o0i
		y[5][c], y[5][c+lanes] = e1r-o1r, e1i-o1i
		y[6][c], y[6][c+lanes] = e2r-o2r, e2i-o2i
		y[7][c], y[7][c+lanes] = e3r-o3r, e3i-o3i
	}
}

// butterflyOdd takes the inputs in mirrored pairs, s = x[u] + x[r-u] and
// d = x[u] - x[r-u]: outputs j and r-j share Σ cos*s and Σ sin*d.
func butterflyOdd(dst, src view, w, roots []float32) {
	r := len(roots) / 2
	var sr, si, dr, di [7][lanes]float32
	x0, y0 := src.row(0), dst.row(0)
	sum := *x0
	for u := 1; 2*u < r; u++ {
		a, b := src.row(u), src.row(r-u)
		for c := range lanes {
			ar, ai := twist(a[c], a[c+lanes], w[2*u-2], w[2*u-1])
			br, bi := twist(b[c], b[c+lanes], w[2*(r-u)-2], w[2*(r-u)-1])
			sr[u][c], si[u][c], dr[u][c], di[u][c] = ar+br, ai+bi, ar-br, ai-bi
			sum[c] += sr[u][c]
			sum[c+lanes] += si[u][c]
		}
	}
	first := *x0
	for j := 1; 2*j < r; j++ {
		even := first
		var odd [TileCols]float32
		for u := 1; 2*u < r; u++ {
			cos, sin := roots[2*(u*j%r)], roots[2*(u*j%r)+1]
			for c := range lanes {
				even[c] += cos * sr[u][c]
				even[c+lanes] += cos * si[u][c]
				odd[c] += sin * dr[u][c]
				odd[c+lanes] += sin * di[u][c]
			}
		}
		a, b := dst.row(j), dst.row(r-j)
		for c := range lanes {
			a[c], a[c+lanes] = even[c]+odd[c+lanes], even[c+lanes]-odd[c]
			b[c], b[c+lanes] = even[c]-odd[c+lanes], even[c+lanes]+odd[c]
		}
	}
	*y0 = sum
}

// twist returns the product of x and w.
func twist(xr, xi, wr, wi float32) (re, im float32) {
	return wr*xr - wi*xi, wr*xi + wi*xr
}

// fourier4 is the DFT of length 4.
func fourier4(ar, ai, br, bi, cr, ci, dr, di float32) (_, _, _, _, _, _, _, _ float32) {
	sr, si, tr, ti := ar+cr, ai+ci, ar-cr, ai-ci
	ur, ui, vr, vi := br+dr, bi+di, br-dr, bi-di
	return sr + ur, si + ui, tr + vi, ti - vr, sr - ur, si - ui, tr - vi, ti + vr
}
