package autograd

import (
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
)

// GLU is a gated linear unit: the first half of a row, through an activation,
// times the second half (Shazeer, 2020). What the activation gives is computed
// again in the backward pass.
//
//	x [T, 2 I]
//	y [T, I] = a(x[:, :I]) x[:, I:]
func (t *Tape) GLU(x *Node, a Activation) *Node {
	want(x.Cols()%2 == 0, "glu", "x [T, 2 I]", x)
	I := x.Cols() / 2
	y := t.op("glu", []int{x.Rows(), I}, gluBack, x)
	y.Attr = a
	y.blind = true
	f, _ := a.functions()
	par.For(y.Rows(), rowGrain(2*I), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			row, at := y.Data[r*I:(r+1)*I], 2*r*I
			f(row, x.Data[at:at+I])
			vec.Mul(row, row, x.Data[at+I:at+2*I])
		}
	})
	return t.done(y)
}

// gluBack: da = dy x2, dx1 += a'(x1) da, dx2 += dy a(x1).
func gluBack(t *Tape, y *Node) {
	x, I := y.In[0], y.Cols()
	dx, add := t.firstGrad(x)
	f, back := y.Attr.(Activation).functions()
	par.For(y.Rows(), rowGrain(2*I), func(lo, hi int) {
		value, da := t.pool.Get(I), t.pool.Get(I)
		for r := lo; r < hi; r++ {
			g, first, second := y.Grad[r*I:(r+1)*I], x.Data[2*r*I:(2*r+1)*I], x.Data[(2*r+1)*I:(2*r+2)*I]
			if !add {
				clear(dx[2*r*I : (2*r+2)*I])
			}
			f(value, first)
			vec.Mul(da, g, second)
			back(dx[2*r*I:(2*r+1)*I], da, first, value)
			vec.MulAdd(dx[(2*r+1)*I:(2*r+2)*I], g, value)
		}
		t.pool.Put(value)
		t.pool.Put(da)
	})
}
