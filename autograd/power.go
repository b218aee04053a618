package autograd

import (
	"slices"

	"github.com/orchid-seq/orchid/internal/fft"
	"github.com/orchid-seq/orchid/internal/tile"
	"github.com/orchid-seq/orchid/tensor"
)

// PowerSpectrum is the magnitude of the spectrum of each sequence, the phase
// suppression of Type I conditioning (paper, equation 2): re^2 + im^2 with the
// DFT, |X| with a DCT. The spectrum itself is not stored; the backward pass
// computes it again. Where |X| is 0 its gradient is taken as 0.
//
//	x [T, D]
//	y [bins of all sequences, D], sequences at f.Bins(seq, pad)
func (t *Tape) PowerSpectrum(x *Node, seq tensor.Offsets, f Transform, pad int) *Node {
	const op = "power-spectrum"
	wantSeq(op, x, seq)
	a := spectralAttr{f, pad}
	r := newTiling(t, a, seq, x.Cols())
	y := t.op(op, []int{r.bins.Total(), r.D}, powerSpectrumBack, x)
	y.Attr, y.seq = a, seq
	y.blind = true
	r.each(0, 1, func(w *tileWorker) {
		dst, flush := w.result(y.Data, w.bins[w.i], w.B, w.D, w.c)
		w.convolve(func(k, step, n int, s []tile.Bins) {
			X, out := s[0], dst.Every(k, step)
			if f.Kind != fft.DFT {
				tile.Abs(out, X.Re, n)
				return
			}
			tile.Mul(out, X.Re, X.Re, n)
			tile.MulAdd(out, X.Im, X.Im, n)
		}, lane{src: w.rowsOf(x.Data)})
		flush()
	})
	return t.done(y)
}

// powerSpectrumBack: dX = 2 X dy with the DFT, sign(X) dy with a DCT.
func powerSpectrumBack(t *Tape, y *Node) {
	x := y.In[0]
	dx, add := t.firstGrad(x)
	r := newTiling(t, y.Attr.(spectralAttr), y.seq, x.Cols())
	r.each(0, 1, func(w *tileWorker) {
		dy := w.operand(y.Grad, w.bins[w.i], w.B, w.D, w.c)
		dst, flush := w.result(dx, w.seq[w.i], w.L, w.D, w.c)
		w.convolve(func(k, step, n int, s []tile.Bins) {
			X, g := s[0], dy.Every(k, step)
			if r.f.Kind != fft.DFT {
				tile.MulSign(X.Re, g, X.Re, n)
				return
			}
			// Twice dy: the sum of two rows, of which one is the other.
			tile.MulSum(X.Re, X.Re, g, g, n)
			tile.MulSum(X.Im, X.Im, g, g, n)
		}, lane{src: w.rowsOf(x.Data), dst: dst, transpose: true, add: add})
		flush()
	})
}

// rowsOf returns the tile of a matrix [T, D].
func (w *tileWorker) rowsOf(data []float32) tile.Rows {
	return w.operand(data, w.seq[w.i], w.L, w.D, w.c)
}

// CrossSpectra returns conj(F k) F q, the spectrum of the cross-correlation of k
// and q (paper, equation 3). The spectra themselves are not stored.
//
//	k, q [T, D]
//	y [bins of all sequences, Width(D)], sequences at f.Bins(seq, pad)
func (t *Tape) CrossSpectra(k, q *Node, seq tensor.Offsets, f Transform, pad int) *Node {
	const op = "cross-spectra"
	wantSeq(op, k, seq)
	want(slices.Equal(k.Shape, q.Shape), op, "k and q [T, D]", k, q)
	a := spectralAttr{f, pad}
	r := newTiling(t, a, seq, k.Cols())
	y := t.op(op, []int{r.bins.Total(), f.Width(r.D)}, crossSpectraBack, k, q)
	y.Attr, y.seq = a, seq
	y.blind = true
	r.each(0, 2, func(w *tileWorker) {
		dst, flush := w.spectrumResult(y.Data, w.bins[w.i])
		w.convolve(func(k, step, n int, s []tile.Bins) {
			w.addConj(dst.Every(k, step), s[0], s[1], false, n)
		}, lane{src: w.rowsOf(k.Data)}, lane{src: w.rowsOf(q.Data)})
		flush()
	})
	return t.done(y)
}

// crossSpectraBack: dK = Q conj(dy), dQ = K dy.
func crossSpectraBack(t *Tape, y *Node) {
	k, q := y.In[0], y.In[1]
	dk, addK := t.firstGrad(k)
	var dq []float32
	addQ, same := false, k == q // one node takes the sum of both gradients
	if !same {
		dq, addQ = t.firstGrad(q)
	}
	r := newTiling(t, y.Attr.(spectralAttr), y.seq, k.Cols())
	r.each(0, 2, func(w *tileWorker) {
		dy := w.spectrumOf(y.Grad, w.bins[w.i])
		// The spectrum of k becomes the gradient of that of q, and the other way round.
		toQ, toK := lane{src: w.rowsOf(k.Data), transpose: true, add: addQ}, lane{src: w.rowsOf(q.Data), transpose: true, add: addK}
		flushQ, flushK := func() {}, func() {}
		if dq != nil {
			toQ.dst, flushQ = w.result(dq, w.seq[w.i], w.L, w.D, w.c)
		}
		if dk != nil {
			toK.dst, flushK = w.result(dk, w.seq[w.i], w.L, w.D, w.c)
		}
		w.convolve(func(bin, step, n int, s []tile.Bins) {
			g := dy.Every(bin, step)
			w.multiply(s[0], g, noBins, false, n)
			w.addConj(s[1], g, s[1], false, n)
			if same {
				tile.MulAdd(s[1].Re, s[0].Re, one, n)
				if w.f.Kind == fft.DFT {
					tile.MulAdd(s[1].Im, s[0].Im, one, n)
				}
			}
		}, toQ, toK)
		flushQ()
		flushK()
	})
}
