package autograd

import (
	"slices"

	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
)

// Add returns a + b, of the same shape.
func (t *Tape) Add(a, b *Node) *Node {
	want(slices.Equal(a.Shape, b.Shape), "add", "a and b of the same shape", a, b)
	y := t.op("add", a.Shape, addBack, a, b)
	elements(len(y.Data), func(lo, hi int) { vec.Add(y.Data[lo:hi], a.Data[lo:hi], b.Data[lo:hi]) })
	return t.done(y)
}

// addBack gives its own buffer to a, where a has none yet, since nobody reads
// the gradient of y again.
func addBack(t *Tape, y *Node) {
	a, b := y.In[0], y.In[1]
	t.addGrad(b, y.Grad)
	if a.needs && !a.leaf && a.Grad == nil {
		a.Grad, y.Grad = y.Grad, nil
		return
	}
	t.addGrad(a, y.Grad)
}

// Mul returns a * b, element by element.
func (t *Tape) Mul(a, b *Node) *Node {
	want(slices.Equal(a.Shape, b.Shape), "mul", "a and b of the same shape", a, b)
	y := t.op("mul", a.Shape, mulBack, a, b)
	elements(len(y.Data), func(lo, hi int) { vec.Mul(y.Data[lo:hi], a.Data[lo:hi], b.Data[lo:hi]) })
	return t.done(y)
}

func mulBack(t *Tape, y *Node) {
	a, b := y.In[0], y.In[1]
	if g := t.grad(a); g != nil {
		elements(len(g), func(lo, hi int) { vec.MulAdd(g[lo:hi], y.Grad[lo:hi], b.Data[lo:hi]) })
	}
	if g := t.grad(b); g != nil {
		elements(len(g), func(lo, hi int) { vec.MulAdd(g[lo:hi], y.Grad[lo:hi], a.Data[lo:hi]) })
	}
}

// Gate multiplies y by the c-th group of D columns of p, without copying
// them: the gates of the Orchid chain (paper, section 3.3).
//
//	y [T, D]
//	p [T, n D]
func (t *Tape) Gate(y, p *Node, c int) *Node {
	D, P := y.Cols(), p.Cols()
	want(y.Rows() == p.Rows() && c >= 0 && (c+1)*D <= P, "gate", "y [T, D], p [T, n D]", y, p)
	z := t.op("gate", y.Shape, gateBack, y, p)
	z.arg = c * D
	par.For(y.Rows(), rowGrain(D), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			vec.Mul(z.Data[r*D:(r+1)*D], y.Data[r*D:(r+1)*D], p.Data[r*P+c*D:])
		}
	})
	return t.done(z)
}

func gateBack(t *Tape, z *Node) {
	y, p, first := z.In[0], z.In[1], z.arg
	D, P := y.Cols(), p.Cols()
	dy, dp := t.grad(y), t.grad(p)
	par.For(y.Rows(), rowGrain(D), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			g, at := z.Grad[r*D:(r+1)*D], r*P+first
			if dy != nil {
				vec.MulAdd(dy[r*D:(r+1)*D], g, p.Data[at:])
			}
			if dp != nil {
				vec.MulAdd(dp[at:at+D], g, y.Data[r*D:])
			}
		}
	})
}

// Slice copies the columns [first, first+n) of x.
//
//	x [T, C]
//	y [T, n]
func (t *Tape) Slice(x *Node, first, n int) *Node {
	C := x.Cols()
	want(first >= 0 && n > 0 && first+n <= C, "slice", "x [T, C], columns inside C", x)
	y := t.op("slice", []int{x.Rows(), n}, sliceBack, x)
	y.arg = first
	par.For(x.Rows(), rowGrain(n), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			copy(y.Data[r*n:(r+1)*n], x.Data[r*C+first:])
		}
	})
	return t.done(y)
}

func sliceBack(t *Tape, y *Node) {
	x, first := y.In[0], y.arg
	C, n := x.Cols(), y.Cols()
	dx := t.grad(x)
	par.For(x.Rows(), rowGrain(n), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			vec.Accumulate(dx[r*C+first:r*C+first+n], y.Grad[r*n:])
		}
	})
}

// Columns copies the columns of x that index names, in that order.
//
//	x [T, C]
//	y [T, len(index)]
func (t *Tape) Columns(x *Node, index []int) *Node {
	C, n := x.Cols(), len(index)
	want(n > 0 && slices.Min(index) >= 0 && slices.Max(index) < C, "columns", "x [T, C], indices below C", x)
	y := t.op("columns", []int{x.Rows(), n}, columnsBack, x)
	y.ids = index
	par.For(x.Rows(), rowGrain(n), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			row, from := y.Data[r*n:(r+1)*n], x.Data[r*C:(r+1)*C]
			for j, c := range index {
				row[j] = from[c]
			}
		}
	})
	return t.done(y)
}

func columnsBack(t *Tape, y *Node) {
	x, n := y.In[0], y.Cols()
	C := x.Cols()
	dx := t.grad(x)
	par.For(x.Rows(), rowGrain(n), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			row, to := y.Grad[r*n:(r+1)*n], dx[r*C:(r+1)*C]
			for j, c := range y.ids {
				to[c] += row[j]
			}
		}
	})
}

// ScaleRows multiplies row r of x by s[r]; s is a constant of this step.
func (t *Tape) ScaleRows(x *Node, s []float32) *Node {
	C := x.Cols()
	want(len(s) == x.Rows(), "scale-rows", "x [T, C], s of T factors", x)
	y := t.op("scale-rows", x.Shape, scaleRowsBack, x)
	copy(t.keep(y, len(s)), s)
	par.For(x.Rows(), rowGrain(C), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			vec.Scale(y.Data[r*C:(r+1)*C], x.Data[r*C:], s[r])
		}
	})
	return t.done(y)
}

func scaleRowsBack(t *Tape, y *Node) {
	x, s := y.In[0], y.saved[0]
	C := x.Cols()
	dx := t.grad(x)
	par.For(x.Rows(), rowGrain(C), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			vec.Axpy(dx[r*C:(r+1)*C], s[r], y.Grad[r*C:])
		}
	})
}
