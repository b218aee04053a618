package fft

import "math/bits"

// A recipe says how a complex transform of length n is computed: as columns of
// the product of the radices of outer, then as blocks of the product of those
// of inner, one pass a radix, in this order; or, where a prime factor of n is
// too large for a pass, by Bluestein's convolution of length conv.
type recipe struct {
	n            int
	outer, inner []int
	conv         int
}

// flat is the longest transform that is one block: two work buffers of 128
// bytes a row then fill a 32 KiB first-level cache.
var flat = 128

// oddRadices are the odd prime factors that have a pass.
var oddRadices = []int{3, 5, 7, 11, 13}

// design returns the recipe of length n.
func design(n int) recipe {
	r := radices(n)
	if r == nil && n > 1 {
		return recipe{n: n, conv: smooth(2*n - 1)}
	}
	if n <= flat {
		return recipe{n: n, inner: r}
	}
	// The outer part that comes nearest to √n from below: both then fit the
	// smallest cache that they can fit.
	best, mask := 1, 0
	for m := range 1 << len(r) {
		if p := product(r, m); p > best && p*p <= n {
			best, mask = p, m
		}
	}
	d := recipe{n: n}
	for i, radix := range r {
		if mask>>i&1 == 1 {
			d.outer = append(d.outer, radix)
		} else {
			d.inner = append(d.inner, radix)
		}
	}
	return d
}

// product multiplies the radices whose bits are set in mask.
func product(r []int, mask int) int {
	p := 1
	for ; mask != 0; mask &= mask - 1 {
		p *= r[bits.TrailingZeros(uint(mask))]
	}
	return p
}

// radices returns the radices of length n, large ones first, where runs are
// longest, or nil if n has a prime factor that has no pass. Powers of two end
// in 4·4 rather than 8·2, which costs less.
func radices(n int) []int {
	twos := bits.TrailingZeros(uint(n))
	rest := n >> twos
	var r []int
	for ; twos == 3 || twos >= 5; twos -= 3 {
		r = append(r, 8)
	}
	for ; twos >= 2; twos -= 2 {
		r = append(r, 4)
	}
	for i := len(oddRadices) - 1; i >= 0; i-- {
		for p := oddRadices[i]; rest%p == 0; rest /= p {
			r = append(r, p)
		}
	}
	if twos == 1 {
		r = append(r, 2)
	}
	if rest > 1 {
		return nil
	}
	return r
}

// smooth returns the smallest 2^a 3^b 5^c >= n with a >= 2.
func smooth(n int) int {
	best := 4
	for best < n {
		best *= 2
	}
	for five := 4; five < best; five *= 5 {
		for three := five; three < best; three *= 3 {
			m := three
			for m < n {
				m *= 2
			}
			best = min(best, m)
		}
	}
	return best
}
