package autograd

import (
	"github.com/orchid-seq/orchid/internal/gemm"
	"github.com/orchid-seq/orchid/internal/vec"
)

// Linear returns x W^T + b.
//
//	x [T, in]
//	w [out, in]
//	b [out], or nil
//	y [T, out]
func (t *Tape) Linear(x, w, b *Node) *Node { return t.BlockLinear(x, w, b, 1) }

// BlockLinear multiplies each of n equal parts of a row by a matrix of its
// own: part i of y = part i of x times W_i^T.
//
//	x [T, in]
//	w [n, out/n, in/n], or [out, in] when n is 1
//	b [out], or nil
//	y [T, out]
func (t *Tape) BlockLinear(x, w, b *Node, n int) *Node {
	in := x.Cols()
	out := 0
	if in > 0 {
		out = len(w.Data) * n / in
	}
	want(in > 0 && in%n == 0 && out%n == 0 && len(w.Data)*n == out*in && w.Shape[len(w.Shape)-1]*n == in && (b == nil || len(b.Data) == out),
		"linear", "x [T, in], w [n, out/n, in/n], b [out]", x, w, b)
	T := x.Rows()
	y := t.op("linear", []int{T, out}, linearBack, x, w, b)
	y.arg = n
	y.blind = true
	bi, bo := in/n, out/n
	fixed := t.fixedBlocks(w, n, bo, bi)
	for i := range n {
		var e gemm.Epilogue
		if b != nil {
			e.Bias = b.Data[i*bo : (i+1)*bo]
		}
		yi, xi := gemm.Of(y.Data[i*bo:], T, bo, out), gemm.Of(x.Data[i*bi:], T, bi, in)
		if fixed != nil {
			fixed[i].Mul(yi, xi, e)
			continue
		}
		gemm.Mul(yi, xi, gemm.Of(w.Data[i*bo*bi:], bo, bi, bi).T(), e)
	}
	return t.done(y)
}

// linearBack: dx += dy W, dW += dy^T x, db += column sums of dy.
func linearBack(t *Tape, y *Node) {
	x, w, b, n := y.In[0], y.In[1], y.In[2], y.arg
	T, in, out := x.Rows(), x.Cols(), y.Cols()
	bi, bo := in/n, out/n
	dx, add := t.firstGrad(x)
	dw := t.grad(w)
	for i := range n {
		if dx != nil {
			gemm.Mul(gemm.Of(dx[i*bi:], T, bi, in), gemm.Of(y.Grad[i*bo:], T, bo, out), gemm.Of(w.Data[i*bo*bi:], bo, bi, bi), gemm.Epilogue{Accumulate: add})
		}
		if dw != nil {
			gemm.Mul(gemm.Of(dw[i*bo*bi:], bo, bi, bi), gemm.Of(y.Grad[i*bo:], T, bo, out).T(), gemm.Of(x.Data[i*bi:], T, bi, in), gemm.Epilogue{Accumulate: true})
		}
	}
	if db := t.grad(b); db != nil {
		t.addColumnSums(db, y.Grad)
	}
}

// addColumnSums adds the column sums of g [rows, len(dst)] to dst.
func (t *Tape) addColumnSums(dst, g []float32) {
	c := len(dst)
	t.sumRows(dst, len(g)/c, func(lo, hi int, sum []float32) {
		for r := lo; r < hi; r++ {
			vec.Accumulate(sum, g[r*c:(r+1)*c])
		}
	})
}
