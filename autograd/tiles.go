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
	longest   int  // rows of the longest sequence
	long      bool // whether every sequence is worth sharing among threads
}

func newTiling(t *Tape, a spectralAttr, seq tensor.Offsets, D int) *tiling {
	r := &tiling{
		t: t, f: a.f, pad: a.pad, seq: seq, bins: a.f.Bins(seq, a.pad), D: D,
		tiles: (D + tile.Cols - 1) / tile.Cols, longest: seq.MaxLen(), long: true,
	}
	for i := range seq.Count() {
		r.long = r.long && fft.New(a.f.Kind, a.pad*seq.Len(i)).Convolves()
	}
	return r
}

// each calls f for every tile of every sequence, some at the same time, with a
// worker that has scratch for so many tiles of rows and for convolve of so many
// lanes.
func (r *tiling) each(times, lanes int, f func(w *tileWorker)) {
	transforms := r.convolution(lanes)
	par.For(r.seq.Count()*r.tiles, r.grain(r.seq.Count()*r.tiles), func(lo, hi int) {
		w := r.worker(times, transforms)
		for u := lo; u < hi; u++ {
			w.place(u/r.tiles, u%r.tiles)
			f(w)
			w.leave()
		}
		w.release()
	})
}

// grain is how many of n tiles one goroutine takes: of short sequences several,
// some 1,024 rows. Those of long ones are worked on one after the other by all
// threads together: the scratch of one tile fills the cache.
func (r *tiling) grain(n int) int {
	if r.long {
		return n
	}
	return max(1, 1024/r.longest)
}

// A tileWorker works on one tile of one sequence at a time.
type tileWorker struct {
	*tiling
	time    [][]float32 // scratch [L, 32]
	fft     []float32   // scratch for spectra and for transforms
	staged  [][]float32 // copies of operands of a tile that is not whole
	i, tile int
	c, w    int // first column, columns
	L, B    int // rows, bins
}

// worker returns a worker with scratch for so many tiles of rows, and some for
// transforms.
func (r *tiling) worker(times, transforms int) *tileWorker {
	w := &tileWorker{tiling: r, fft: r.t.pool.Get(transforms)}
	for range times { // one by one, of a size that many ask for
		w.time = append(w.time, r.t.pool.Get(r.longest*tile.Cols))
	}
	return w
}

// convolution returns the scratch that convolve needs of a worker.
func (r *tiling) convolution(lanes int) int {
	most := 0
	for i := range r.seq.Count() {
		plan := fft.New(r.f.Kind, r.pad*r.seq.Len(i))
		if !plan.Convolves() { // else it takes its own
			most = max(most, lanes*plan.Bins()*r.f.Width(tile.Cols)+plan.Scratch())
		}
	}
	return most
}

func (w *tileWorker) release() {
	w.t.pool.Put(w.fft)
	for _, b := range w.time {
		w.t.pool.Put(b)
	}
}

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

// noBins are the bins of a kernel that is missing.
var noBins = tile.Bins{Re: zeros, Im: zeros}

func filled(n int, v float32) []float32 {
	x := make([]float32, n)
	vec.Fill(x, v)
	return x
}

// rowChunk is how many rows of a tile are worked on together, rowBlock how many
// of these stay in L2 from one loop to the next.
const rowChunk, rowBlock = 4096, 512

// blocks calls f on ranges of n rows that stay in L2, those of different chunks
// at the same time.
func blocks(n int, f func(chunk, lo, hi int)) {
	par.For(n, rowChunk, func(lo, hi int) {
		for at := lo; at < hi; at += rowBlock {
			f(lo/rowChunk, at, min(at+rowBlock, hi))
		}
	})
}

// chunks is the number of chunks of blocks.
func chunks(n int) int { return (n + rowChunk - 1) / rowChunk }

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
		return noBins
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
	size := w.B * w.f.Width(tile.Cols)
	s := w.f.plane(w.fft[spec*size:(spec+1)*size], 0, tile.Cols, 0)
	return w.binsOf(s), s
}

// binsOf returns what tile calls a spectrum of fft.
func (w *tileWorker) binsOf(s fft.Spectrum) tile.Bins {
	b := tile.Bins{Re: tile.Rows{Data: s.Data, Stride: s.Stride}}
	if w.f.Kind == fft.DFT {
		b.Im = tile.Rows{Data: s.Data[s.Imag:], Stride: s.Stride}
	}
	return b
}

// multiply multiplies n bins by h + s, or by its conjugate, in place.
func (w *tileWorker) multiply(a, h, s tile.Bins, conj bool, n int) {
	if w.f.Kind == fft.DFT {
		tile.ComplexMulSum(a, a, h, s, conj, n)
	} else {
		tile.MulSum(a.Re, a.Re, h.Re, s.Re, n)
	}
}

// addConj adds conj(a) b to n bins of dst, or stores it.
func (w *tileWorker) addConj(dst, a, b tile.Bins, add bool, n int) {
	switch {
	case w.f.Kind == fft.DFT:
		tile.ConjMul(dst, a, b, add, n)
	case add:
		tile.MulAdd(dst.Re, a.Re, b.Re, n)
	default:
		tile.Mul(dst.Re, a.Re, b.Re, n)
	}
}

// spectrumResult returns the tile of a spectrum that will be written; flush
// writes a copy back.
func (w *tileWorker) spectrumResult(data []float32, row int) (b tile.Bins, flush func()) {
	stride := w.f.Width(w.D)
	re, flushRe := w.result(data, row, w.B, stride, w.c)
	if w.f.Kind != fft.DFT {
		return tile.Bins{Re: re}, flushRe
	}
	im, flushIm := w.result(data, row, w.B, stride, w.D+w.c)
	return tile.Bins{Re: re, Im: im}, func() {
		flushRe()
		flushIm()
	}
}

// A lane is a tile that convolve takes to its spectrum and back.
type lane struct {
	src, dst  tile.Rows // dst without Data: not back
	adjoint   bool      // there by the adjoint of the way back
	transpose bool      // back by the adjoint of the way there
	add       bool      // to dst
}

// convolve runs f on the spectra of one or two lanes: bins k, k+step, ..., n of
// them, possibly at the same time for different ones.
func (w *tileWorker) convolve(f func(k, step, n int, s []tile.Bins), lanes ...lane) {
	size := w.pad * w.L
	plan := fft.New(w.f.Kind, size)
	if !plan.Convolves() {
		var s [2]tile.Bins
		for j, l := range lanes {
			s[j] = w.analyse(j, len(lanes), l.src, l.adjoint)
		}
		blocks(w.B, func(_, lo, hi int) {
			some := [2]tile.Bins{s[0].From(lo)}
			if len(lanes) > 1 {
				some[1] = s[1].From(lo)
			}
			f(lo, 1, hi-lo, some[:len(lanes)])
		})
		for j, l := range lanes {
			if l.dst.Data != nil {
				w.synthesise(l.dst, j, len(lanes), l.transpose, l.add)
			}
		}
		return
	}
	var fl [2]fft.Lane
	for j, l := range lanes {
		fl[j] = fft.Lane{Src: block(l.src), Dst: block(l.dst), In: w.f.toSpectrum(size, l.adjoint).weights, Out: w.f.toTime(size, l.transpose).weights, Add: l.add, Scratch: w.t.pool.Get(plan.LaneScratch())}
	}
	plan.Convolve(fl[:len(lanes)], w.L, func(k, step, n int, s []fft.Spectrum) {
		var bins [2]tile.Bins
		for j := range s {
			bins[j] = w.binsOf(s[j])
		}
		f(k, step, n, bins[:len(s)])
	})
	for _, l := range fl[:len(lanes)] {
		w.t.pool.Put(l.Scratch)
	}
}

func block(r tile.Rows) fft.Block { return fft.Block{Data: r.Data, Stride: r.Stride} }

// analyse transforms x to one of so many spectra in scratch; synthesise goes
// back.
func (w *tileWorker) analyse(spec, specs int, x tile.Rows, adjoint bool) tile.Bins {
	b, s := w.own(spec)
	w.f.toSpectrum(w.pad*w.L, adjoint).analyse(s, block(x), w.L, tile.Cols, false, w.after(specs))
	return b
}

func (w *tileWorker) synthesise(x tile.Rows, spec, specs int, adjoint, add bool) {
	_, s := w.own(spec)
	w.f.toTime(w.pad*w.L, adjoint).synthesise(block(x), s, w.L, tile.Cols, add, w.after(specs))
}

// after returns the scratch behind so many spectra.
func (w *tileWorker) after(specs int) []float32 { return w.fft[specs*w.B*w.f.Width(tile.Cols):] }
