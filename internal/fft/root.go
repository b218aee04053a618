package fft

import "math"

// root returns cos and sin of 2πk/n for k >= 0, correct to a float64 rounding
// for any k and n: the angle is reduced in integers to the first octant.
func root(k, n int) (c, s float64) {
	N := int64(n)
	a := 8 * (int64(k) % N) // the angle in units of 2π/8n
	var down, left, steep bool
	if a > 4*N {
		a, down = 8*N-a, true
	}
	if a > 2*N {
		a, left = 4*N-a, true
	}
	if a > N {
		a, steep = 2*N-a, true
	}
	s, c = math.Sincos(math.Pi * float64(a) / float64(4*N))
	if steep {
		c, s = s, c
	}
	if left {
		c = -c
	}
	if down {
		s = -s
	}
	return c, s
}
