package picture

import "math"

// resize returns the RGB picture src [h, w, 3] as [height, width, 3], by
// bilinear interpolation between pixel centres. Where it shrinks, the triangle
// is as much wider, so that every source pixel counts and fine patterns do not
// turn into coarse ones.
func resize(src []uint8, h, w, height, width int) []uint8 {
	if h == height && w == width {
		return src
	}
	// First along rows, to [h, width, 3], then along columns.
	rows := make([]float64, h*width*3)
	for x, tap := range taps(w, width) {
		for y := range h {
			for c := range 3 {
				var sum float64
				for j, weight := range tap.weights {
					sum += weight * float64(src[(y*w+tap.first+j)*3+c])
				}
				rows[(y*width+x)*3+c] = sum
			}
		}
	}
	dst := make([]uint8, height*width*3)
	for y, tap := range taps(h, height) {
		for i := range width * 3 {
			var sum float64
			for j, weight := range tap.weights {
				sum += weight * rows[(tap.first+j)*width*3+i]
			}
			// Weights are positive and sum to 1, so this stays below 255.5.
			dst[y*width*3+i] = uint8(sum + 0.5)
		}
	}
	return dst
}

// tap is the source pixels that make one target pixel, and their weights.
type tap struct {
	first   int
	weights []float64
}

// taps returns the tap of every target pixel of a line of n pixels that
// becomes one of m.
func taps(n, m int) []tap {
	list := make([]tap, m)
	scale := float64(n) / float64(m)
	reach := max(scale, 1)
	for i := range list {
		centre := (float64(i) + 0.5) * scale // pixel j covers [j, j+1], its centre is j + 1/2
		lo := max(0, int(math.Floor(centre-reach)))
		hi := min(n, int(math.Ceil(centre+reach)))
		list[i].first = lo
		var sum float64
		for j := lo; j < hi; j++ {
			weight := max(0, 1-math.Abs(float64(j)+0.5-centre)/reach)
			list[i].weights = append(list[i].weights, weight)
			sum += weight
		}
		for j := range list[i].weights {
			list[i].weights[j] /= sum
		}
	}
	return list
}
