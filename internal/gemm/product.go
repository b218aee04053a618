package gemm

import (
	"sync"

	"github.com/orchid-seq/orchid/internal/par"
)

// A product is one call of Mul in flight. The tiling below moves work about
// but never changes the chain of an element, so it may look at the threads.
type product struct {
	c, a, b    Matrix
	e          Epilogue
	kernel     *kernel
	packed     []float32 // b as Pack lays it out; nil if b is still to be packed
	rows, cols int       // of a rectangle of c that one goroutine computes
	first      int       // the first K block of the round
	partial    []float32 // products of the K blocks of the round, c.Rows*c.Cols each

	doRects, doBlocks, doSums func(lo, hi int) // the methods, bound once: For allocates nothing
}

var products = sync.Pool{New: func() any {
	p := new(product)
	p.doRects, p.doBlocks, p.doSums = p.rects, p.blocks, p.sums
	return p
}}

// run computes the product and gives p back.
func (p *product) run(threads int) {
	p.mul(threads)
	p.c, p.a, p.b, p.e, p.packed = Matrix{}, Matrix{}, Matrix{}, Epilogue{}, nil
	products.Put(p)
}

const (
	// serial is the number of multiplications, 64^3 or some 5 µs, below which
	// waking a worker takes longer than it helps.
	serial = 1 << 18
	// tall is the number of strips of a from which on packing b is some tenth
	// of the work or less.
	tall = 14
	// small is the size of a c that is worth splitting along K.
	small = 1 << 15
	// room is what the partial products of a round take together: 16 of them
	// at least, 2 MiB, which L2 and L3 hold until they are summed.
	room = 16 * small
)

func (p *product) mul(threads int) {
	m, n, k := p.c.Rows, p.c.Cols, p.a.Cols
	if m*n*k <= serial {
		threads = 1
	}
	switch blocks := ceilDiv(k, p.kernel.kc); {
	case k == 0:
		if !p.e.Accumulate {
			p.start(0)
		}
	case threads > 1 && m*n <= small && blocks >= 2*threads:
		p.splitK(threads, blocks)
	default:
		p.split(threads)
	}
}

// start sets the rows of c to the bias, or to zero if there is none.
func (p *product) start(zero float32) {
	for i := range p.c.Rows {
		row := p.c.Data[i*p.c.Stride:][:p.c.Cols]
		if p.e.Bias != nil {
			copy(row, p.e.Bias)
			continue
		}
		for j := range row {
			row[j] = zero
		}
	}
}

// split cuts c into rectangles, four for each thread so that a slow one is
// waited for less, or down to two to keep them tall: a rectangle packs its own
// part of b, and its rows share that cost.
func (p *product) split(threads int) {
	mr, nr := p.kernel.micro[0].rows, p.kernel.nr
	want := threads * min(max(2, p.c.Rows/(threads*tall*mr)), 4)
	if threads == 1 {
		want = 1
	}
	p.rows = ceilTo(max(ceilDiv(p.c.Rows, want), 4*mr), mr)
	down := ceilDiv(p.c.Rows, p.rows)
	p.cols = min(ceilTo(ceilDiv(p.c.Cols, ceilDiv(want, down)), nr), p.kernel.nc)
	n := down * ceilDiv(p.c.Cols, p.cols)
	if threads == 1 {
		p.rects(0, n)
	} else {
		par.For(n, 1, p.doRects)
	}
}

// rects computes the rectangles lo to hi, which count along the rows of c
// first.
func (p *product) rects(lo, hi int) {
	s := p.kernel.scratch()
	across := ceilDiv(p.c.Cols, p.cols)
	for r := lo; r < hi; r++ {
		i, j := r/across*p.rows, r%across*p.cols
		rows, cols := min(p.rows, p.c.Rows-i), min(p.cols, p.c.Cols-j)
		out := p.c.from(i, j)
		in, is := out, p.c.Stride
		if !p.e.Accumulate {
			in, is = s.none, 0
			if p.e.Bias != nil {
				in = p.e.Bias[j:]
			}
		}
		for k := 0; k < p.a.Cols; k += p.kernel.kc {
			p.block(s, i, j, k, rows, cols, in, is, out, p.c.Stride)
			in, is = out, p.c.Stride
		}
	}
	p.kernel.scratches.Put(s)
}

// splitK computes the K blocks of a small c in rounds, each block at full
// size on its own, and adds the blocks in order, just as block adds them to c.
func (p *product) splitK(threads, blocks int) {
	if !p.e.Accumulate {
		p.start(nothing)
	}
	buf := partials.Get().(*[room]float32)
	round := room / (p.c.Rows * p.c.Cols)
	for p.first = 0; p.first < blocks; p.first += round {
		n := min(round, blocks-p.first)
		p.partial = buf[:n*p.c.Rows*p.c.Cols]
		par.For(n, n/(4*threads), p.doBlocks) // in runs, for nextBlock
		par.For(p.c.Rows, 16, p.doSums)
	}
	p.partial = nil
	partials.Put(buf)
}

// blocks computes the blocks lo to hi of a round.
func (p *product) blocks(lo, hi int) {
	s := p.kernel.scratch()
	size := p.c.Rows * p.c.Cols
	for r := lo; r < hi; r++ {
		for j := 0; j < p.c.Cols; j += p.kernel.nc {
			p.block(s, 0, j, (p.first+r)*p.kernel.kc, p.c.Rows, min(p.kernel.nc, p.c.Cols-j),
				s.none, 0, p.partial[r*size+j:(r+1)*size], p.c.Cols)
		}
	}
	p.kernel.scratches.Put(s)
}

// sums adds the blocks of a round to the rows lo to hi of c.
func (p *product) sums(lo, hi int) {
	for i := lo; i < hi; i++ {
		row := p.c.Data[i*p.c.Stride:][:p.c.Cols]
		for part := i * p.c.Cols; part < len(p.partial); part += p.c.Rows * p.c.Cols {
			add(row, p.partial[part:])
		}
	}
}

// block computes one K block of a rectangle of the product,
//
//	out[i*os+j] = scale*Σ_p a[i0+i, k0+p]*b[k0+p, j0+j] + in[i*is+j]
//
// for i < rows and j < cols <= nc. A strip of a, packed or in place, stays in
// L1 while the packed strips of b stream past it out of L2.
func (p *product) block(s *scratch, i0, j0, k0, rows, cols int, in []float32, is int, out []float32, os int) {
	nr, k := p.kernel.nr, min(p.kernel.kc, p.a.Cols-k0)
	strips := s.b
	if p.packed != nil {
		strips = p.packed[k0*ceilTo(p.c.Cols, nr)+j0*k:]
	} else {
		p.kernel.pack(strips, p.b, k0, j0, k, cols)
	}
	micros := p.kernel.micro
	next := p.nextBlock(i0, j0, k0+k, rows, cols)
	for i := 0; i < rows; {
		for micros[0].rows > rows-i {
			micros = micros[1:]
		}
		m := micros[0]
		a, ars, acs := p.strip(s, i0+i, k0, m.rows, k)
		if ars != 1 && k == p.a.Cols && 2*k > ars && i+2*m.rows <= rows {
			next = ahead{now: p.a.from(i0+i+m.rows, 0)[:(m.rows-1)*ars+k]}
		}
		for j := 0; j < cols; j += nr {
			b, in, out := strips[j*k:], in[i*is+j:], out[i*os+j:]
			if w := cols - j; w >= nr {
				m.call(nr, k, a, ars, acs, b, nr, in, is, out, os, p.e.Scale, next.take(k, b))
				continue
			}
			copyRows(s.tile, nr, in, is, m.rows, cols-j)
			m.call(nr, k, a, ars, acs, b, nr, s.tile, nr, s.tile, nr, p.e.Scale, next.take(k, b))
			copyRows(out, os, s.tile, nr, m.rows, cols-j)
		}
		i += m.rows
	}
}

// copyRows is dst[i*ds+j] = src[i*ss+j] for i < rows and j < cols.
func copyRows(dst []float32, ds int, src []float32, ss, rows, cols int) {
	for i := range rows {
		copy(dst[i*ds:][:cols], src[i*ss:][:cols])
	}
}

// strip returns rows of a, k long, as a micro wants them.
func (p *product) strip(s *scratch, i, k0, rows, k int) (a []float32, ars, acs int) {
	src := p.a.from(i, k0)
	switch {
	case p.a.Trans:
		p.kernel.packCols(s.a, rows, src, p.a.Stride, k, rows)
	case p.a.Stride%conflict == 0:
		p.kernel.packRows(s.a, rows, src, p.a.Stride, k, rows)
	default:
		return src, p.a.Stride, 1
	}
	return s.a, 1, rows
}

// conflict is the stride, 2 KiB, from which on the rows of a strip fall on
// top of each other in L1: 64 sets of 64 bytes repeat every 4 KiB and have 8
// to 12 ways, for up to 14 rows and what streams by.
const conflict = 512

var partials = sync.Pool{New: func() any { return new([room]float32) }}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
func ceilTo(a, b int) int  { return ceilDiv(a, b) * b }
