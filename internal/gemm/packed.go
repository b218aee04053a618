package gemm

import (
	"fmt"

	"github.com/orchid-seq/orchid/internal/par"
)

// A Packed is a matrix b [K, N] laid out once for many products a b, in the
// layout of the kernel level on which Pack was called. It does not own its
// floats. Any number of goroutines may use it at the same time.
type Packed struct {
	data       []float32 // K blocks, each as strips of nr columns
	rows, cols int
	kernel     *kernel
}

// PackedLen returns how many floats Pack needs for b [k, n] on this kernel
// level.
func PackedLen(k, n int) int { return k*ceilTo(n, best().nr) + spill }

// Pack lays b out in buf, which belongs to the Packed until that is no longer
// used. It panics if b does not fit its data or buf is shorter than PackedLen.
func Pack(buf []float32, b Matrix) Packed {
	b.check("b")
	p := Packed{rows: b.Rows, cols: b.Cols, kernel: best()}
	width := ceilTo(b.Cols, p.kernel.nr)
	p.data = buf[: b.Rows*width+spill : len(buf)]
	if b.Cols > 0 {
		for k0 := 0; k0 < b.Rows; k0 += p.kernel.kc {
			p.kernel.pack(p.data[k0*width:], b, k0, 0, min(p.kernel.kc, b.Rows-k0), b.Cols)
		}
	}
	return p
}

// Mul computes what the function Mul computes, with the same bits:
//
//	c[i, j] = scale * Σ_k a[i, k] b[k, j] + bias[j]
//
// or c[i, j] += that, for c [M, N] and a [M, K]. It panics as Mul does.
func (b Packed) Mul(c, a Matrix, e Epilogue) { b.mul(c, a, e, par.Threads()) }

// MulSerial is Mul, with the same bits, on the calling goroutine alone.
func (b Packed) MulSerial(c, a Matrix, e Epilogue) { b.mul(c, a, e, 1) }

func (b Packed) mul(c, a Matrix, e Epilogue, threads int) {
	if a.Cols != b.rows || c.Cols != b.cols {
		panic(fmt.Sprintf("gemm: Packed.Mul: shapes do not fit: c %v, a %v, b [%d, %d]", c, a, b.rows, b.cols))
	}
	if !e.prepare(c, a) {
		return
	}
	p := products.Get().(*product)
	p.c, p.a, p.e, p.kernel, p.packed = c, a, e, b.kernel, b.data
	p.run(threads)
}
