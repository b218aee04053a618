package autograd

import (
	"github.com/orchid-seq/orchid/internal/fft"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/tile"
	"github.com/orchid-seq/orchid/internal/vec"
	"github.com/orchid-seq/orchid/tensor"
)

// A ChainOperands lists the operands of Chain. Spectra are as in SpectralConv.
type ChainOperands struct {
	P                 *Node // [T, 3 D]: last gate, first gate, value
	Taps, Bias        *Node // of the short convolution [3 D, 1, K], [3 D]
	H, S, Skip        *Node // kernels of each sequence and of each length, skip [D]; H or S may be nil
	U, Static, Direct *Node // the residual's input [T, D], its kernels of each length and its skip [D] or nil; or all nil
}

// chainOps are the places of the operands in Node.In.
const (
	chainP = iota
	chainTaps
	chainBias
	chainH
	chainS
	chainSkip
	chainU
	chainStatic
	chainDirect
)

// Chain is the Orchid operator between its two linear layers (paper, section
// 3.3), with the residual long convolution of the raw input:
//
//	x0, x1, v = Conv(p; taps, bias), causal, D columns each
//	z = x1 v
//	y = x0 (F'( F(z) (s + h) ) + skip z) + F'( F(u) static ) + direct u
//
// F and F' are as in SpectralConv, with its pad. It takes 32 channels of a sequence at a time from p to y, so that nothing
// between the two is stored; the backward pass computes it again.
func (t *Tape) Chain(c ChainOperands, seq tensor.Offsets, f Transform, pad int) *Node {
	const op = "chain"
	wantSeq(op, c.P, seq)
	D := c.P.Cols() / 3
	bins := f.Bins(seq, pad)
	lengths, _ := seq.Lengths()
	shared := f.Bins(tensor.Pack(lengths...), pad)
	spectra := func(n *Node, rows int) bool { return n == nil || len(n.Data) == rows*f.Width(D) }
	want(c.P.Cols() == 3*D && len(c.Taps.Shape) == 3 && c.Taps.Shape[0] == 3*D && c.Taps.Shape[1] == 1 && len(c.Bias.Data) == 3*D,
		op, "p [T, 3 D], taps [3 D, 1, K], bias [3 D]", c.P, c.Taps, c.Bias)
	want((c.H != nil || c.S != nil) && spectra(c.H, bins.Total()) && spectra(c.S, shared.Total()) && len(c.Skip.Data) == D,
		op, "h [bins, Width(D)], s [bins of distinct lengths, Width(D)], skip [D]", c.H, c.S, c.Skip)
	want((c.U == nil) == (c.Static == nil) && (c.U == nil || c.U.Rows() == c.P.Rows() && c.U.Cols() == D) && spectra(c.Static, shared.Total()) && (c.Direct == nil || c.U != nil && len(c.Direct.Data) == D),
		op, "u [T, D], static [bins of distinct lengths, Width(D)], direct [D]", c.U, c.Static, c.Direct)
	y := t.op(op, []int{c.P.Rows(), D}, chainBack, c.P, c.Taps, c.Bias, c.H, c.S, c.Skip, c.U, c.Static, c.Direct)
	y.Attr, y.seq = spectralAttr{f, pad}, seq
	run := newChainRun(t, y)
	par.For(seq.Count()*run.tiles, 1, func(lo, hi int) {
		w := run.worker(3, 1)
		for u := lo; u < hi; u++ {
			w.place(u/run.tiles, u%run.tiles)
			w.forward()
		}
		w.release()
	})
	run.release()
	return t.done(y)
}

// A chainRun is what the tiles of one pass share.
type chainRun struct {
	t                    *Tape
	y                    *Node
	f                    Transform
	pad                  int
	seq, bins, shared    tensor.Offsets
	which                []int
	D, taps, tiles, plan int
	weights              []float32 // per tile: 3 parts of [K, 32] taps
	mirrored             []float32 // the same, last tap first
	rows                 []float32 // per tile: 3 rows of biases, skip, direct
}

// Rows of chainRun.rows.
const (
	biasRow = iota // three of them
	_
	_
	skipRow
	directRow
	chainRows
)

var zeros, one = tile.Row(make([]float32, tile.Cols)), tile.Row(filled(tile.Cols, 1))

func filled(n int, v float32) []float32 {
	x := make([]float32, n)
	vec.Fill(x, v)
	return x
}

func newChainRun(t *Tape, y *Node) *chainRun {
	a := y.Attr.(spectralAttr)
	f := a.f
	r := &chainRun{t: t, y: y, f: f, pad: a.pad, seq: y.seq, bins: f.Bins(y.seq, a.pad), D: y.Cols()}
	lengths, which := y.seq.Lengths()
	r.shared, r.which = f.Bins(tensor.Pack(lengths...), a.pad), which
	r.taps = y.In[chainTaps].Shape[2]
	r.tiles = (r.D + tile.Cols - 1) / tile.Cols
	r.plan = f.planScratch(y.seq, a.pad)
	r.weights = t.pool.Zeros(r.tiles * 3 * r.taps * tile.Cols)
	r.mirrored = t.pool.Zeros(len(r.weights))
	r.rows = t.pool.Zeros(r.tiles * chainRows * tile.Cols)
	w := y.In[chainTaps].Data
	for part := range 3 {
		for c := range r.D {
			for k := range r.taps {
				v := w[(part*r.D+c)*r.taps+k]
				r.weights[r.tap(part, c, k)] = v
				r.mirrored[r.tap(part, c, r.taps-1-k)] = v
			}
			r.rows[r.row(biasRow+part, c)] = y.In[chainBias].Data[part*r.D+c]
		}
	}
	for c, v := range y.In[chainSkip].Data {
		r.rows[r.row(skipRow, c)] = v
	}
	if d := y.In[chainDirect]; d != nil {
		for c, v := range d.Data {
			r.rows[r.row(directRow, c)] = v
		}
	}
	return r
}

// tap is where tap k of channel c of a part stands in weights.
func (r *chainRun) tap(part, c, k int) int {
	return ((c/tile.Cols*3+part)*r.taps+k)*tile.Cols + c%tile.Cols
}

// row is where a number of channel c stands in rows.
func (r *chainRun) row(which, c int) int {
	return (c/tile.Cols*chainRows+which)*tile.Cols + c%tile.Cols
}

func (r *chainRun) release() {
	r.t.pool.Put(r.weights)
	r.t.pool.Put(r.mirrored)
	r.t.pool.Put(r.rows)
}

// A chainWorker works on one tile of one sequence at a time.
type chainWorker struct {
	*chainRun
	time    [][]float32 // scratch [L, 32]
	spec    [][]float32 // scratch for the spectrum of a tile
	fft     []float32
	buf     []float32
	staged  [][]float32 // copies of operands of a tile that is not whole
	i, tile int
	c, w    int // first column, columns
	L, B    int // rows, bins
}

func (r *chainRun) worker(times, spectra int) *chainWorker {
	w := &chainWorker{chainRun: r}
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

func (w *chainWorker) release() { w.t.pool.Put(w.buf) }

// place moves the worker to a tile of sequence i.
func (w *chainWorker) place(i, at int) {
	w.i, w.tile, w.c = i, at, at*tile.Cols
	w.w, w.L, w.B = min(tile.Cols, w.D-w.c), w.seq.Len(i), w.bins.Len(i)
}

// leave gives the copies of operands back.
func (w *chainWorker) leave() {
	for _, b := range w.staged {
		w.t.pool.Put(b)
	}
	w.staged = w.staged[:0]
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
func (w *chainWorker) operand(data []float32, row, n, stride, col int) tile.Rows {
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
func (w *chainWorker) result(data []float32, row, n, stride, col int) (r tile.Rows, flush func()) {
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

// part returns the tile of a part of p, or of its gradient.
func (w *chainWorker) part(data []float32, part int) tile.Rows {
	return w.operand(data, w.seq[w.i], w.L, 3*w.D, part*w.D+w.c)
}

// spectrum returns the tile of a spectrum that starts at row; zeros if there
// is none.
func (w *chainWorker) spectrum(n *Node, row int) tile.Bins {
	if n == nil {
		return tile.Bins{Re: zeros, Im: zeros}
	}
	return w.spectrumOf(n.Data, row)
}

func (w *chainWorker) spectrumOf(data []float32, row int) (b tile.Bins) {
	stride := w.f.Width(w.D)
	b.Re = w.operand(data, row, w.B, stride, w.c)
	if w.f.Kind == fft.DFT {
		b.Im = w.operand(data, row, w.B, stride, w.D+w.c)
	}
	return b
}

// own returns a spectrum in scratch, as tile knows it and as fft does.
func (w *chainWorker) own(spec int) (tile.Bins, fft.Spectrum) {
	s, width := w.spec[spec], w.f.Width(tile.Cols)
	b := tile.Bins{Re: tile.Rows{Data: s, Stride: width}}
	if w.f.Kind == fft.DFT {
		b.Im = tile.Rows{Data: s[tile.Cols:], Stride: width}
	}
	return b, w.f.plane(s, 0, tile.Cols, 0)
}

func (w *chainWorker) rowOf(which int) tile.Rows {
	return tile.Row(w.rows[w.row(which, w.c):])
}

func (w *chainWorker) weightsOf(all []float32, part int) []float32 {
	at := w.tap(part, w.c, 0)
	return all[at : at+w.taps*tile.Cols]
}

// shortRows computes the rows lo to hi of the short convolution of a part.
func (w *chainWorker) shortRows(dst, p tile.Rows, part, lo, hi int) {
	tile.Slide(dst.From(lo), w.rowOf(biasRow+part), p, w.weightsOf(w.weights, part), tile.Window{Before: w.taps - 1, End: w.L}, lo, hi)
}

// multiply multiplies the spectrum a by h + s, or by its conjugate, into dst.
func (w *chainWorker) multiply(dst, a, h, s tile.Bins, conj bool) {
	blocks(w.B, func(_, lo, hi int) {
		if w.f.Kind == fft.DFT {
			tile.ComplexMulSum(dst.From(lo), a.From(lo), h.From(lo), s.From(lo), conj, hi-lo)
		} else {
			tile.MulSum(dst.Re.From(lo), a.Re.From(lo), h.Re.From(lo), s.Re.From(lo), hi-lo)
		}
	})
}

// addConj adds conj(a) b to dst, or stores it.
func (w *chainWorker) addConj(dst, a, b tile.Bins, add bool) {
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
func (w *chainWorker) analyse(spec int, x tile.Rows, adjoint bool) tile.Bins {
	b, s := w.own(spec)
	w.f.toSpectrum(w.pad*w.L, adjoint).analyse(s, block(x), w.L, tile.Cols, false, w.fft)
	return b
}

func (w *chainWorker) synthesise(x tile.Rows, spec int, adjoint, add bool) {
	_, s := w.own(spec)
	w.f.toTime(w.pad*w.L, adjoint).synthesise(block(x), s, w.L, tile.Cols, add, w.fft)
}

// gated computes z = x1 v, with x1 and v in buffers of their own or in z.
func (w *chainWorker) gated(z, x1, v tile.Rows, p [3]tile.Rows) {
	blocks(w.L, func(_, lo, hi int) {
		w.shortRows(x1, p[1], 1, lo, hi)
		w.shortRows(v, p[2], 2, lo, hi)
		tile.Mul(z.From(lo), x1.From(lo), v.From(lo), hi-lo)
	})
}

// convolved computes c = F'( F(z) (s + h) ) + skip z; F(z) stays in spectrum 0
// if another one is given to work in.
func (w *chainWorker) convolved(c, z tile.Rows, h, s tile.Bins, work int) {
	Z := w.analyse(0, z, false)
	product, _ := w.own(work)
	w.multiply(product, Z, h, s, false)
	w.synthesise(c, work, false, false)
}

func (w *chainWorker) forward() {
	in, seq := w.y.In, w.seq[w.i]
	y, flush := w.result(w.y.Data, seq, w.L, w.D, w.c)
	sharedRow := w.shared[w.which[w.i]]
	residual := in[chainU] != nil
	if residual {
		u := w.operand(in[chainU].Data, seq, w.L, w.D, w.c)
		U := w.analyse(0, u, false)
		w.multiply(U, U, tile.Bins{Re: zeros, Im: zeros}, w.spectrum(in[chainStatic], sharedRow), false)
		if in[chainDirect] != nil {
			blocks(w.L, func(_, lo, hi int) { tile.Mul(y.From(lo), u.From(lo), w.rowOf(directRow), hi-lo) })
		}
		w.synthesise(y, 0, false, in[chainDirect] != nil)
	}
	var p [3]tile.Rows
	for part := range p {
		p[part] = w.part(in[chainP].Data, part)
	}
	z, c, x0 := dense(w.time[0]), dense(w.time[1]), dense(w.time[2])
	w.gated(z, z, x0, p)
	w.convolved(c, z, w.spectrum(in[chainH], w.bins[w.i]), w.spectrum(in[chainS], sharedRow), 0)
	blocks(w.L, func(_, lo, hi int) {
		n := hi - lo
		tile.MulAdd(c.From(lo), z.From(lo), w.rowOf(skipRow), n)
		w.shortRows(x0, p[0], 0, lo, hi)
		if residual {
			tile.MulAdd(y.From(lo), x0.From(lo), c.From(lo), n)
		} else {
			tile.Mul(y.From(lo), x0.From(lo), c.From(lo), n)
		}
	})
	flush()
	w.leave()
}
