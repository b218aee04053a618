//go:build !noasm

package fft

import "github.com/orchid-seq/orchid/internal/cpu"

// bytes is the size of a float32; assembly counts strides in bytes.
const bytes = 4

type radixKernel = func(dst, src, twiddles, roots *float32, dstStride, srcStride, dstStep, srcStep, dstSkip, srcSkip, groups, runs, run int)

var (
	radixAVX2 = [...]radixKernel{
		2: radix2AVX2, 3: radix3AVX2, 4: radix4AVX2, 5: radix5AVX2, 7: radix7AVX2,
		8: radix8AVX2, 11: radix11AVX2, 13: radix13AVX2,
	}
	radixAVX512 = [...]radixKernel{
		2: radix2AVX512, 3: radix3AVX512, 4: radix4AVX512, 5: radix5AVX512, 7: radix7AVX512,
		8: radix8AVX512, 11: radix11AVX512, 13: radix13AVX512,
	}
)

func (p *pass) apply(dst, src view) {
	kernel := &radixAVX512
	switch cpu.Best() {
	case cpu.Portable:
		p.applyGeneric(dst, src)
		return
	case cpu.AVX2:
		kernel = &radixAVX2
	}
	read, written := p.span()
	dstStride, srcStride := dst.stride*bytes, src.stride*bytes
	kernel[p.radix](dst.base(written), src.base(read), &p.twiddles[0], &p.roots[0],
		dstStride, srcStride, p.l*p.m/p.run*p.out*dstStride, p.in*srcStride,
		(p.out-p.run)*dstStride, (p.radix*p.in-p.m)*srcStride, p.l, p.m/p.run, p.run)
}

func scaleRows(dst, src view, n int, s float32, add bool) {
	if n < 1 {
		return
	}
	d, x := dst.base(n), src.base(n)
	dstStride, srcStride := dst.stride*bytes, src.stride*bytes
	switch l := cpu.Best(); {
	case l == cpu.Portable:
		scaleRowsGeneric(dst, src, n, s, add)
	case l == cpu.AVX2 && add:
		scaleAddRowsAVX2(d, x, dstStride, srcStride, n, s)
	case l == cpu.AVX2:
		scaleRowsAVX2(d, x, dstStride, srcStride, n, s)
	case add:
		scaleAddRowsAVX512(d, x, dstStride, srcStride, n, s)
	default:
		scaleRowsAVX512(d, x, dstStride, srcStride, n, s)
	}
}

func mulRows(dst, src view, w []float32, n int) {
	d, x, f := dst.base(n), src.base(n), &w[:2*n][0]
	switch cpu.Best() {
	case cpu.Portable:
		mulRowsGeneric(dst, src, w, n)
	case cpu.AVX2:
		mulRowsAVX2(d, x, f, dst.stride*bytes, src.stride*bytes, n)
	default:
		mulRowsAVX512(d, x, f, dst.stride*bytes, src.stride*bytes, n)
	}
}

func unpackDFT(dst bins, z, y view, n int, h float32) {
	if n < 1 {
		return
	}
	re, im, zp, yp := dst.re.base(n), dst.im.base(n), z.base(n), y.base(n)
	switch cpu.Best() {
	case cpu.Portable:
		unpackDFTGeneric(dst, z, y, n, h)
	case cpu.AVX2:
		unpackDFTAVX2(re, im, zp, yp, dst.re.stride*bytes, dst.im.stride*bytes, z.stride*bytes, y.stride*bytes, n, h)
	default:
		unpackDFTAVX512(re, im, zp, yp, dst.re.stride*bytes, dst.im.stride*bytes, z.stride*bytes, y.stride*bytes, n, h)
	}
}

func packDFT(z, y view, src bins, n int, h float32) {
	if n < 1 {
		return
	}
	zp, yp, re, im := z.base(n), y.base(n), src.re.base(n), src.im.base(n)
	switch cpu.Best() {
	case cpu.Portable:
		packDFTGeneric(z, y, src, n, h)
	case cpu.AVX2:
		packDFTAVX2(zp, yp, re, im, z.stride*bytes, y.stride*bytes, src.re.stride*bytes, src.im.stride*bytes, n, h)
	default:
		packDFTAVX512(zp, yp, re, im, z.stride*bytes, y.stride*bytes, src.re.stride*bytes, src.im.stride*bytes, n, h)
	}
}

func unpackDCT2(lo, hi, z, y view, w []float32, ws, n int, h float32) {
	if n < 1 {
		return
	}
	lp, hp, zp, yp, f := lo.base(n), hi.base(n), z.base(n), y.base(n), &w[:2*(n-1)*ws+2][0]
	switch cpu.Best() {
	case cpu.Portable:
		unpackDCT2Generic(lo, hi, z, y, w, ws, n, h)
	case cpu.AVX2:
		unpackDCT2AVX2(lp, hp, zp, yp, f, lo.stride*bytes, hi.stride*bytes, z.stride*bytes, y.stride*bytes, 2*ws*bytes, n, h)
	default:
		unpackDCT2AVX512(lp, hp, zp, yp, f, lo.stride*bytes, hi.stride*bytes, z.stride*bytes, y.stride*bytes, 2*ws*bytes, n, h)
	}
}

func packDCT2(z, y, lo, hi view, w []float32, ws, n int, h float32) {
	if n < 1 {
		return
	}
	zp, yp, lp, hp, f := z.base(n), y.base(n), lo.base(n), hi.base(n), &w[:2*(n-1)*ws+2][0]
	switch cpu.Best() {
	case cpu.Portable:
		packDCT2Generic(z, y, lo, hi, w, ws, n, h)
	case cpu.AVX2:
		packDCT2AVX2(zp, yp, lp, hp, f, z.stride*bytes, y.stride*bytes, lo.stride*bytes, hi.stride*bytes, 2*ws*bytes, n, h)
	default:
		packDCT2AVX512(zp, yp, lp, hp, f, z.stride*bytes, y.stride*bytes, lo.stride*bytes, hi.stride*bytes, 2*ws*bytes, n, h)
	}
}
