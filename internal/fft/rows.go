package fft

import "fmt"

// A view is some rows of a tile: row i is the 32 floats from
// data[at+i*stride]. The stride may be negative, to walk a tile from its end.
type view struct {
	data       []float32
	at, stride int
}

// bins is a tile of a spectrum; im is unused by DCTs.
type bins struct{ re, im view }

// none is the view of nothing.
var none view

func (v view) row(i int) *[TileCols]float32 {
	return (*[TileCols]float32)(v.data[v.at+i*v.stride:])
}

// from returns the rows from, from+step, ... of v.
func (v view) from(from, step int) view {
	return view{v.data, v.at + from*v.stride, step * v.stride}
}

// same says that v and w start at the same place.
func (v view) same(w view) bool { return &v.data[v.at] == &w.data[w.at] }

func (b bins) from(from, step int) bins {
	return bins{b.re.from(from, step), b.im.from(from, step)}
}

// base returns the address of row 0 after checking that rows 0 to n-1 lie
// within data. It is the door to assembly.
func (v view) base(n int) *float32 {
	last := v.at + (n-1)*v.stride
	if n < 1 || min(v.at, last) < 0 || max(v.at, last)+TileCols > len(v.data) {
		panic(fmt.Sprintf("fft: rows [0, %d) from %d by %d leave %d floats", n, v.at, v.stride, len(v.data)))
	}
	return &v.data[v.at]
}

// halves returns how many of width columns belong to group A; the others
// belong to B.
func halves(width int) int { return (width + 1) / 2 }

// gather copies n rows of width < 32 columns to a whole tile: the first half
// to group A, the rest to B, zero to the lanes left over.
func gather(dst, src view, n, width int) {
	a := halves(width)
	for i := range n {
		d := dst.row(i)
		s := src.data[src.at+i*src.stride:][:width]
		clear(d[copy(d[:lanes], s[:a]):lanes])
		clear(d[lanes+copy(d[lanes:], s[a:]):])
	}
}

// scatter is the way back of gather for width <= 32. If add is set it adds.
func scatter(dst, src view, n, width int, add bool) {
	if width == TileCols && add {
		scaleRows(dst, src, n, 1, true)
		return
	}
	a := halves(width)
	for i := range n {
		d := dst.data[dst.at+i*dst.stride:][:width]
		s := src.row(i)
		if !add {
			copy(d[:a], s[:])
			copy(d[a:], s[lanes:])
			continue
		}
		for c := range a {
			d[c] += s[c]
		}
		for c := range width - a {
			d[a+c] += s[lanes+c]
		}
	}
}

// clearRows stores zeros in n rows.
func clearRows(dst view, n int) {
	for i := range n {
		*dst.row(i) = [TileCols]float32{}
	}
}
