// Package fft holds real Fourier and cosine transforms of any length along
// the rows of row-major matrices, vectorised across columns: one SIMD lane
// carries one pair of columns, so all loads have unit stride and nothing is
// transposed.
//
// Two groups A and B of 16 columns make one complex sequence A + iB: a tile
// of 32 real columns is one complex transform of 16 lanes. In work memory, as
// in the caller's matrix, a row of a tile is 32 floats, the real parts (A)
// first, so a whole tile is transformed straight from where it lies.
package fft

import "fmt"

// A Kind names a transform by its basis, where k is the bin and j the row.
type Kind int

// The kinds.
const (
	DFT  Kind = iota // exp(-2πi jk/n), bins 0..n/2
	DCT1             // cos(π jk/(n-1)), bins 0..n-1
	DCT2             // cos(π k(2j+1)/(2n)), bins 0..n-1
)

func (k Kind) String() string {
	switch k {
	case DFT:
		return "DFT"
	case DCT1:
		return "DCT1"
	case DCT2:
		return "DCT2"
	}
	return fmt.Sprintf("Kind(%d)", int(k))
}

// Weights multiply the bins: Ends those that are their own mirror image (DFT:
// bin 0 and, for even n, n/2; DCT2: bin 0 only; DCT1: bins 0 and n-1), Inner
// all others.
type Weights struct{ Ends, Inner float32 }

// TileCols is the number of columns that are transformed together. Columns
// half a tile apart share a complex sequence, so they share rounding errors,
// and NaNs.
const TileCols = 2 * lanes

// lanes is the number of complex sequences in a tile.
const lanes = 16

// A Block is a set of columns of a row-major matrix: element (r, c) is
// Data[r*Stride+c].
type Block struct {
	Data   []float32
	Stride int
}

// A Spectrum is a row-major matrix of bins: the real part of bin k of column c
// is Data[k*Stride+c], its imaginary part Data[k*Stride+Imag+c]. The spectra of
// DCTs are real and leave Imag unused.
type Spectrum struct {
	Data         []float32
	Stride, Imag int
}

// A Plan holds the tables of one transform. It is immutable and safe for
// concurrent use, each call with its own scratch.
type Plan struct {
	kind    Kind
	n       int
	fourier *transform
	quarter []float32 // DCT2: cos, sin of πk/2n for 0 < k < n/2
}

type planKey struct {
	kind Kind
	n    int
}

// New returns the plan for columns of n rows. The plans used last are kept, up
// to 64 MB of tables: some 10 to 20 bytes a row, or 60 where n has a prime factor
// above 13. It is safe for concurrent use, and panics if n < 1, or n < 2 for
// DCT1.
func New(kind Kind, n int) *Plan {
	if n < 1 || kind == DCT1 && n < 2 || kind < DFT || kind > DCT2 {
		panic(fmt.Sprintf("fft: no %v of %d rows", kind, n))
	}
	return plans.get(planKey{kind, n})
}

func newPlan(kind Kind, n int) *Plan {
	p := &Plan{kind: kind, n: n}
	switch kind {
	case DFT:
		p.fourier = newTransform(n)
	case DCT1:
		p.fourier = newTransform(2 * (n - 1))
	case DCT2:
		p.fourier = newTransform(n)
		p.quarter = make([]float32, 0, n)
		for k := 1; 2*k < n; k++ {
			c, s := root(k, 4*n)
			p.quarter = append(p.quarter, float32(c), float32(s))
		}
	}
	return p
}

// N returns the number of rows of a column.
func (p *Plan) N() int { return p.n }

// Bins returns the number of bins of a column: n/2+1 for the DFT, n for DCTs.
func (p *Plan) Bins() int {
	if p.kind == DFT {
		return p.n/2 + 1
	}
	return p.n
}

// Scratch returns the number of floats of scratch that a call needs.
func (p *Plan) Scratch() int {
	return TileCols*p.fourier.rows*p.buffers() + p.stage()
}

// buffers returns how many columns of rows a call works in.
func (p *Plan) buffers() int {
	if p.Convolves() {
		return 1 // between the two steps
	}
	return 2
}

// stage returns the floats that stand in for the caller's rows or bins of a
// tile that is not whole.
func (p *Plan) stage() int {
	if p.kind == DFT {
		return 2 * TileCols * p.Bins()
	}
	return TileCols * p.n
}

// work is the scratch of a call, cut up.
type work struct{ x, y, stage view }

func (p *Plan) cut(scratch []float32) work {
	take := func(n int) view {
		v := view{data: scratch[:n:n], stride: TileCols}
		scratch = scratch[n:]
		return v
	}
	size := TileCols * p.fourier.rows
	w := work{x: take(size)}
	if p.buffers() > 1 {
		w.y = take(size)
	}
	w.stage = take(p.stage())
	return w
}

// Forward computes, for every bin k and c < cols,
//
//	X[k, c] = w[k] * Σ_{j < rows} basis(k, j) * x[j, c]
//
// into dst, or adds it to dst if add is set. Rows from rows to n count as
// zero. dst and src must not overlap; scratch holds at least Scratch() floats
// of any content. Tiles start at column 0, 32, ...; of w < 32 columns in the
// last, the first (w+1)/2 are group A. A tile's result depends, bit for bit,
// on its values, rows and w alone. It panics if a slice or a stride is too
// small, rows > n or cols < 1.
func (p *Plan) Forward(dst Spectrum, src Block, rows, cols int, w Weights, add bool, scratch []float32) {
	p.check("Forward", dst, src, rows, cols, scratch)
	ws := p.cut(scratch)
	for c := 0; c < cols; c += TileCols {
		width := min(TileCols, cols-c)
		in, out := src.tile(c), dst.tile(c)
		if width == TileCols && !add {
			p.forward(out, in, rows, w, ws)
			continue
		}
		dense, staged := p.staged(ws.stage)
		if width < TileCols {
			gather(dense, in, rows, width)
			in = dense
		}
		p.forward(staged, in, rows, w, ws)
		scatter(out.re, staged.re, p.Bins(), width, add)
		if p.kind == DFT {
			scatter(out.im, staged.im, p.Bins(), width, add)
		}
	}
}

// Adjoint computes, for every j < rows and c < cols,
//
//	x[j, c] = Σ_k w[k] * Re(conj(basis(k, j)) * X[k, c])
//
// into dst, or adds it to dst if add is set. It is the transpose of Forward as
// a real linear map; the imaginary parts of the DFT's bins 0 and n/2 have no
// effect. The other arguments are those of Forward.
func (p *Plan) Adjoint(dst Block, src Spectrum, rows, cols int, w Weights, add bool, scratch []float32) {
	p.check("Adjoint", src, dst, rows, cols, scratch)
	ws := p.cut(scratch)
	for c := 0; c < cols; c += TileCols {
		width := min(TileCols, cols-c)
		in, out := src.tile(c), dst.tile(c)
		if width == TileCols {
			p.adjoint(out, in, rows, w, add, ws)
			continue
		}
		dense, staged := p.staged(ws.stage)
		gather(staged.re, in.re, p.Bins(), width)
		if p.kind == DFT {
			gather(staged.im, in.im, p.Bins(), width)
		}
		p.adjoint(dense, staged, rows, w, false, ws)
		scatter(out, dense, rows, width, add)
	}
}

func (p *Plan) forward(dst bins, src view, rows int, w Weights, ws work) {
	switch p.kind {
	case DFT:
		p.forwardDFT(dst, src, rows, w, ws)
	case DCT1:
		p.cosine1(dst.re, src, rows, p.n, Weights{1, 1}, w, false, ws)
	case DCT2:
		p.forwardDCT2(dst.re, src, rows, w, ws)
	}
}

func (p *Plan) adjoint(dst view, src bins, rows int, w Weights, add bool, ws work) {
	switch p.kind {
	case DFT:
		p.adjointDFT(dst, src, rows, w, add, ws)
	case DCT1:
		p.cosine1(dst, src.re, p.n, rows, w, Weights{1, 1}, add, ws)
	case DCT2:
		p.adjointDCT2(dst, src.re, rows, w, add, ws)
	}
}

// staged lays a tile of rows and a tile of bins over the stage, which holds
// one of them at a time.
func (p *Plan) staged(stage view) (view, bins) {
	if p.kind == DFT {
		return stage, Spectrum{stage.data, 2 * TileCols, TileCols}.tile(0)
	}
	return stage, bins{re: stage}
}

func (b Block) tile(c int) view { return view{b.Data, c, b.Stride} }

func (s Spectrum) tile(c int) bins {
	return bins{re: view{s.Data, c, s.Stride}, im: view{s.Data, c + s.Imag, s.Stride}}
}

func (p *Plan) check(op string, s Spectrum, b Block, rows, cols int, scratch []float32) {
	fail := func(what string, got, want int) {
		panic(fmt.Sprintf("fft: %s of %v, n=%d rows=%d cols=%d: %s is %d, want %d",
			op, p.kind, p.n, rows, cols, what, got, want))
	}
	last := (p.Bins() - 1) * s.Stride
	end := last + cols
	if p.kind == DFT {
		end += s.Imag
	}
	switch {
	case cols < 1:
		fail("cols", cols, 1)
	case rows < 0 || rows > p.n:
		fail("rows", rows, p.n)
	case rows > 1 && b.Stride < cols:
		fail("Block.Stride", b.Stride, cols)
	case rows > 0 && len(b.Data) < (rows-1)*b.Stride+cols:
		fail("len(Block.Data)", len(b.Data), (rows-1)*b.Stride+cols)
	case p.Bins() > 1 && s.Stride < cols:
		fail("Spectrum.Stride", s.Stride, cols)
	case p.kind == DFT && s.Imag < cols:
		fail("Spectrum.Imag", s.Imag, cols)
	case len(s.Data) < end:
		fail("len(Spectrum.Data)", len(s.Data), end)
	case len(scratch) < p.Scratch():
		fail("len(scratch)", len(scratch), p.Scratch())
	}
	if p.kind == DFT && s.Imag < last+cols {
		// Imaginary parts lie between the real parts of two bins.
		if gap := s.Imag % s.Stride; gap < cols || gap > s.Stride-cols {
			fail("Spectrum.Imag modulo Stride", gap, cols)
		}
	}
}
