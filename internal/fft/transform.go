package fft

// A transform is the complex DFT of length n of 16 lanes, unnormalised:
// Z[k] = Σ_j z[j] exp(-2πi jk/n). It is immutable.
type transform struct {
	n      int
	rows   int // that a work buffer must hold
	passes []pass
	chirp  *chirp // in place of passes
	split  *split // in place of passes
}

// A pass is one step of the Stockham form. With l the product of the radices
// before it and m that of those after it, it reads, for k < l and q < m, rows
// (k*radix+u)*m+q for u < radix and stores rows (k+l*j)*m+q for j < radix:
//
//	y[k+l*j, q] = Σ_u exp(-2πi u*j/radix) * w[k, u] * x[k, u, q],
//	w[k, u] = exp(-2πi u*k/(l*radix))
//
// so the order of the rows is natural at both ends of the sequence of passes.
//
// Between two passes, rows lie in segments of the m rows that the second pass
// reads together, and a spare row may follow each: rows at a distance of a
// power of two would fall into the same few sets of a cache.
type pass struct {
	radix, l, m int
	in          int       // rows from the start of a segment of m rows to the next, in the source
	run, out    int       // length of a segment, rows to the next, in the destination
	twiddles    []float32 // re, im of w[k, u] for k < l, 0 < u < radix
	roots       []float32 // cos, sin of 2πt/radix for t < radix
}

func newTransform(n int) *transform { return build(design(n)) }

func build(r recipe) *transform {
	if r.conv > 0 {
		c := newChirp(r.n, r.conv)
		return &transform{n: r.n, rows: c.conv.rows, chirp: c}
	}
	if r.first > 0 {
		s := newSplit(r.first, r.n/r.first)
		return &transform{n: r.n, rows: s.n1 * s.stride, split: s}
	}
	return newPasses(r.radices, 1)
}

// newPasses returns the transform with these radices; or the second step of a
// split, whose table of a pass has a part for each of n1 blocks.
func newPasses(radices []int, n1 int) *transform {
	n := 1
	for _, radix := range radices {
		n *= radix
	}
	t := &transform{n: n, rows: n}
	l, m := 1, n
	for i, radix := range radices {
		m /= radix
		p := pass{radix: radix, l: l, m: m, in: m, run: m, out: m}
		if i > 0 {
			p.in = spaced(m)
		}
		if i+1 < len(radices) {
			p.run = m / radices[i+1]
			p.out = spaced(p.run)
			t.rows = max(t.rows, n/p.run*p.out)
		}
		p.twiddles = make([]float32, 0, 2*n1*l*(radix-1))
		for block := range n1 {
			for k := range l {
				for u := 1; u < radix; u++ {
					c, s := root(u*(block+n1*k), n1*l*radix)
					p.twiddles = append(p.twiddles, float32(c), float32(-s))
				}
			}
		}
		for t := range radix {
			c, s := root(t, radix)
			p.roots = append(p.roots, float32(c), float32(s))
		}
		t.passes = append(t.passes, p)
		l *= radix
	}
	return t
}

// spaced returns the rows from one segment of run rows to the next. Short
// segments, less than half a page, do no harm and have no spare row.
func spaced(run int) int {
	if run < 16 {
		return run
	}
	return run + 1
}

// apply transforms in, which is x or lies outside of x and y, and returns
// where the result lies: to, or if that is the zero view, x, y, or, for want
// of a pass, in.
func (t *transform) apply(to, in, x, y view) view {
	switch {
	case t.chirp != nil:
		return t.chirp.apply(to, in, x, y)
	case t.split != nil:
		return t.split.apply(to, in, x, y)
	}
	return t.applyAt(0, to, in, x, y)
}

// applyAt is apply with the twiddles of a block; see newPasses.
func (t *transform) applyAt(block int, to, in, x, y view) view {
	src, dst, spare := in, y, x
	for i, p := range t.passes {
		if i == len(t.passes)-1 && to.data != nil {
			dst = to
		}
		p.twiddles = p.twiddles[2*block*p.l*(p.radix-1):]
		p.apply(dst, src)
		src, dst, spare = dst, spare, dst
	}
	if len(t.passes) == 0 && to.data != nil {
		scaleRows(to, in, 1, 1, false)
		return to
	}
	return src
}

// span returns how many rows the pass touches between the first and the last
// of its source and of its destination, these included.
func (p *pass) span() (src, dst int) {
	return (p.l*p.radix-1)*p.in + p.m, (p.l*p.radix*p.m/p.run-1)*p.out + p.run
}
