package fft

import "math"

// cosine1 computes dst[k] = out[k] * Σ_{j < nin} cos(π jk/(n-1)) in[j] src[j]
// for k < nout. The matrix is symmetric, so it serves both ways. The even
// extension of src to 2(n-1) rows, its inner rows halved because they come
// twice, has a real transform, so that of A + iB is A in re and B in im.
func (p *Plan) cosine1(dst, src view, nin, nout int, in, out Weights, add bool, ws work) {
	last := p.n - 1
	in.Inner /= 2
	if nin < p.n {
		clearRows(ws.x, 2*last)
	}
	scaleEnds(ws.x, src, nin, last, in, false)
	scaleRows(ws.x.from(2*last-1, -1), src.from(1, 1), min(nin, last)-1, in.Inner, false)
	z := p.fourier.apply(none, ws.x, ws.x, ws.y)
	scaleEnds(dst, z, nout, last, out, add)
}

// scaleEnds computes dst[i] = w*src[i], or adds that to dst[i], for i < n, with
// w.Ends for rows 0 and last.
func scaleEnds(dst, src view, n, last int, w Weights, add bool) {
	scaleRows(dst, src, min(n, 1), w.Ends, add)
	scaleRows(dst.from(1, 1), src.from(1, 1), min(n, last)-1, w.Inner, add)
	scaleRows(dst.from(last, 1), src.from(last, 1), n-last, w.Ends, add)
}

// forwardDCT2 transforms the rows in the order 0, 2, 4, ... 5, 3, 1 (Makhoul):
// with V their DFT, X[k] = Re(exp(-πi k/2n) V[k]).
func (p *Plan) forwardDCT2(dst, src view, rows int, w Weights, ws work) {
	if p.fourier.split != nil {
		p.forwardSplitDCT2(dst, src, rows, w, ws)
		return
	}
	if rows < p.n {
		clearRows(ws.x, p.n)
	}
	scaleRows(ws.x, src.from(0, 2), (rows+1)/2, 1, false)
	scaleRows(ws.x.from(p.n-1, -1), src.from(1, 2), rows/2, 1, false)
	z := p.fourier.apply(none, ws.x, ws.x, ws.y)
	scaleRows(dst, z, 1, w.Ends, false)
	unpackDCT2(dst.from(1, 1), dst.from(p.n-1, -1), z.from(1, 1), z.from(p.n-1, -1), p.quarter, 1, (p.n-1)/2, w.Inner/2)
	if p.n%2 == 0 {
		scaleRows(dst.from(p.n/2, 1), z.from(p.n/2, 1), 1, halfBin(w), false)
	}
}

// adjointDCT2 runs forwardDCT2 backwards: the real part of a forward transform
// of exp(-πi k/2n) X[k] is that of its Hermitian part.
func (p *Plan) adjointDCT2(dst, src view, rows int, w Weights, add bool, ws work) {
	if p.fourier.split != nil {
		p.adjointSplitDCT2(dst, src, rows, w, add, ws)
		return
	}
	scaleRows(ws.x, src, 1, w.Ends, false)
	packDCT2(ws.x.from(1, 1), ws.x.from(p.n-1, -1), src.from(1, 1), src.from(p.n-1, -1), p.quarter, 1, (p.n-1)/2, w.Inner/2)
	if p.n%2 == 0 {
		scaleRows(ws.x.from(p.n/2, 1), src.from(p.n/2, 1), 1, halfBin(w), false)
	}
	z := p.fourier.apply(none, ws.x, ws.x, ws.y)
	scaleRows(dst.from(0, 2), z, (rows+1)/2, 1, add)
	scaleRows(dst.from(1, 2), z.from(p.n-1, -1), rows/2, 1, add)
}

// halfBin is the weight of bin n/2, where cos and sin of the quarter wave are
// the same.
func halfBin(w Weights) float32 { return w.Inner * (math.Sqrt2 / 2) }
