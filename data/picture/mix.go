package picture

import (
	"fmt"
	"math"

	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/random"
)

// Mixup replaces the pictures of a batch x [n, size] by weighted means, picture i
// with picture n-1-i (Zhang et al., 2017):
//
//	x[i] = share x[i] + (1-share) x[n-1-i]
func Mixup(x []float32, n int, share float64) {
	s, rest := float32(share), float32(1-share)
	pairs(x, n, func(a, b []float32) {
		for i, v := range a {
			a[i], b[i] = s*v+rest*b[i], s*b[i]+rest*v
		}
	})
}

// CutMix exchanges a box of the pictures of a batch x [n, height, width, C]:
// picture i has that of picture n-1-i afterwards, and the reverse (Yun et al.,
// 2019). The middle one of an odd number stays.
func CutMix(x []float32, n, height, width int, b Box) {
	C := len(x) / max(1, n*height*width)
	pairs(x, n, func(p, q []float32) {
		for y := b.Y; y < b.Y+b.Height; y++ {
			lo := (y*width + b.X) * C
			for i := lo; i < lo+b.Width*C; i++ {
				p[i], q[i] = q[i], p[i]
			}
		}
	})
}

// pairs calls f on pictures i and n-1-i of a batch, i below n/2.
func pairs(x []float32, n int, f func(a, b []float32)) {
	if n < 0 || n > 0 && len(x)%n != 0 {
		panic(fmt.Sprintf("picture: %d numbers are not a batch of %d", len(x), n))
	}
	par.For(n/2, 8, func(lo, hi int) {
		size := len(x) / n
		for i := lo; i < hi; i++ {
			j := n - 1 - i
			f(x[i*size:(i+1)*size], x[j*size:(j+1)*size])
		}
	})
}

// CutBox returns the box that CutMix exchanges and the share of the picture that
// stays. The box has the proportions of the picture and 1-share of its area; its
// centre is uniform, and what lies outside of the picture is cut off.
func CutBox(height, width int, share float64, r *random.Stream) (Box, float64) {
	side := math.Sqrt(max(0, 1-share))
	h, w := int(side*float64(height)), int(side*float64(width))
	y, x := r.IntN(height), r.IntN(width)
	top, bottom := max(0, y-h/2), min(height, y-h/2+h)
	left, right := max(0, x-w/2), min(width, x-w/2+w)
	b := Box{top, left, max(0, bottom-top), max(0, right-left)}
	return b, 1 - float64(b.Height*b.Width)/float64(height*width)
}

// Share returns a number from the beta distribution with both parameters alpha:
// the share of the first of two mixed pictures.
func Share(alpha float64, r *random.Stream) float64 {
	a, b := gamma(alpha, r), gamma(alpha, r)
	if a+b == 0 { // both below the smallest number
		return 0.5
	}
	return a / (a + b)
}

// gamma returns a number from the gamma distribution (Marsaglia and Tsang, "A
// simple method for generating gamma variables", 2000).
func gamma(alpha float64, r *random.Stream) float64 {
	if alpha < 1 {
		u := 1 - r.Float64() // not 0
		return gamma(alpha+1, r) * math.Pow(u, 1/alpha)
	}
	d := alpha - 1./3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.Normal()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v *= v * v
		if math.Log(1-r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}
