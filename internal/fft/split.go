package fft

import (
	"sync"

	"github.com/orchid-seq/orchid/internal/par"
)

// A split computes a transform of n = n1 n2 rows in two steps that each read
// and write memory once (Bailey's four-step form, the twiddles between the
// steps folded into the second): for each of n2 columns, the transform of the
// n1 rows j n2 + q; then, for each k < n1, the transform of the n2 neighbours
// that the first step left, whose outputs are the bins k + j n1. What the
// steps work on fits in L1 or L2. Both sizes are even, so that the bins k and
// n-k, which a real transform takes together, come from two blocks, i and n1-i
// (or columns q and n2-q), whole.
type split struct {
	n1, n2 int
	stride int        // rows from one block of n2 to the next
	first  *transform // of length n1
	second *transform // of length n2; its passes have tables for every k
	locals sync.Pool  // of *local
	once   sync.Once
	turned *split // with the lengths of the steps exchanged
}

// turn returns the split whose first step takes what the second one left.
func (s *split) turn() *split {
	s.once.Do(func() {
		s.turned = s
		if s.n1 != s.n2 {
			s.turned = newSplit(s.n2, s.n1)
		}
	})
	return s.turned
}

// A local is the work memory of one goroutine: two blocks to compute with, two
// for results, and as many for the second lane of Convolve and for spectra.
type local struct {
	x, y, a, b view
	more       []float32
	size       int // of a block
}

// block returns one of the blocks that only Convolve uses.
func (m *local) block(i int) view {
	if m.more == nil {
		m.more = make([]float32, 6*m.size)
	}
	return view{data: m.more[i*m.size:][:m.size], stride: TileCols}
}

// leastSplit is the length from which two steps are faster than one pass after
// the other: 4 MB of rows. Below it, passes in the order of memory gain more
// than two of them less would; it is also long enough to be worth sharing among
// threads.
const leastSplit = 32768

// divide returns the even factor n1 of n, with an even cofactor, that takes the
// fewest passes in both steps and of these the one nearest to the root of n; 0 if
// n is too short or has none near its root: with one long and one short step
// nothing is gained.
func divide(n int) (n1 int) {
	if n < leastSplit || n%4 != 0 {
		return 0
	}
	fewest := n
	for d := 2; d*d <= n; d += 2 {
		if n%(2*d) != 0 || n/d > 16*d {
			continue
		}
		r1, _ := radices(n / d)
		r2, _ := radices(d)
		if passes := len(r1) + len(r2); passes <= fewest {
			n1, fewest = n/d, passes
		}
	}
	return n1
}

func newSplit(n1, n2 int) *split {
	r1, _ := radices(n1)
	r2, _ := radices(n2)
	s := &split{n1: n1, n2: n2, stride: spaced(n2), first: newPasses(r1, 1), second: newPasses(r2, n1)}
	rows := max(s.first.rows, s.second.rows)
	s.locals.New = func() any {
		buf := make([]float32, 4*TileCols*rows)
		take := func() (v view) {
			v, buf = view{data: buf[:TileCols*rows], stride: TileCols}, buf[TileCols*rows:]
			return v
		}
		return &local{x: take(), y: take(), a: take(), b: take(), size: TileCols * rows}
	}
	return s
}

// each calls f for ranges of [0, n), n times rows of work in all, each range
// with work memory of its own.
func (s *split) each(n int, f func(lo, hi int, m *local)) {
	par.For(n, max(1, n/64), func(lo, hi int) {
		m := s.locals.Get().(*local)
		f(lo, hi, m)
		s.locals.Put(m)
	})
}

// column is where column q stands between the steps, and block the neighbours
// that the second step takes.
func (s *split) column(w view, q int) view { return w.from(q, s.stride) }
func (s *split) block(w view, k int) view  { return w.from(k*s.stride, 1) }

// apply is transform.apply.
func (s *split) apply(to, in, x, y view) view {
	if to.data == nil {
		to = x
	}
	s.each(s.n2, func(lo, hi int, m *local) {
		for q := lo; q < hi; q++ {
			s.first.apply(s.column(y, q), in.from(q, s.n2), m.x, m.y)
		}
	})
	s.each(s.n1, func(lo, hi int, m *local) {
		for k := lo; k < hi; k++ {
			s.second.applyAt(k, to.from(k, s.n1), s.block(y, k), m.x, m.y)
		}
	})
	return to
}

// A stretch is bins k, k+m, ... of which the first stands in row z of one block
// and its mirror image, bin n-k, in row y of another, whose rows run backwards.
type stretch struct {
	k, n         int
	zFrom, yFrom int
	zIn, yIn     int // 0: block i, 1: its mirror image m-i
}

// mirrored returns the stretches of block i of m, of r rows, and of its mirror
// image. The bins 0 and n/2, rows 0 and r/2 of block 0, are left out.
func mirrored(i, m, r int) []stretch {
	switch {
	case i == 0:
		return []stretch{{k: m, n: r/2 - 1, zFrom: 1, yFrom: r - 1}}
	case 2*i == m:
		return []stretch{{k: i, n: r / 2, yFrom: r - 1}}
	}
	return []stretch{{k: i, n: r / 2, yFrom: r - 1, yIn: 1}, {k: m - i, n: r / 2, yFrom: r - 1, zIn: 1}}
}

// views returns the rows of a stretch in the blocks a and b.
func (t stretch) views(a, b view) (z, y view) {
	blocks := [2]view{a, b}
	return blocks[t.zIn].from(t.zFrom, 1), blocks[t.yIn].from(t.yFrom, -1)
}

// paired says whether block i of m has a mirror image beside itself.
func paired(i, m int) bool { return i > 0 && 2*i < m }

// pair runs the second step on block i into a, and on its mirror image, if it has
// one, into b.
func (s *split) pair(w view, i int, a, b view, m *local) {
	s.second.applyAt(i, a, s.block(w, i), m.x, m.y)
	if paired(i, s.n1) {
		s.second.applyAt(s.n1-i, b, s.block(w, s.n1-i), m.x, m.y)
	}
}

// analyse runs the second step and hands its results to store, a pair of blocks
// at a time: see mirrored.
func (s *split) analyse(w view, store func(i int, a, b view)) {
	s.each(s.n1/2+1, func(lo, hi int, m *local) {
		for i := lo; i < hi; i++ {
			s.pair(w, i, m.a, m.b, m)
			store(i, m.a, m.b)
		}
	})
}

// synthesise runs the first step on pairs of columns, which load fills.
func (s *split) synthesise(w view, load func(q int, a, b view)) {
	s.each(s.n2/2+1, func(lo, hi int, m *local) {
		for q := lo; q < hi; q++ {
			load(q, m.a, m.b)
			s.first.apply(s.column(w, q), m.a, m.x, m.y)
			if paired(q, s.n2) {
				s.first.apply(s.column(w, s.n2-q), m.b, m.x, m.y)
			}
		}
	})
}

// read runs the first step of a transform of rows in time, of which those from
// rows on are zero.
func (p *Plan) read(w, src view, rows int) {
	s := p.fourier.split
	s.each(s.n2, func(lo, hi int, m *local) {
		for q := lo; q < hi; q++ {
			s.first.apply(s.column(w, q), p.column(src, rows, q, m), m.x, m.y)
		}
	})
}

// write runs the second step of s on what in returns for k and stores the
// results, the rows k, k+n1, ... in time, those below rows.
func (p *Plan) write(s *split, dst view, rows int, add bool, in func(k int) view) {
	s.each(s.n1, func(lo, hi int, m *local) {
		for k := lo; k < hi; k++ {
			switch {
			case p.kind == DCT2:
				s.second.applyAt(k, m.a, in(k), m.x, m.y)
				storeDCT2(s, dst, m.a, rows, k, add)
			case rows == p.n && !add:
				s.second.applyAt(k, dst.from(k, s.n1), in(k), m.x, m.y)
			default:
				s.second.applyAt(k, m.a, in(k), m.x, m.y)
				scaleRows(dst.from(k, s.n1), m.a, among(rows, k, s.n1), 1, add)
			}
		}
	})
}

// among returns how many of the rows k, k+step, ... lie below rows.
func among(rows, k, step int) int { return max(0, (rows-k+step-1)/step) }

// forwardSplit is forwardDFT in two steps.
func (p *Plan) forwardSplit(dst bins, src view, rows int, w Weights, ws work) {
	s, n := p.fourier.split, p.n
	p.read(ws.x, src, rows)
	s.analyse(ws.x, func(i int, a, b view) {
		if i == 0 {
			unpackDFT(dst, a, a, 1, w.Ends/2)
			half := a.from(s.n2/2, 1)
			unpackDFT(dst.from(n/2, 1), half, half, 1, w.Ends/2)
		}
		for _, t := range mirrored(i, s.n1, s.n2) {
			z, y := t.views(a, b)
			unpackDFT(dst.from(t.k, s.n1), z, y, t.n, w.Inner/2)
		}
	})
}

// column returns column q of the rows, those from rows on zero, in the order in
// which the transform takes them.
func (p *Plan) column(src view, rows, q int, m *local) view {
	s, n := p.fourier.split, p.n
	if p.kind == DFT {
		if rows == n {
			return src.from(q, s.n2)
		}
		some := among(rows, q, s.n2)
		scaleRows(m.a, src.from(q, s.n2), some, 1, false)
		clearRows(m.a.from(some, 1), s.n1-some)
		return m.a
	}
	// Row j of the reordered column is row 2j, or counted from the end an odd one.
	front, back := s.n1/2, s.n1/2
	if rows < n {
		front = min(front, among((rows+1)/2, q, s.n2))
		back = min(back, among(rows/2, s.n2-1-q, s.n2))
		clearRows(m.a.from(front, 1), s.n1-front-back)
	}
	scaleRows(m.a, src.from(2*q, 2*s.n2), front, 1, false)
	scaleRows(m.a.from(s.n1-1, -1), src.from(2*(s.n2-1-q)+1, 2*s.n2), back, 1, false)
	return m.a
}

// adjointSplit is adjointDFT in two steps.
func (p *Plan) adjointSplit(dst view, src bins, rows int, w Weights, add bool, ws work) {
	s, n := p.fourier.split, p.n
	s.synthesise(ws.x, func(q int, a, b view) {
		if q == 0 {
			scaleRows(a, src.re, 1, w.Ends, false)
			scaleRows(a.from(s.n1/2, 1), src.re.from(n/2, 1), 1, w.Ends, false)
		}
		for _, t := range mirrored(q, s.n2, s.n1) {
			z, y := t.views(a, b)
			packDFT(z, y, src.from(t.k, s.n2), t.n, w.Inner/2)
		}
	})
	p.write(s, dst, rows, add, func(k int) view { return s.block(ws.x, k) })
}

// forwardSplitDCT2 is forwardDCT2 in two steps.
func (p *Plan) forwardSplitDCT2(dst, src view, rows int, w Weights, ws work) {
	s, n := p.fourier.split, p.n
	p.read(ws.x, src, rows)
	s.analyse(ws.x, func(i int, a, b view) {
		if i == 0 {
			scaleRows(dst, a, 1, w.Ends, false)
			scaleRows(dst.from(n/2, 1), a.from(s.n2/2, 1), 1, halfBin(w), false)
		}
		for _, t := range mirrored(i, s.n1, s.n2) {
			z, y := t.views(a, b)
			unpackDCT2(dst.from(t.k, s.n1), dst.from(n-t.k, -s.n1), z, y, p.quarter[2*(t.k-1):], s.n1, t.n, w.Inner/2)
		}
	})
}

// adjointSplitDCT2 is adjointDCT2 in two steps.
func (p *Plan) adjointSplitDCT2(dst, src view, rows int, w Weights, add bool, ws work) {
	s, n := p.fourier.split, p.n
	s.synthesise(ws.x, func(q int, a, b view) {
		if q == 0 {
			scaleRows(a, src, 1, w.Ends, false)
			scaleRows(a.from(s.n1/2, 1), src.from(n/2, 1), 1, halfBin(w), false)
		}
		for _, t := range mirrored(q, s.n2, s.n1) {
			z, y := t.views(a, b)
			packDCT2(z, y, src.from(t.k, s.n2), src.from(n-t.k, -s.n2), p.quarter[2*(t.k-1):], s.n2, t.n, w.Inner/2)
		}
	})
	p.write(s, dst, rows, add, func(k int) view { return s.block(ws.x, k) })
}

// storeDCT2 puts the second step's results for k where the rows of a DCT-II lie.
func storeDCT2(s *split, dst, z view, rows, k int, add bool) {
	half := s.n2 / 2
	scaleRows(dst.from(2*k, 2*s.n1), z, min(half, among((rows+1)/2, k, s.n1)), 1, add)
	scaleRows(dst.from(2*(s.n1-1-k)+1, 2*s.n1), z.from(s.n2-1, -1), min(half, among(rows/2, s.n1-1-k, s.n1)), 1, add)
}
