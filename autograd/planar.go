package autograd

import (
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
)

// Planar moves the second of each pair of neighbouring columns behind all first
// ones.
//
//	x [T, 2 G]
//	y[r, i G + g] = x[r, 2 g + i]
func (t *Tape) Planar(x *Node) *Node {
	wantPairs("planar", x)
	y := t.op("planar", x.Shape, planarBack, x)
	splitRows(y, y.Data, x.Data, vec.Deinterleave)
	return t.done(y)
}

// Interleaved is the inverse of Planar.
//
//	x [T, 2 G]
//	y[r, 2 g + i] = x[r, i G + g]
func (t *Tape) Interleaved(x *Node) *Node {
	wantPairs("interleaved", x)
	y := t.op("interleaved", x.Shape, interleavedBack, x)
	splitRows(y, x.Data, y.Data, func(first, second, pairs []float32) { vec.Interleave(pairs, first, second) })
	return t.done(y)
}

func wantPairs(op string, x *Node) {
	want(x.Cols()%2 == 0, op, "x [T, 2 G]", x)
}

// splitRows calls f with both halves of a row of split and with that row of pairs.
func splitRows(y *Node, split, pairs []float32, f func(first, second, pairs []float32)) {
	C := y.Cols()
	par.For(y.Rows(), rowGrain(C), func(lo, hi int) {
		for at := lo * C; at < hi*C; at += C {
			f(split[at:at+C/2], split[at+C/2:at+C], pairs[at:at+C])
		}
	})
}

func planarBack(t *Tape, y *Node) {
	t.permutedBack(y, func(dx []float32) {
		splitRows(y, y.Grad, dx, func(first, second, pairs []float32) { vec.Interleave(pairs, first, second) })
	})
}

func interleavedBack(t *Tape, y *Node) {
	t.permutedBack(y, func(dx []float32) { splitRows(y, dx, y.Grad, vec.Deinterleave) })
}

// permutedBack has set write the gradient of the operand, and adds it up.
func (t *Tape) permutedBack(y *Node, set func(dx []float32)) {
	dx, add := t.firstGrad(y.In[0])
	if !add {
		set(dx)
		return
	}
	g := t.pool.Get(len(dx))
	set(g)
	t.addGrad(y.In[0], g)
	t.pool.Put(g)
}
