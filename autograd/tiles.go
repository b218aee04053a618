package autograd

import (
	"github.com/orchid-seq/orchid/internal/fft"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/tile"
	"github.com/orchid-seq/orchid/internal/vec"
	"github.com/orchid-seq/orchid/tensor"
)

// A tiling cuts the D channels of a batch and of its spectra into tiles of 32
// columns, which operations work on one after the other in scratch that stays
// in the cache.
type tiling struct {
	t         *Tape
	f         Transform
	pad       int
	seq, bins tensor.Offsets
	D, tiles  int
	plan      int // scratch of the transforms
}

func newTiling(t *Tape, a spectralAttr, seq tensor.Offsets, D int) *tiling {
	return &tiling{
		t: t, f: a.f, pad: a.pad, seq: seq, bins: a.f.Bins(seq, a.pad), D: D,
		tiles: (D + tile.Cols - 1) / tile.Cols, plan: a.f.planScratch(seq, a.pad),
	}
}

// each calls f for every tile of every sequence, some at the same time, with a
// worker that has scratch for so many columns of rows and of bins.
func (r *tiling) each(times, spectra int, f func(w *tileWorker)) {
	par.For(r.seq.Count()*r.tiles, 1, func(lo, hi int) {
		w := r.worker(times, spectra)
		for u := lo; u < hi; u++ {
			w.place(u/r.tiles, u%r.tiles)
			f(w)
			w.leave()
		}
		w.release()
	})
}

// A tileWorker works on one tile of one sequence at a time.
type tileWorker struct {
	*tiling
	time    [][]float32 // scratch [L, 32]
	spec    [][]float32 // scratch for the spectrum of a tile
	fft     []float32
	buf     []float32
	staged  [][]float32 // copies of operands of a tile that is not whole
	i, tile int
	c, w    int // first column, columns
	L, B    int // rows, bins
}

func (r *tiling) worker(times, spectra int) *tileWorker {
	w := &tileWorker{tiling: r}
	L, S := r.seq.MaxLen()*tile.Cols, r.bins.MaxLen()*r.f.Width(tile.Cols)
	w.buf = r.t.pool.Get(times*L + spectra*S + r.plan)
	rest := w.buf
	take := func(n int) (b []float32) {
		b, rest = rest[:n], rest[n:]
		return b
	}
	for range times {
		w.time = append(w.time, take(L))
	}
	for range spectra {
		w.spec = append(w.spec, take(S))
	}
	w.fft = rest
	return w
}

func (w *tileWorker) release() { w.t.pool.Put(w.buf) }

// place moves the worker to a tile of sequence i.
func (w *tileWorker) place(i, at int) {
	w.i, w.tile, w.c = i, at, at*tile.Cols
	w.w, w.L, w.B = min(tile.Cols, w.D-w.c), w.seq.Len(i), w.bins.Len(i)
}

// leave gives the copies of operands back.
func (w *tileWorker) leave() {
	for _, b := range w.staged {
		w.t.pool.Put(b)
	}
	w.staged = w.staged[:0]
}

var zeros, one = tile.Row(make([]float32, tile.Cols)), tile.Row(filled(tile.Cols, 1))

func filled(n int, v float32) []float32 {
	x := make([]float32, n)
	vec.Fill(x, v)
	return x
}

// blocks calls f on ranges of n rows that stay in L2, some at the same time if
// there are many; chunk counts those that may.
func blocks(n int, f func(chunk, lo, hi int)) {
	const chunk, block = 4096, 512
	par.For(n, chunk, func(lo, hi int) {
		for at := lo; at < hi; at += block {
			f(lo/chunk, at, min(at+block, hi))
		}
	})
}

// chunks is the number of chunks of blocks.
func chunks(n int) int { return (n + 4095) / 4096 }

// operand returns n rows of the tile's columns of a matrix; of a tile that is
// not whole, a copy filled up with zeros.
func (w *tileWorker) operand(data []float32, row, n, stride, col int) tile.Rows {
	if w.w == tile.Cols {
		return tile.Rows{Data: data[row*stride+col:], Stride: stride}
	}
	b := w.t.pool.Zeros(n * tile.Cols)
	w.staged = append(w.staged, b)
	for i := range n {
		copy(b[i*tile.Cols:][:w.w], data[(row+i)*stride+col:])
	}
	return dense(b)
}

// result is operand for what will be written; flush writes the copy back.
func (w *tileWorker) result(data []float32, row, n, stride, col int) (r tile.Rows, flush func()) {
	r = w.operand(data, row, n, stride, col)
	if w.w == tile.Cols {
		return r, func() {}
	}
	return r, func() {
		for i := range n {
			copy(data[(row+i)*stride+col:][:w.w], r.Data[i*tile.Cols:])
		}
	}
}

func dense(b []float32) tile.Rows { return tile.Rows{Data: b, Stride: tile.Cols} }

// spectrum returns the tile of a spectrum that starts at row; zeros if there
// is none.
func (w *tileWorker) spectrum(n *Node, row int) tile.Bins {
	if n == nil {
		return tile.Bins{Re: zeros, Im: zeros}
	}
	return w.spectrumOf(n.Data, row)
}

func (w *tileWorker) spectrumOf(data []float32, row int) (b tile.Bins) {
	stride := w.f.Width(w.D)
	b.Re = w.operand(data, row, w.B, stride, w.c)
	if w.f.Kind == fft.DFT {
		b.Im = w.operand(data, row, w.B, stride, w.D+w.c)
	}
	return b
}

// own returns a spectrum in scratch, as tile knows it and as fft does.
func (w *tileWorker) own(spec int) (tile.Bins, fft.Spectrum) {
	s, width := w.spec[spec], w.f.Width(tile.Cols)
	b := tile.Bins{Re: tile.Rows{Data: s, Stride: width}}
	if w.f.Kind == fft.DFT {
		b.Im = tile.Rows{Data: s[tile.Cols:], Stride: width}
	}
	return b, w.f.plane(s, 0, tile.Cols, 0)
}

// multiply multiplies the spectrum a by h + s, or by its conjugate, into dst.
func (w *tileWorker) multiply(dst, a, h, s tile.Bins, conj bool) {
	blocks(w.B, func(_, lo, hi int) {
		if w.f.Kind == fft.DFT {
			tile.ComplexMulSum(dst.From(lo), a.From(lo), h.From(lo), s.From(lo), conj, hi-lo)
		} else {
			tile.MulSum(dst.Re.From(lo), a.Re.From(lo), h.Re.From(lo), s.Re.From(lo), hi-lo)
		}
	})
}

// addConj adds conj(a) b to dst, or stores it.
func (w *tileWorker) addConj(dst, a, b tile.Bins, add bool) {
	blocks(w.B, func(_, lo, hi int) {
		switch {
		case w.f.Kind == fft.DFT:
			tile.ConjMul(dst.From(lo), a.From(lo), b.From(lo), add, hi-lo)
		case add:
			tile.MulAdd(dst.Re.From(lo), a.Re.From(lo), b.Re.From(lo), hi-lo)
		default:
			tile.Mul(dst.Re.From(lo), a.Re.From(lo), b.Re.From(lo), hi-lo)
		}
	})
}

func block(r tile.Rows) fft.Block { return fft.Block{Data: r.Data, Stride: r.Stride} }

// analyse transforms x to a spectrum in scratch; synthesise goes back.
func (w *tileWorker) analyse(spec int, x tile.Rows, adjoint bool) tile.Bins {
	b, s := w.own(spec)
	w.f.toSpectrum(w.pad*w.L, adjoint).analyse(s, block(x), w.L, tile.Cols, false, w.fft)
	return b
}

func (w *tileWorker) synthesise(x tile.Rows, spec int, adjoint, add bool) {
	_, s := w.own(spec)
	w.f.toTime(w.pad*w.L, adjoint).synthesise(block(x), s, w.L, tile.Cols, add, w.fft)
}
