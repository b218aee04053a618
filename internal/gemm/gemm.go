// Package gemm multiplies matrices of float32.
//
// On one kernel level (see internal/cpu) the bits of an element of a product
// depend on its row of a, its column of b, their length K and the epilogue
// alone: not on the shape of the whole product, the element's place in it,
// strides, transposition or threads. So a sub-block of a product equals the
// product of the sub-blocks, bit for bit. This holds because every kernel adds
// up the same chain, one term after the other, and K is cut into blocks at
// fixed places whose sums are added in order.
package gemm

import (
	"fmt"

	"github.com/orchid-seq/orchid/internal/par"
)

// A Matrix is a view of row-major storage: element (i, j) is
// Data[i*Stride+j], or Data[j*Stride+i] if Trans. Rows and Cols are those of
// the matrix as used, after the transposition. It does not own Data.
type Matrix struct {
	Data       []float32
	Rows, Cols int
	Stride     int
	Trans      bool
}

// Of returns the rows x cols matrix that starts at data[0] and whose rows lie
// stride apart. It panics if stride < cols or data is too short.
func Of(data []float32, rows, cols, stride int) Matrix {
	m := Matrix{Data: data, Rows: rows, Cols: cols, Stride: stride}
	m.check("Of")
	return m
}

// T returns the transposed view: m.T() at (i, j) is m at (j, i).
func (m Matrix) T() Matrix {
	m.Rows, m.Cols, m.Trans = m.Cols, m.Rows, !m.Trans
	return m
}

func (m Matrix) String() string {
	if m.Trans {
		return fmt.Sprintf("[%d, %d] (transposed, stride %d, %d floats)", m.Rows, m.Cols, m.Stride, len(m.Data))
	}
	return fmt.Sprintf("[%d, %d] (stride %d, %d floats)", m.Rows, m.Cols, m.Stride, len(m.Data))
}

// check panics unless every element of m lies in its Data.
func (m Matrix) check(what string) {
	rows, cols := m.Rows, m.Cols
	if m.Trans {
		rows, cols = cols, rows
	}
	if rows < 0 || cols < 0 || m.Stride < cols || rows > 0 && cols > 0 && len(m.Data) < (rows-1)*m.Stride+cols {
		panic(fmt.Sprintf("gemm: %s: no such matrix: %v", what, m))
	}
}

// from returns the storage of m from element (i, j) on.
func (m Matrix) from(i, j int) []float32 {
	if m.Trans {
		i, j = j, i
	}
	return m.Data[i*m.Stride+j:]
}

// An Epilogue says what happens to a product before it is stored.
type Epilogue struct {
	Accumulate bool      // add to c instead of replacing it
	Bias       []float32 // one per column of c, nil for none
	Scale      float32   // factor of the product, 0 means 1
}

// Mul computes a matrix product:
//
//	c[i, j] = scale * Σ_k a[i, k] b[k, j] + bias[j]
//
// or c[i, j] += that, for c [M, N], a [M, K] and b [K, N]. With K = 0 the sum
// is 0. c must not overlap a, b or the bias. It panics if c is transposed, if
// the shapes do not fit, or if a view does not fit its data.
func Mul(c, a, b Matrix, e Epilogue) { mul(c, a, b, e, par.Threads()) }

// MulSerial is Mul, with the same bits, on the calling goroutine alone: for
// small products inside a loop that runs on many.
func MulSerial(c, a, b Matrix, e Epilogue) { mul(c, a, b, e, 1) }

func mul(c, a, b Matrix, e Epilogue, threads int) {
	b.check("b")
	if a.Cols != b.Rows || c.Cols != b.Cols {
		panic(fmt.Sprintf("gemm: Mul: shapes do not fit: c %v, a %v, b %v", c, a, b))
	}
	if !e.prepare(c, a) {
		return
	}
	p := products.Get().(*product)
	p.c, p.a, p.b, p.e, p.kernel = c, a, b, e, best()
	p.run(threads)
}

// prepare checks c, a and the bias and reports whether c has any element. It
// sets Scale, and adds the bias to c at once if c is an operand: a kernel adds
// one thing to a product.
func (e *Epilogue) prepare(c, a Matrix) bool {
	c.check("c")
	a.check("a")
	switch {
	case c.Trans:
		panic("gemm: Mul: c is transposed")
	case c.Rows != a.Rows:
		panic(fmt.Sprintf("gemm: Mul: shapes do not fit: c %v, a %v", c, a))
	case e.Bias != nil && len(e.Bias) != c.Cols:
		panic(fmt.Sprintf("gemm: Mul: %d biases for c %v", len(e.Bias), c))
	}
	if c.Rows == 0 || c.Cols == 0 {
		return false
	}
	if e.Scale == 0 {
		e.Scale = 1
	}
	if e.Accumulate && e.Bias != nil {
		for i := range c.Rows {
			add(c.Data[i*c.Stride:][:c.Cols], e.Bias)
		}
		e.Bias = nil
	}
	return true
}
