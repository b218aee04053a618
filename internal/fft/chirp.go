package fft

// A chirp computes a transform of any length n as a cyclic convolution of
// length m >= 2n-1 (Bluestein): with b[j] = exp(πi j²/n),
//
//	Z[k] = conj(b[k]) * Σ_j (z[j] * conj(b[j])) * b[k-j]
type chirp struct {
	n, m     int
	conv     *transform
	factors  []float32 // re, im of conj(b[j])
	spectrum []float32 // re, im of the DFT of b, over m
}

func newChirp(n, m int) *chirp {
	c := &chirp{n: n, m: m, conv: newTransform(m)}
	b := make([]complex128, m)
	for j := range n {
		// b has period 2n in j².
		cos, sin := root(int(int64(j)*int64(j)%int64(2*n)), 2*n)
		c.factors = append(c.factors, float32(cos), float32(-sin))
		b[j] = complex(cos, sin)
		if j > 0 {
			b[m-j] = b[j]
		}
	}
	for _, v := range precise(b) {
		c.spectrum = append(c.spectrum, float32(real(v)/float64(m)), float32(imag(v)/float64(m)))
	}
	return c
}

// precise returns the DFT of x in float64, for tables: plain recursion over
// the smallest factor.
func precise(x []complex128) []complex128 {
	n, r := len(x), 2
	if n == 1 {
		return x
	}
	for n%r != 0 {
		r++
	}
	m := n / r
	parts := make([][]complex128, r)
	for u := range r {
		part := make([]complex128, m)
		for i := range m {
			part[i] = x[i*r+u]
		}
		parts[u] = precise(part)
	}
	y := make([]complex128, n)
	for k := range n {
		for u := range r {
			c, s := root(int(int64(u)*int64(k)%int64(n)), n)
			y[k] += complex(c, -s) * parts[u][k%m]
		}
	}
	return y
}

// apply is transform.apply.
func (c *chirp) apply(to, in, x, y view) view {
	mulRows(x, in, c.factors, c.n)
	clearRows(x.from(c.n, 1), c.m-c.n)
	z := c.conv.apply(none, x, x, y)
	mulRows(z, z, c.spectrum, c.m)
	if z.same(y) {
		x, y = y, x
	}
	// The inverse DFT of row k is the forward DFT of row -k.
	z = c.conv.apply(none, z, x, y)
	if to.data == nil {
		to = x
		if z.same(x) {
			to = y
		}
	}
	mulRows(to, z, c.factors, 1)
	mulRows(to.from(1, 1), z.from(c.m-1, -1), c.factors[2:], c.n-1)
	return to
}
