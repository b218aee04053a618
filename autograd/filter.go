package autograd

import (
	"math"
	"slices"

	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
	"github.com/orchid-seq/orchid/tensor"
)

// NormalizeL1 divides each row by the sum of its absolute values.
//
//	x, y [T, C]
func (t *Tape) NormalizeL1(x *Node) *Node {
	T, C := x.Rows(), x.Cols()
	y := t.op("normalize-l1", x.Shape, normalizeL1Back, x)
	norm := t.keep(y, T)
	par.For(T, rowGrain(C), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			var sum float64
			for _, v := range x.Data[r*C : (r+1)*C] {
				sum += math.Abs(float64(v))
			}
			norm[r] = float32(sum)
			for c := r * C; c < (r+1)*C; c++ {
				y.Data[c] = x.Data[c] / norm[r]
			}
		}
	})
	return t.done(y)
}

func normalizeL1Back(t *Tape, y *Node) {
	x, norm, C := y.In[0], y.saved[0], y.Cols()
	dx := t.grad(x)
	par.For(x.Rows(), rowGrain(C), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			dot := float32(vec.Dot(y.Grad[r*C:(r+1)*C], y.Data[r*C:(r+1)*C]))
			for c := r * C; c < (r+1)*C; c++ {
				g := y.Grad[c]
				switch v := x.Data[c]; {
				case v > 0:
					g -= dot
				case v < 0:
					g += dot
				}
				dx[c] += g / norm[r]
			}
		}
	})
}

// Prefixes copies, for each of several lengths, the first rows of x; a length
// beyond the rows of x is filled up with zeros. With one length equal to the
// rows of x it is x itself.
//
//	x [L, D]
//	y [sum of lengths, D]
func (t *Tape) Prefixes(x *Node, lengths []int) *Node {
	L, D := x.Rows(), x.Cols()
	if len(lengths) == 1 && lengths[0] == L {
		return x
	}
	at := tensor.Pack(lengths...)
	y := t.op("prefixes", []int{at.Total(), D}, prefixesBack, x)
	y.seq, y.blind = at, true
	for i, n := range lengths {
		row := y.Data[at[i]*D : at[i+1]*D]
		clear(row[copy(row, x.Data[:min(n, L)*D]):])
	}
	return t.done(y)
}

func prefixesBack(t *Tape, y *Node) {
	x, D := y.In[0], y.Cols()
	dx := t.grad(x)
	for i := range y.seq.Count() {
		n := min(y.seq.Len(i), x.Rows()) * D
		vec.Accumulate(dx[:n], y.Grad[y.seq[i]*D:])
	}
}

// Resize gives each sequence a new length: its first rows, filled up with
// zeros where the new length is larger.
//
//	x [T, D], sequences at from
//	y [to.Total(), D]
func (t *Tape) Resize(x *Node, from, to tensor.Offsets) *Node {
	wantSeq("resize", x, from)
	want(from.Count() == to.Count(), "resize", "as many sequences as before", x)
	if slices.Equal(from, to) {
		return x
	}
	D := x.Cols()
	y := t.op("resize", []int{to.Total(), D}, resizeBack, x)
	y.Attr, y.seq = from, to
	for i := range to.Count() {
		row := y.Data[to[i]*D : to[i+1]*D]
		clear(row[copy(row, x.Data[from[i]*D:from[i+1]*D]):])
	}
	return t.done(y)
}

func resizeBack(t *Tape, y *Node) {
	from, to, D := y.Attr.(tensor.Offsets), y.seq, y.Cols()
	dx := t.grad(y.In[0])
	for i := range to.Count() {
		n := min(from.Len(i), to.Len(i)) * D
		vec.Accumulate(dx[from[i]*D:from[i]*D+n], y.Grad[to[i]*D:])
	}
}

// TwoSided joins kernels that reach forward and backward in time into one that
// a circular convolution of twice the length takes.
//
//	k [sum of lengths, C], lags 0 to L-1
//	r [sum of lengths, C], lags -1 to -L
//	y [2 sum of lengths, C]: of each length L, row i is k[i], row 2L-1-i is r[i]
func (t *Tape) TwoSided(k, r *Node, seq tensor.Offsets) *Node {
	wantSeq("two-sided", k, seq)
	want(k.Rows() == r.Rows() && k.Cols() == r.Cols(), "two-sided", "k and r [rows, C]", k, r)
	C := k.Cols()
	y := t.op("two-sided", []int{2 * k.Rows(), C}, twoSidedBack, k, r)
	y.seq = seq
	twoSidedRows(seq, func(forward, row, backward int) {
		copy(y.Data[forward*C:(forward+1)*C], k.Data[row*C:])
		copy(y.Data[backward*C:(backward+1)*C], r.Data[row*C:])
	})
	return t.done(y)
}

func twoSidedBack(t *Tape, y *Node) {
	dk, dr := t.grad(y.In[0]), t.grad(y.In[1])
	C := y.Cols()
	twoSidedRows(y.seq, func(forward, row, backward int) {
		if dk != nil {
			vec.Accumulate(dk[row*C:(row+1)*C], y.Grad[forward*C:])
		}
		if dr != nil {
			vec.Accumulate(dr[row*C:(row+1)*C], y.Grad[backward*C:])
		}
	})
}

// twoSidedRows calls f with each row of the kernels and its two places in what
// TwoSided makes of them.
func twoSidedRows(seq tensor.Offsets, f func(forward, row, backward int)) {
	for s := range seq.Count() {
		lo, hi := seq.Span(s)
		for i := lo; i < hi; i++ {
			f(lo+i, i, 2*hi-1-(i-lo))
		}
	}
}
