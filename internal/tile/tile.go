// Package tile computes on tiles: rows of 32 neighbouring columns of row-major
// matrices, what one fft transform takes at a time. Most loops of the Orchid
// operator are a few operations a float; here a loop over all rows of a tile is
// one call, and the tile stays in the cache from one call to the next.
//
// Destinations may be operands unless stated otherwise. Functions panic if a
// slice is too short.
package tile

import "fmt"

// Cols is the number of columns of a tile.
const Cols = 32

// Rows are rows of a tile: row i is Data[i*Stride : i*Stride+32]. A Stride of 0
// repeats one row.
type Rows struct {
	Data   []float32
	Stride int
}

// Row is a row that repeats.
func Row(data []float32) Rows { return Rows{data, 0} }

// From returns the rows from i on.
func (r Rows) From(i int) Rows { return Rows{r.Data[i*r.Stride:], r.Stride} }

// Every returns the rows i, i+step, ...
func (r Rows) Every(i, step int) Rows { return Rows{r.Data[i*r.Stride:], step * r.Stride} }

// row returns row i.
func (r Rows) row(i int) *[Cols]float32 { return (*[Cols]float32)(r.Data[i*r.Stride:]) }

// base returns the address of row 0 after checking that n rows exist. It is
// the door to assembly.
func (r Rows) base(n int) *float32 {
	if r.Stride < 0 || (n-1)*r.Stride+Cols > len(r.Data) {
		panic(fmt.Sprintf("tile: %d rows at distance %d in %d floats", n, r.Stride, len(r.Data)))
	}
	return &r.Data[0]
}

// Bins are rows of complex numbers.
type Bins struct{ Re, Im Rows }

// From returns the rows from i on.
func (b Bins) From(i int) Bins { return Bins{b.Re.From(i), b.Im.From(i)} }

// Every returns the rows i, i+step, ...
func (b Bins) Every(i, step int) Bins { return Bins{b.Re.Every(i, step), b.Im.Every(i, step)} }

// Mul is dst[i] = a[i] * b[i] for i < n.
func Mul(dst, a, b Rows, n int) {
	if n > 0 {
		mul(dst, a, b, n)
	}
}

// MulAdd is dst[i] += a[i] * b[i] for i < n.
func MulAdd(dst, a, b Rows, n int) {
	if n > 0 {
		mulAdd(dst, a, b, n)
	}
}

// MulSum is dst[i] = a[i] * (b[i] + c[i]) for i < n.
func MulSum(dst, a, b, c Rows, n int) {
	if n > 0 {
		mulSum(dst, a, b, c, n)
	}
}

// Abs is dst[i] = |a[i]| for i < n.
func Abs(dst, a Rows, n int) {
	if n > 0 {
		abs(dst, a, n)
	}
}

// MulSign is dst[i] = a[i] * sign(b[i]) for i < n, where the sign of 0 is 0 and
// that of what is not finite is NaN.
func MulSign(dst, a, b Rows, n int) {
	if n > 0 {
		mulSign(dst, a, b, n)
	}
}

// Dot is sum += Σ_{i < n} a[i] * b[i], column by column.
func Dot(sum *[Cols]float32, a, b Rows, n int) {
	if n > 0 {
		dot(sum, a, b, n)
	}
}

// ComplexMulSum is dst[i] = a[i] * (b[i] + c[i]) for i < n, with the conjugate
// of the sum if conj is set.
func ComplexMulSum(dst, a, b, c Bins, conj bool, n int) {
	if n > 0 {
		complexMulSum(dst, a, b, c, conj, n)
	}
}

// ConjMul is dst[i] = conj(a[i]) * b[i], or dst[i] += that if add is set, for
// i < n.
func ConjMul(dst, a, b Bins, add bool, n int) {
	if n > 0 {
		conjMul(dst, a, b, add, n)
	}
}

// Conv is dst[i] = start[i] + Σ_{k < K} w[k] * x[i+k] for i < n: K =
// len(w)/32 taps, depthwise. x has n+K-1 rows and must not overlap dst; start
// may be dst.
func Conv(dst, start, x Rows, w []float32, n int) {
	if n > 0 {
		conv(dst, start, x, w, n)
	}
}

// ConvGrad is sum[k] += Σ_{i < n} g[i] * x[i+k] for k < K = len(sum)/32,
// column by column: the gradient of Conv by its taps.
func ConvGrad(sum []float32, g, x Rows, n int) {
	if n > 0 {
		convGrad(sum, g, x, n)
	}
}

// Gate is dst[i] = x0[i] * (c[i] + skip*z[i]) + r[i] + direct*u[i] for i < n:
// the last gate of the Orchid chain, the skip beside its convolution and the
// residual. skip and direct are rows that repeat.
func Gate(dst, x0, c, z, skip, r, u, direct Rows, n int) {
	if n > 0 {
		gate(dst, x0, c, z, skip, r, u, direct, n)
	}
}

// GateBack takes the gradient dy of Gate, given dc = dy x0, to those of the
// other factor and of skip: for i < n,
//
//	dx0[i] = dy[i] * (c[i] + skip*z[i])
//	dskip += dc[i] * z[i]
//
// dx0 may be c.
func GateBack(dx0 Rows, dskip *[Cols]float32, dy, dc, c, z, skip Rows, n int) {
	if n > 0 {
		gateBack(dx0, dskip, dy, dc, c, z, skip, n)
	}
}

// ProductBack takes the gradient of z = x1 v, g = dz[i] + skip*dc[i] for i < n,
// to those of its factors, dx1[i] = g * v[i] and dv[i] = g * x1[i]. dx1 may be v,
// and dv may be x1.
func ProductBack(dx1, dv, dz, dc, skip, x1, v Rows, n int) {
	if n > 0 {
		productBack(dx1, dv, dz, dc, skip, x1, v, n)
	}
}
