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
	r.each(0, 1, func(w *tileWorker) {
		X := w.analyse(0, 1, w.rowsOf(x.Data), false)
		dst, flush := w.result(y.Data, w.bins[w.i], w.B, w.D, w.c)
		blocks(w.B, func(_, lo, hi int) {
			n, re := hi-lo, X.Re.From(lo)
			if f.Kind != fft.DFT {
				tile.Abs(dst.From(lo), re, n)
				return
			}
			tile.Mul(dst.From(lo), re, re, n)
			tile.MulAdd(dst.From(lo), X.Im.From(lo), X.Im.From(lo), n)
		})
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
		X := w.analyse(0, 1, w.rowsOf(x.Data), false)
		dy := w.operand(y.Grad, w.bins[w.i], w.B, w.D, w.c)
		blocks(w.B, func(_, lo, hi int) {
			n, re, g := hi-lo, X.Re.From(lo), dy.From(lo)
			if r.f.Kind != fft.DFT {
				tile.MulSign(re, g, re, n)
				return
			}
			// Twice dy: the sum of two rows, of which one is the other.
			tile.MulSum(re, re, g, g, n)
			tile.MulSum(X.Im.From(lo), X.Im.From(lo), g, g, n)
		})
		w.backTo(dx, 0, 1, add)
	})
}

// rowsOf returns the tile of a matrix [T, D].
func (w *tileWorker) rowsOf(data []float32) tile.Rows {
	return w.operand(data, w.seq[w.i], w.L, w.D, w.c)
}

// backTo takes the gradient of a spectrum in scratch to that of the rows.
func (w *tileWorker) backTo(dx []float32, spec, specs int, add bool) {
	dst, flush := w.result(dx, w.seq[w.i], w.L, w.D, w.c)
	w.synthesise(dst, spec, specs, true, add)
	flush()
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
	r.each(0, 2, func(w *tileWorker) {
		K, Q := w.analyse(0, 2, w.rowsOf(k.Data), false), w.analyse(1, 2, w.rowsOf(q.Data), false)
		dst, flush := w.spectrumResult(y.Data, w.bins[w.i])
		blocks(w.B, func(_, lo, hi int) { w.addConj(dst.From(lo), K.From(lo), Q.From(lo), false, hi-lo) })
		flush()
	})
	return t.done(y)
}

// crossSpectraBack: dK = Q conj(dy), dQ = K dy.
func crossSpectraBack(t *Tape, y *Node) {
	k, q := y.In[0], y.In[1]
	dk, addK := t.firstGrad(k)
	dq, addQ := t.firstGrad(q)
	r := newTiling(t, y.Attr.(spectralAttr), y.seq, k.Cols())
	r.each(0, 2, func(w *tileWorker) {
		K, Q := w.analyse(0, 2, w.rowsOf(k.Data), false), w.analyse(1, 2, w.rowsOf(q.Data), false)
		dy := w.spectrumOf(y.Grad, w.bins[w.i])
		if dq != nil {
			blocks(w.B, func(_, lo, hi int) {
				w.multiply(K.From(lo), dy.From(lo), noBins, false, hi-lo)
			})
			w.backTo(dq, 0, 2, addQ)
		}
		if dk != nil {
			blocks(w.B, func(_, lo, hi int) { w.addConj(Q.From(lo), dy.From(lo), Q.From(lo), false, hi-lo) })
			w.backTo(dk, 1, 2, addK)
		}
	})
}
