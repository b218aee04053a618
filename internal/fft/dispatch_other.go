//go:build !amd64 || noasm

package fft

func (p *pass) apply(dst, src view) { p.applyGeneric(dst, src) }

func scaleRows(dst, src view, n int, s float32, add bool) { scaleRowsGeneric(dst, src, n, s, add) }

func mulRows(dst, src view, w []float32, n int) { mulRowsGeneric(dst, src, w, n) }

func unpackDFT(dst bins, z, y view, n int, h float32) { unpackDFTGeneric(dst, z, y, n, h) }

func packDFT(z, y view, src bins, n int, h float32) { packDFTGeneric(z, y, src, n, h) }

func unpackDCT2(lo, hi, z, y view, w []float32, ws, n int, h float32) {
	unpackDCT2Generic(lo, hi, z, y, w, ws, n, h)
}

func packDCT2(z, y, lo, hi view, w []float32, ws, n int, h float32) {
	packDCT2Generic(z, y, lo, hi, w, ws, n, h)
}
