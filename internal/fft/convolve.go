package fft

import "fmt"

// A Lane is one tile of 32 columns that Convolve takes to its spectrum and back.
type Lane struct {
	Src     Block
	Dst     Block   // without Data, the spectrum is not taken back; may be Src
	In, Out Weights // of the bins, as in Forward and in Adjoint
	Add     bool    // to Dst
	Scratch []float32
}

// Convolves says whether Convolve may be used: for long transforms, whose
// spectra would go through memory otherwise.
func (p *Plan) Convolves() bool { return p.fourier.split != nil && p.kind != DCT1 }

// LaneScratch returns the number of floats that a lane's Scratch must have.
func (p *Plan) LaneScratch() int { return TileCols * p.fourier.rows }

// Convolve is Forward of each lane, f, and Adjoint of each lane, without the
// spectra ever being whole: f sees the bins k, k+step, ..., n of them, of all lanes
// at once, as rows of s, may change them, and is called for every bin once,
// possibly at the same time for different ones. There are one or two lanes. Rows
// from rows to N() count as zero and are not stored. It panics as Forward does.
func (p *Plan) Convolve(lanes []Lane, rows int, f func(k, step, n int, s []Spectrum)) {
	if !p.Convolves() || len(lanes) < 1 || len(lanes) > 2 {
		panic(fmt.Sprintf("fft: Convolve of %d lanes by a %v of %d rows: want 1 or 2, and a plan that Convolves", len(lanes), p.kind, p.n))
	}
	s := p.fourier.split
	t := s.turn()
	works, blocks := make([]view, len(lanes)), make([]view, len(lanes))
	for j, l := range lanes {
		p.checkLane(l, rows)
		works[j] = view{data: l.Scratch, stride: TileCols}
		blocks[j] = l.Src.tile(0)
	}
	for j := range lanes {
		p.read(works[j], blocks[j], rows)
	}
	// The second step of the way there and the first one back work on the same
	// blocks, in place.
	s.each(s.n1/2+1, func(lo, hi int, m *local) {
		mid := middle{p: p, lanes: lanes, f: f}
		for j := range lanes {
			mid.a[j], mid.b[j] = m.a, m.b
			if j > 0 {
				mid.a[j], mid.b[j] = m.block(0), m.block(1)
			}
			mid.lo[j], mid.hi[j] = m.block(2+2*j), m.block(3+2*j)
		}
		for i := lo; i < hi; i++ {
			for j := range lanes {
				s.pair(works[j], i, mid.a[j], mid.b[j], m)
			}
			mid.block(i)
			for j, l := range lanes {
				if l.Dst.Data == nil {
					continue
				}
				t.first.apply(s.block(works[j], i), mid.a[j], m.x, m.y)
				if paired(i, s.n1) {
					t.first.apply(s.block(works[j], s.n1-i), mid.b[j], m.x, m.y)
				}
			}
		}
	})
	for j, l := range lanes {
		if l.Dst.Data == nil {
			continue
		}
		p.write(t, l.Dst.tile(0), rows, l.Add, func(k int) view { return works[j].from(k, s.stride) })
	}
}

func (p *Plan) checkLane(l Lane, rows int) {
	if len(l.Scratch) < p.LaneScratch() {
		panic(fmt.Sprintf("fft: Convolve: %d floats of scratch, want %d", len(l.Scratch), p.LaneScratch()))
	}
	for _, b := range []Block{l.Src, l.Dst} {
		if b.Data != nil && (b.Stride < TileCols || len(b.Data) < (rows-1)*b.Stride+TileCols) || rows < 1 || rows > p.n {
			panic("fft: Convolve: rows or Block too short")
		}
	}
}

// middle is what one goroutine does between the steps: blocks to bins, f, and
// back.
type middle struct {
	p            *Plan
	lanes        []Lane
	f            func(k, step, n int, s []Spectrum)
	a, b, lo, hi [2]view
}

// spectrum returns the bins in a block: of the DFT re and im in rows of 64.
func (m *middle) spectrum(v view) Spectrum {
	if m.p.kind == DFT {
		return Spectrum{Data: v.data, Stride: 2 * TileCols, Imag: TileCols}
	}
	return Spectrum{Data: v.data, Stride: TileCols}
}

// call runs f on n bins of all lanes that stand in blocks v.
func (m *middle) call(k, step, n int, v *[2]view) {
	var s [2]Spectrum
	for j := range m.lanes {
		s[j] = m.spectrum(v[j])
	}
	m.f(k, step, n, s[:len(m.lanes)])
}

func (m *middle) block(i int) {
	s := m.p.fourier.split
	if i == 0 {
		ends := func(w Weights) float32 { return w.Ends }
		m.single(0, 0, ends)
		if m.p.kind == DCT2 {
			ends = halfBin
		}
		m.single(m.p.n/2, s.n2/2, ends)
	}
	for _, t := range mirrored(i, s.n1, s.n2) {
		if t.n < 1 {
			continue
		}
		for j, l := range m.lanes {
			z, y := t.views(m.a[j], m.b[j])
			if m.p.kind == DFT {
				unpackDFT(m.spectrum(m.lo[j]).tile(0), z, y, t.n, l.In.Inner/2)
			} else {
				unpackDCT2(m.lo[j], m.hi[j].from(t.n-1, -1), z, y, m.p.quarter[2*(t.k-1):], s.n1, t.n, l.In.Inner/2)
			}
		}
		m.call(t.k, s.n1, t.n, &m.lo)
		if m.p.kind == DCT2 { // the mirror images, from the last on
			m.call(m.p.n-t.k-(t.n-1)*s.n1, s.n1, t.n, &m.hi)
		}
		for j, l := range m.lanes {
			z, y := t.views(m.a[j], m.b[j])
			if m.p.kind == DFT {
				packDFT(z, y, m.spectrum(m.lo[j]).tile(0), t.n, l.Out.Inner/2)
			} else {
				packDCT2(z, y, m.lo[j], m.hi[j].from(t.n-1, -1), m.p.quarter[2*(t.k-1):], s.n1, t.n, l.Out.Inner/2)
			}
		}
	}
}

// single does a bin that is its own mirror image, in a row of block 0.
func (m *middle) single(k, row int, weight func(Weights) float32) {
	for j, l := range m.lanes {
		z := m.a[j].from(row, 1)
		if m.p.kind == DFT {
			unpackDFT(m.spectrum(m.lo[j]).tile(0), z, z, 1, weight(l.In)/2)
		} else {
			scaleRows(m.lo[j], z, 1, weight(l.In), false)
		}
	}
	m.call(k, 1, 1, &m.lo)
	for j, l := range m.lanes {
		scaleRows(m.a[j].from(row, 1), m.lo[j], 1, weight(l.Out), false)
	}
}
