package fft

// forwardDFT separates the transforms of A and B, which are the Hermitian and
// the anti-Hermitian part of Z: with z = Z[k] and y = Z[n-k],
// A[k] = (z + conj(y))/2 and iB[k] = (z - conj(y))/2.
func (p *Plan) forwardDFT(dst bins, src view, rows int, w Weights, ws *work) {
	t := p.fourier
	mid := t.columns(src, rows, ws)
	for k := 0; 2*k <= t.n1; k++ {
		z := t.block(k, none, mid, &ws.a, ws)
		y := z
		if !mirrored(k, t.n1) {
			y = t.block(t.n1-k, none, mid, &ws.b, ws)
		}
		facing(p.n, k, t.n1, z, y, func(bin, n int, z, y view, end bool) {
			unpackDFT(dst.from(bin, t.n1), z, y, n, w.of(end)/2)
		})
	}
}

// adjointDFT packs Hermitian spectra of A and B, of half the weight because
// bins k and n-k both count, in reverse order: with it the forward transform
// sums over exp(+2πi jk/n).
func (p *Plan) adjointDFT(dst view, src bins, rows int, w Weights, add bool, ws *work) {
	t := p.fourier
	pack := func(k, step int, z, y view) {
		facing(p.n, k, step, z, y, func(bin, n int, z, y view, end bool) {
			if end {
				scaleRows(z, src.re.from(bin, 1), 1, w.Ends, false)
			} else {
				packDFT(z, y, src.from(bin, step), n, w.Inner/2)
			}
		})
	}
	if t.n1 == 1 {
		pack(0, 1, ws.x, ws.x)
	}
	for j := 0; 2*j <= t.n2 && t.n1 > 1; j++ {
		if mirrored(j, t.n2) {
			pack(j, t.n2, ws.a[0], ws.a[0])
		} else {
			pack(j, t.n2, ws.a[0], ws.b[0])
			t.column(t.n2-j, ws.b[0], &ws.b, ws)
		}
		t.column(j, ws.a[0], &ws.a, ws)
	}
	for k := range t.n1 {
		to := dst.from(k, t.n1)
		if rows == p.n && !add {
			t.block(k, to, ws.x, &ws.a, ws)
			continue
		}
		scaleRows(to, t.block(k, none, ws.x, &ws.a, ws), count(rows, k, t.n1), 1, add)
	}
}

// mirrored says that row n-i is among the rows k, k+step, ... if row i is.
func mirrored(k, step int) bool { return k == 0 || 2*k == step }

// facing calls f for the bins 0..n/2 of a transform that are among the rows
// k, k+step, ... of n, which are z, and among those opposite, step-k,
// 2*step-k, ..., which are y (z if mirrored). f gets count bins from bin by
// step, z from the row of the first bin up, y from the row opposite down, and
// whether it is a bin that is its own mirror image.
func facing(n, k, step int, z, y view, f func(bin, count int, z, y view, end bool)) {
	all := n / step
	half := z.from(all/2, 1)
	switch {
	case k == 0:
		f(0, 1, z, z, true)
		f(step, (all-1)/2, z.from(1, 1), z.from(all-1, -1), false)
		if all%2 == 0 {
			f(n/2, 1, half, half, true)
		}
	case 2*k == step:
		f(k, all/2, z, z.from(all-1, -1), false)
		if all%2 == 1 {
			f(n/2, 1, half, half, true)
		}
	default:
		f(k, (all+1)/2, z, y.from(all-1, -1), false)
		f(step-k, all/2, y, z.from(all-1, -1), false)
	}
}
