package fft

import "sync"

// A transform is the complex DFT of length n of 16 lanes, unnormalised:
// Z[k] = Σ_j z[j] exp(-2πi jk/n). It is immutable.
//
// With n = columns*rows of blocks, n1*n2, it runs in two sweeps. The first
// takes each of the n2 columns of rows j2, j2+n2, ... through the outer passes
// and leaves it in view j2, j2+n2, ... of a middle buffer; the second takes
// each of the n1 blocks of n2 adjacent rows through the inner passes; block k1
// gives the rows k1, k1+n1, ... of the result. All between lies in small
// buffers, so the large ones are read and written once. The order of rows is
// natural at both ends.
type transform struct {
	n, n1, n2    int
	outer, inner []pass
	chirp        *chirp // in place of passes, as one block
}

// A pass is one step of the Stockham form of a column or a block. With l the
// product of the radices before it and m that of those after it, it reads, for
// k < l and q < m, rows (k*radix+u)*m+q for u < radix and stores rows
// (k+l*j)*m+q for j < radix:
//
//	y[k+l*j, q] = Σ_u exp(-2πi u*j/radix) * w[k, u] * x[k, u, q]
//
// A column has w[k, u] = exp(-2πi u*k/(l*radix)). Block k1 has n1*l in place
// of l and k1+n1*k in place of k: it is that part of a pass over all n rows.
type pass struct {
	radix, l, m int
	twiddles    []float32 // re, im of w[k, u] for each block, k < l, 0 < u < radix
	roots       []float32 // cos, sin of 2πt/radix for t < radix
}

var transforms sync.Map // n -> *transform

func newTransform(n int) *transform {
	if t, ok := transforms.Load(n); ok {
		return t.(*transform)
	}
	kept, _ := transforms.LoadOrStore(n, build(design(n)))
	return kept.(*transform)
}

func build(r recipe) *transform {
	if r.conv > 0 {
		return &transform{n: r.n, n1: 1, n2: r.n, chirp: newChirp(r.n, r.conv)}
	}
	n1 := product(r.outer, 1<<len(r.outer)-1)
	return &transform{
		n: r.n, n1: n1, n2: r.n / n1,
		outer: passes(r.outer, n1, 1), inner: passes(r.inner, r.n/n1, n1),
	}
}

// passes returns the passes of each of the blocks of length n.
func passes(radices []int, n, blocks int) []pass {
	var all []pass
	l := 1
	for _, radix := range radices {
		p := pass{radix: radix, l: l, m: n / (l * radix)}
		p.twiddles = make([]float32, 0, 2*blocks*l*(radix-1))
		for block := range blocks {
			for k := range l {
				for u := 1; u < radix; u++ {
					c, s := root(u*(block+blocks*k), blocks*l*radix)
					p.twiddles = append(p.twiddles, float32(c), float32(-s))
				}
			}
		}
		for t := range radix {
			c, s := root(t, radix)
			p.roots = append(p.roots, float32(c), float32(s))
		}
		all = append(all, p)
		l *= radix
	}
	return all
}

// room returns the rows that the large work buffers must hold.
func (t *transform) room() int {
	if t.chirp != nil {
		return t.chirp.m
	}
	return t.n
}

// side returns the rows that the small work buffers must hold.
func (t *transform) side() int {
	if t.chirp != nil {
		return t.chirp.conv.side()
	}
	return max(t.n1, t.n2)
}

// apply transforms in, which may be ws.y, and returns where the result lies:
// ws.y, or ws.x for a chirp.
func (t *transform) apply(in view, ws *work) view {
	if t.chirp != nil {
		return t.chirp.apply(none, in, ws)
	}
	mid := t.columns(in, t.n, ws)
	for k := range t.n1 {
		t.block(k, ws.y.from(k, t.n1), mid, &ws.a, ws)
	}
	return ws.y
}

// columns makes the first sweep over the given rows of in, the others being
// zero, and returns where the blocks lie: in itself if all is one block.
func (t *transform) columns(in view, rows int, ws *work) view {
	if t.n1 == 1 {
		if rows < t.n {
			fill(ws.x, in, rows, t.n)
			return ws.x
		}
		return in
	}
	for j := range t.n2 {
		column := in.from(j, t.n2)
		if n := count(rows, j, t.n2); n < t.n1 {
			fill(ws.a[0], column, n, t.n1)
			column = ws.a[0]
		}
		t.column(j, column, &ws.a, ws)
	}
	return ws.x
}

// column transforms one column into the middle buffer. in may be buf[0].
func (t *transform) column(j int, in view, buf *[2]view, ws *work) {
	run(t.outer, 0, ws.x.from(j, t.n2), in, buf)
}

// block transforms block k of mid and returns where the result lies: to, or
// if that is the zero view, a place in buf or ws.
func (t *transform) block(k int, to, mid view, buf *[2]view, ws *work) view {
	if t.chirp != nil {
		return t.chirp.apply(to, mid, ws)
	}
	return run(t.inner, k, to, mid.from(k*t.n2, 1), buf)
}

// run takes in, which may be buf[0], through the passes of a block. The result
// lies in to, or if that is the zero view, in buf.
func run(passes []pass, block int, to, in view, buf *[2]view) view {
	for i := range passes {
		out := buf[1-i%2]
		if i == len(passes)-1 && to.data != nil {
			out = to
		}
		passes[i].run(out, in, block)
		in = out
	}
	if len(passes) == 0 && to.data != nil {
		scaleRows(to, in, 1, 1, false)
		return to
	}
	return in
}

// count returns how many of the first n rows are among from, from+step, ...
func count(n, from, step int) int { return max(0, (n-from+step-1)/step) }

// fill copies n rows to dst and completes them to all rows with zeros.
func fill(dst, src view, n, all int) {
	scaleRows(dst, src, n, 1, false)
	clearRows(dst.from(n, 1), all-n)
}
