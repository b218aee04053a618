package autograd

import (
	"github.com/orchid-seq/orchid/internal/tile"
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
// F and F' are as in SpectralConv, with its pad. It takes 32 channels of a
// sequence at a time from p to y, so that nothing between the two is stored; the
// backward pass computes it again.
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
	want((c.H != nil || c.S != nil) && c.H != c.S && spectra(c.H, bins.Total()) && spectra(c.S, shared.Total()) && len(c.Skip.Data) == D,
		op, "h [bins, Width(D)], another s [bins of distinct lengths, Width(D)], skip [D]", c.H, c.S, c.Skip)
	want((c.U == nil) == (c.Static == nil) && (c.U == nil || c.U.Rows() == c.P.Rows() && c.U.Cols() == D) && spectra(c.Static, shared.Total()) && (c.Direct == nil || c.U != nil && len(c.Direct.Data) == D),
		op, "u [T, D], static [bins of distinct lengths, Width(D)], direct [D]", c.U, c.Static, c.Direct)
	y := t.op(op, []int{c.P.Rows(), D}, chainBack, c.P, c.Taps, c.Bias, c.H, c.S, c.Skip, c.U, c.Static, c.Direct)
	y.Attr, y.seq = spectralAttr{f, pad}, seq
	y.blind = true
	run := newChainRun(t, y)
	run.each(4, 1, func(w *tileWorker) { (&chainWorker{w, run}).forward() })
	run.release()
	return t.done(y)
}

// A chainRun is what the tiles of one pass share.
type chainRun struct {
	*tiling
	y        *Node
	shared   tensor.Offsets // of spectra of distinct lengths
	which    []int          // of them a sequence has
	taps     int
	weights  []float32 // per tile: 3 parts of [K, 32] taps
	mirrored []float32 // the same, last tap first
	rows     []float32 // per tile: 3 rows of biases, skip, direct
}

// A chainWorker is a tileWorker of a chain.
type chainWorker struct {
	*tileWorker
	run *chainRun
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

func newChainRun(t *Tape, y *Node) *chainRun {
	a := y.Attr.(spectralAttr)
	r := &chainRun{tiling: newTiling(t, a, y.seq, y.Cols()), y: y, taps: y.In[chainTaps].Shape[2]}
	lengths, which := y.seq.Lengths()
	r.shared, r.which = a.f.Bins(tensor.Pack(lengths...), a.pad), which
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

// part returns the tile of a part of p, or of its gradient.
func (w *chainWorker) part(data []float32, part int) tile.Rows {
	return w.operand(data, w.seq[w.i], w.L, 3*w.D, part*w.D+w.c)
}

// parts returns the tile of all three.
func (w *chainWorker) parts(data []float32) (p [3]tile.Rows) {
	for i := range p {
		p[i] = w.part(data, i)
	}
	return p
}

func (w *chainWorker) rowOf(which int) tile.Rows {
	return tile.Row(w.run.rows[w.run.row(which, w.c):])
}

func (w *chainWorker) weightsOf(all []float32, part int) []float32 {
	at := w.run.tap(part, w.c, 0)
	return all[at : at+w.run.taps*tile.Cols]
}

// shortRows computes the rows lo to hi of the short convolution of a part.
func (w *chainWorker) shortRows(dst, p tile.Rows, part, lo, hi int) {
	tile.Slide(dst.From(lo), w.rowOf(biasRow+part), p, w.weightsOf(w.run.weights, part), tile.Window{Before: w.run.taps - 1, End: w.L}, lo, hi)
}

// factors computes the rows lo to hi of x1 and v.
func (w *chainWorker) factors(x1, v tile.Rows, p [3]tile.Rows, lo, hi int) {
	w.shortRows(x1, p[1], 1, lo, hi)
	w.shortRows(v, p[2], 2, lo, hi)
}

// gated computes z = x1 v, with x1 and v in buffers of their own or in z.
func (w *chainWorker) gated(z, x1, v tile.Rows, p [3]tile.Rows) {
	blocks(w.L, func(_, lo, hi int) {
		w.factors(x1, v, p, lo, hi)
		tile.Mul(z.From(lo), x1.From(lo), v.From(lo), hi-lo)
	})
}

func (w *chainWorker) forward() {
	in, seq := w.run.y.In, w.seq[w.i]
	y, flush := w.result(w.run.y.Data, seq, w.L, w.D, w.c)
	sharedRow := w.run.shared[w.run.which[w.i]]
	z, c, x0 := dense(w.time[0]), dense(w.time[1]), dense(w.time[2])
	r, u := zeros, zeros
	if in[chainU] != nil {
		r, u = dense(w.time[3]), w.operand(in[chainU].Data, seq, w.L, w.D, w.c)
		static := w.spectrum(in[chainStatic], sharedRow)
		w.convolve(func(k, step, n int, s []tile.Bins) {
			w.multiply(s[0], static.Every(k, step), noBins, false, n)
		}, lane{src: u, dst: r})
	}
	p := w.parts(in[chainP].Data)
	w.gated(z, z, x0, p)
	h, static := w.spectrum(in[chainH], w.bins[w.i]), w.spectrum(in[chainS], sharedRow)
	w.convolve(func(k, step, n int, s []tile.Bins) {
		w.multiply(s[0], h.Every(k, step), static.Every(k, step), false, n)
	}, lane{src: z, dst: c})
	blocks(w.L, func(_, lo, hi int) {
		w.shortRows(x0, p[0], 0, lo, hi)
		tile.Gate(y.From(lo), x0.From(lo), c.From(lo), z.From(lo), w.rowOf(skipRow), r.From(lo), u.From(lo), w.rowOf(directRow), hi-lo)
	})
	flush()
}
