package fft

import "math/bits"

// A recipe says how a complex transform of length n is computed: by one pass
// a radix, in this order; where that leaves the cache, in two steps, of which
// the first has length first; or, where a prime factor of n is too large for a
// pass, by Bluestein's convolution of length conv.
type recipe struct {
	n       int
	radices []int
	first   int
	conv    int
}

// oddRadices are the odd prime factors that have a pass, large ones first.
var oddRadices = [...]int{13, 11, 7, 5, 3}

// design returns the recipe of length n.
func design(n int) recipe {
	r, rest := radices(n)
	switch first := divide(n); {
	case rest > 1:
		return recipe{n: n, conv: smooth(2*n - 1)}
	case first > 0:
		return recipe{n: n, first: first}
	}
	return recipe{n: n, radices: r}
}

// radices returns the passes for length n and the factor that they leave.
// Powers of two end in 4·4 rather than 8·2, which costs less. Radix 16 would
// save passes, but its 16 streams fall into the same cache sets, and it
// measured slower at every length.
func radices(n int) (r []int, rest int) {
	twos := bits.TrailingZeros(uint(n))
	rest = n >> twos
	for ; twos == 3 || twos >= 5; twos -= 3 {
		r = append(r, 8)
	}
	for ; twos >= 2; twos -= 2 {
		r = append(r, 4)
	}
	for _, p := range oddRadices {
		for ; rest%p == 0; rest /= p {
			r = append(r, p)
		}
	}
	if twos == 1 {
		r = append(r, 2)
	}
	return r, rest
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
