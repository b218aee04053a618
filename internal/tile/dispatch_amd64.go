//go:build !noasm

package tile

import "github.com/orchid-seq/orchid/internal/cpu"

// bytes returns the distance between rows, as assembly counts it.
func (r Rows) bytes() int { return 4 * r.Stride }

func mul(dst, a, b Rows, n int) {
	d, x, y := dst.base(n), a.base(n), b.base(n)
	switch cpu.Best() {
	case cpu.AVX512:
		mulAVX512(d, x, y, dst.bytes(), a.bytes(), b.bytes(), n)
	case cpu.AVX2:
		mulAVX2(d, x, y, dst.bytes(), a.bytes(), b.bytes(), n)
	default:
		mulGeneric(dst, a, b, n)
	}
}

func mulAdd(dst, a, b Rows, n int) {
	d, x, y := dst.base(n), a.base(n), b.base(n)
	switch cpu.Best() {
	case cpu.AVX512:
		mulAddAVX512(d, x, y, dst.bytes(), a.bytes(), b.bytes(), n)
	case cpu.AVX2:
		mulAddAVX2(d, x, y, dst.bytes(), a.bytes(), b.bytes(), n)
	default:
		mulAddGeneric(dst, a, b, n)
	}
}

func mulSum(dst, a, b, c Rows, n int) {
	d, x, y, z := dst.base(n), a.base(n), b.base(n), c.base(n)
	switch cpu.Best() {
	case cpu.AVX512:
		mulSumAVX512(d, x, y, z, dst.bytes(), a.bytes(), b.bytes(), c.bytes(), n)
	case cpu.AVX2:
		mulSumAVX2(d, x, y, z, dst.bytes(), a.bytes(), b.bytes(), c.bytes(), n)
	default:
		mulSumGeneric(dst, a, b, c, n)
	}
}

func abs(dst, a Rows, n int) {
	d, x := dst.base(n), a.base(n)
	switch cpu.Best() {
	case cpu.AVX512:
		absAVX512(d, x, dst.bytes(), a.bytes(), n)
	case cpu.AVX2:
		absAVX2(d, x, dst.bytes(), a.bytes(), n)
	default:
		absGeneric(dst, a, n)
	}
}

func mulSign(dst, a, b Rows, n int) {
	d, x, y := dst.base(n), a.base(n), b.base(n)
	switch cpu.Best() {
	case cpu.AVX512:
		mulSignAVX512(d, x, y, dst.bytes(), a.bytes(), b.bytes(), n)
	case cpu.AVX2:
		mulSignAVX2(d, x, y, dst.bytes(), a.bytes(), b.bytes(), n)
	default:
		mulSignGeneric(dst, a, b, n)
	}
}

func dot(sum *[Cols]float32, a, b Rows, n int) {
	x, y := a.base(n), b.base(n)
	switch cpu.Best() {
	case cpu.AVX512:
		dotAVX512(&sum[0], x, y, a.bytes(), b.bytes(), n)
	case cpu.AVX2:
		dotAVX2(&sum[0], x, y, a.bytes(), b.bytes(), n)
	default:
		dotGeneric(sum, a, b, n)
	}
}

// bases returns the addresses of both parts; their rows lie at the same distance.
func (b Bins) bases(n int) (re, im *float32) {
	if b.Re.Stride != b.Im.Stride {
		panic("tile: real and imaginary rows lie at different distances")
	}
	return b.Re.base(n), b.Im.base(n)
}

func complexMulSum(dst, a, b, c Bins, conj bool, n int) {
	dr, di := dst.bases(n)
	ar, ai := a.bases(n)
	br, bi := b.bases(n)
	cr, ci := c.bases(n)
	switch l := cpu.Best(); {
	case l == cpu.Portable:
		complexMulSumGeneric(dst, a, b, c, conj, n)
	case l == cpu.AVX2 && conj:
		conjMulSumAVX2(dr, di, ar, ai, br, bi, cr, ci, dst.Re.bytes(), a.Re.bytes(), b.Re.bytes(), c.Re.bytes(), n)
	case l == cpu.AVX2:
		complexMulSumAVX2(dr, di, ar, ai, br, bi, cr, ci, dst.Re.bytes(), a.Re.bytes(), b.Re.bytes(), c.Re.bytes(), n)
	case conj:
		conjMulSumAVX512(dr, di, ar, ai, br, bi, cr, ci, dst.Re.bytes(), a.Re.bytes(), b.Re.bytes(), c.Re.bytes(), n)
	default:
		complexMulSumAVX512(dr, di, ar, ai, br, bi, cr, ci, dst.Re.bytes(), a.Re.bytes(), b.Re.bytes(), c.Re.bytes(), n)
	}
}

func conjMul(dst, a, b Bins, add bool, n int) {
	dr, di := dst.bases(n)
	ar, ai := a.bases(n)
	br, bi := b.bases(n)
	switch l := cpu.Best(); {
	case l == cpu.Portable:
		conjMulGeneric(dst, a, b, add, n)
	case l == cpu.AVX2 && add:
		conjMulAddAVX2(dr, di, ar, ai, br, bi, dst.Re.bytes(), a.Re.bytes(), b.Re.bytes(), n)
	case l == cpu.AVX2:
		conjMulAVX2(dr, di, ar, ai, br, bi, dst.Re.bytes(), a.Re.bytes(), b.Re.bytes(), n)
	case add:
		conjMulAddAVX512(dr, di, ar, ai, br, bi, dst.Re.bytes(), a.Re.bytes(), b.Re.bytes(), n)
	default:
		conjMulAVX512(dr, di, ar, ai, br, bi, dst.Re.bytes(), a.Re.bytes(), b.Re.bytes(), n)
	}
}

func conv(dst, start, x Rows, w []float32, n int) {
	taps := len(w) / Cols
	d, s, v, l := dst.base(n), start.base(n), x.base(n+max(taps-1, 0)), cpu.Best()
	switch {
	case l == cpu.Portable || taps < 1:
		convGeneric(dst, start, x, w, n)
	case taps == 3 && l == cpu.AVX512:
		conv3AVX512(d, s, v, &w[0], dst.bytes(), start.bytes(), x.bytes(), n)
	case taps == 3:
		conv3AVX2(d, s, v, &w[0], dst.bytes(), start.bytes(), x.bytes(), n)
	case l == cpu.AVX512:
		convAVX512(d, s, v, &w[0], dst.bytes(), start.bytes(), x.bytes(), n, taps)
	default:
		convAVX2(d, s, v, &w[0], dst.bytes(), start.bytes(), x.bytes(), n, taps)
	}
}

func convGrad(sum []float32, g, x Rows, n int) {
	taps := len(sum) / Cols
	d, v, l := g.base(n), x.base(n+max(taps-1, 0)), cpu.Best()
	switch {
	case l == cpu.Portable:
		convGradGeneric(sum, g, x, n)
	case taps == 3 && l == cpu.AVX512:
		conv3GradAVX512(&sum[0], d, v, g.bytes(), x.bytes(), n)
	case taps == 3:
		conv3GradAVX2(&sum[0], d, v, g.bytes(), x.bytes(), n)
	default:
		for k := range taps {
			dot((*[Cols]float32)(sum[k*Cols:]), g, x.From(k), n)
		}
	}
}

func gate(dst, x0, c, z, skip, r, u, direct Rows, n int) {
	pd, px, pc, pz, pr, pu := dst.base(n), x0.base(n), c.base(n), z.base(n), r.base(n), u.base(n)
	ps, pt := skip.base(1), direct.base(1)
	switch cpu.Best() {
	case cpu.AVX512:
		gateAVX512(pd, px, pc, pz, pr, pu, ps, pt, dst.bytes(), x0.bytes(), c.bytes(), z.bytes(), r.bytes(), u.bytes(), n)
	case cpu.AVX2:
		gateAVX2(pd, px, pc, pz, pr, pu, ps, pt, dst.bytes(), x0.bytes(), c.bytes(), z.bytes(), r.bytes(), u.bytes(), n)
	default:
		gateGeneric(dst, x0, c, z, skip, r, u, direct, n)
	}
}

func gateBack(dx0 Rows, dskip *[Cols]float32, dy, dc, c, z, skip Rows, n int) {
	pd, pg, pe, pc, pz, ps := dx0.base(n), dy.base(n), dc.base(n), c.base(n), z.base(n), skip.base(1)
	switch cpu.Best() {
	case cpu.AVX512:
		gateBackAVX512(pd, pg, pe, pc, pz, ps, &dskip[0], dx0.bytes(), dy.bytes(), dc.bytes(), c.bytes(), z.bytes(), n)
	case cpu.AVX2:
		gateBackAVX2(pd, pg, pe, pc, pz, ps, &dskip[0], dx0.bytes(), dy.bytes(), dc.bytes(), c.bytes(), z.bytes(), n)
	default:
		gateBackGeneric(dx0, dskip, dy, dc, c, z, skip, n)
	}
}

func productBack(dx1, dv, dz, dc, skip, x1, v Rows, n int) {
	pa, pb, pg, pd, px, pv, ps := dx1.base(n), dv.base(n), dz.base(n), dc.base(n), x1.base(n), v.base(n), skip.base(1)
	switch cpu.Best() {
	case cpu.AVX512:
		productBackAVX512(pa, pb, pg, pd, px, pv, ps, dx1.bytes(), dv.bytes(), dz.bytes(), dc.bytes(), x1.bytes(), v.bytes(), n)
	case cpu.AVX2:
		productBackAVX2(pa, pb, pg, pd, px, pv, ps, dx1.bytes(), dv.bytes(), dz.bytes(), dc.bytes(), x1.bytes(), v.bytes(), n)
	default:
		productBackGeneric(dx1, dv, dz, dc, skip, x1, v, n)
	}
}
