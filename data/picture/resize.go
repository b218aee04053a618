package picture

import (
	"fmt"
	"math"
)

// A Box is a part of a picture: rows Y to Y+Height, columns X to X+Width.
type Box struct{ Y, X, Height, Width int }

// whole is the box that holds all of a picture.
func (p Picture) whole() Box { return Box{0, 0, p.Height, p.Width} }

// Resize writes a part of src to dst, in the size of dst, by bilinear
// interpolation between pixel centres. Where it shrinks, the triangle is as
// much wider, so that every source pixel counts and fine patterns do not turn
// into coarse ones. Nothing outside of the box counts. It panics if the box is
// empty or not inside of src, or if the channels differ.
func Resize(dst, src Picture, b Box) {
	if b.Height < 1 || b.Width < 1 || b.Y < 0 || b.X < 0 || b.Y+b.Height > src.Height || b.X+b.Width > src.Width || dst.Channels != src.Channels {
		panic(fmt.Sprintf("picture: Resize: box %+v of %d x %d x %d to %d channels", b, src.Height, src.Width, src.Channels, dst.Channels))
	}
	C := src.Channels
	if dst.Height == b.Height && dst.Width == b.Width {
		for y := range dst.Height {
			copy(dst.row(y), src.row(b.Y + y)[b.X*C:])
		}
		return
	}
	// First along rows, to [box height, width, C], then along columns.
	n := dst.Width * C
	rows := make([]float32, b.Height*n)
	across := taps(b.Width, dst.Width)
	for y := range b.Height {
		across.line(rows[y*n:(y+1)*n], src.row(b.Y + y)[b.X*C:], C)
	}
	down, sum := taps(b.Height, dst.Height), make([]float32, n)
	for y := range dst.Height {
		first, weights := down.at(y)
		clear(sum)
		for j, w := range weights {
			for i, v := range rows[(first+j)*n:][:n] {
				sum[i] += w * v
			}
		}
		d := dst.row(y)
		for i, v := range sum {
			// Weights are positive and sum to 1, but for their roundings.
			d[i] = uint8(min(v+0.5, 255))
		}
	}
}

// Fit writes all of src to dst, resized whatever the proportions of the two are.
func Fit(dst, src Picture) { Resize(dst, src, src.whole()) }

// A filter is the source pixels that make each target pixel of a line, and
// their weights.
type filter struct {
	first   []int
	weights []float32 // [targets, most]
	most    int
	count   []int
}

// at returns the first source pixel of target i, and the weights from there on.
func (f filter) at(i int) (first int, weights []float32) {
	return f.first[i], f.weights[i*f.most : i*f.most+f.count[i]]
}

// line resizes a line of pixels of C channels.
func (f filter) line(dst []float32, src []uint8, C int) {
	for x := range f.first {
		first, weights := f.at(x)
		for c := range C {
			var sum float32
			for j, w := range weights {
				sum += w * float32(src[(first+j)*C+c])
			}
			dst[x*C+c] = sum
		}
	}
}

// taps returns the filter of a line of n pixels that becomes one of m.
func taps(n, m int) filter {
	scale := float64(n) / float64(m)
	reach := max(scale, 1)
	f := filter{most: int(math.Ceil(2*reach)) + 2, first: make([]int, m), count: make([]int, m)}
	f.weights = make([]float32, m*f.most)
	for i := range m {
		centre := (float64(i) + 0.5) * scale // pixel j covers [j, j+1], its centre is j + 1/2
		lo := max(0, int(math.Floor(centre-reach)))
		hi := min(n, int(math.Ceil(centre+reach)))
		weight := func(j int) float64 { return max(0, 1-math.Abs(float64(j)+0.5-centre)/reach) }
		var sum float64
		for j := lo; j < hi; j++ {
			sum += weight(j)
		}
		f.first[i], f.count[i] = lo, hi-lo
		for j := lo; j < hi; j++ {
			f.weights[i*f.most+j-lo] = float32(weight(j) / sum)
		}
	}
	return f
}
