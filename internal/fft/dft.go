package fft

// forwardDFT separates the transforms of A and B, which are the Hermitian and
// the anti-Hermitian part of Z: with z = Z[k] and y = Z[n-k],
// A[k] = (z + conj(y))/2 and iB[k] = (z - conj(y))/2.
func (p *Plan) forwardDFT(dst bins, src view, rows int, w Weights, ws work) {
	if p.fourier.split != nil {
		p.forwardSplit(dst, src, rows, w, ws)
		return
	}
	if rows < p.n {
		scaleRows(ws.x, src, rows, 1, false)
		clearRows(ws.x.from(rows, 1), p.n-rows)
		src = ws.x
	}
	z := p.fourier.apply(none, src, ws.x, ws.y)
	unpackDFT(dst, z, z, 1, w.Ends/2)
	unpackDFT(dst.from(1, 1), z.from(1, 1), z.from(p.n-1, -1), (p.n-1)/2, w.Inner/2)
	if p.n%2 == 0 {
		half := z.from(p.n/2, 1)
		unpackDFT(dst.from(p.n/2, 1), half, half, 1, w.Ends/2)
	}
}

// adjointDFT packs Hermitian spectra of A and B, of half the weight because
// bins k and n-k both count, in reverse order: with it the forward transform
// sums over exp(+2πi jk/n).
func (p *Plan) adjointDFT(dst view, src bins, rows int, w Weights, add bool, ws work) {
	if p.fourier.split != nil {
		p.adjointSplit(dst, src, rows, w, add, ws)
		return
	}
	scaleRows(ws.x, src.re, 1, w.Ends, false)
	packDFT(ws.x.from(1, 1), ws.x.from(p.n-1, -1), src.from(1, 1), (p.n-1)/2, w.Inner/2)
	if p.n%2 == 0 {
		scaleRows(ws.x.from(p.n/2, 1), src.re.from(p.n/2, 1), 1, w.Ends, false)
	}
	if rows == p.n && !add {
		p.fourier.apply(dst, ws.x, ws.x, ws.y)
		return
	}
	scaleRows(dst, p.fourier.apply(none, ws.x, ws.x, ws.y), rows, 1, add)
}
