package autograd

import (
	"math"
	"slices"

	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
	"github.com/orchid-seq/orchid/tensor"
)

// Sine returns sin(scale freq x), the activation of the implicit filter.
//
//	x [T, W]
//	freq [W]
//	y [T, W]
func (t *Tape) Sine(x, freq *Node, scale float32) *Node {
	T, W := x.Rows(), x.Cols()
	want(len(freq.Data) == W, "sine", "x [T, W], freq [W]", x, freq)
	y := t.op("sine", x.Shape, sineBack, x, freq)
	y.Attr = scale
	w := t.pool.Get(W)
	vec.Scale(w, freq.Data, scale)
	par.For(T, rowGrain(W), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			vec.Mul(y.Data[r*W:(r+1)*W], x.Data[r*W:], w)
		}
		vec.Sin(y.Data[lo*W:hi*W], y.Data[lo*W:hi*W])
	})
	t.pool.Put(w)
	return t.done(y)
}

// sineBack computes the cosines again: at a filter's length they would be the
// largest thing to keep.
func sineBack(t *Tape, y *Node) {
	x, freq := y.In[0], y.In[1]
	scale, T, W := y.Attr.(float32), x.Rows(), x.Cols()
	dx, w, dfreq := t.grad(x), t.pool.Get(W), t.pool.Zeros(W)
	vec.Scale(w, freq.Data, scale)
	t.sumRows(dfreq, T, func(lo, hi int, sum []float32) {
		buf := t.pool.Get(2 * W)
		sin, g := buf[:W], buf[W:2*W]
		for r := lo; r < hi; r++ {
			vec.Mul(g, x.Data[r*W:], w)
			vec.SinCos(sin, g, g)
			vec.Mul(g, g, y.Grad[r*W:])
			vec.MulAdd(sum, g, x.Data[r*W:])
			if dx != nil {
				vec.MulAdd(dx[r*W:(r+1)*W], g, w)
			}
		}
		t.pool.Put(buf)
	})
	if d := t.grad(freq); d != nil {
		vec.Axpy(d, scale, dfreq)
	}
	t.pool.Put(dfreq)
	t.pool.Put(w)
}

// Modulate damps a filter over time, faster in some channels than in others.
//
//	x [L, C]
//	time [L], constant
//	delta [C]
//	y[l, c] = x[l, c] (exp(-time[l] |delta[c]|) + shift)
func (t *Tape) Modulate(x *Node, time []float32, delta *Node, shift float32) *Node {
	L, C := x.Rows(), x.Cols()
	want(len(time) == L && len(delta.Data) == C, "modulate", "x [L, C], L times, delta [C]", x, delta)
	y := t.op("modulate", x.Shape, modulateBack, x, delta)
	y.Attr = shift
	decay := t.keep(y, len(x.Data))
	copy(t.keep(y, L), time)
	par.For(L, rowGrain(C), func(lo, hi int) {
		for l := lo; l < hi; l++ {
			e := decay[l*C : (l+1)*C]
			for c, d := range delta.Data {
				e[c] = -time[l] * float32(math.Abs(float64(d)))
			}
			vec.Exp(e, e)
			row, from := y.Data[l*C:(l+1)*C], x.Data[l*C:(l+1)*C]
			for c := range row {
				row[c] = from[c] * (e[c] + shift)
			}
		}
	})
	return t.done(y)
}

func modulateBack(t *Tape, y *Node) {
	x, delta, decay, time := y.In[0], y.In[1], y.saved[0], y.saved[1]
	shift, L, C := y.Attr.(float32), x.Rows(), x.Cols()
	dx, ddelta := t.grad(x), t.grad(delta)
	sums := t.pool.Zeros(C)
	t.sumRows(sums, L, func(lo, hi int, sum []float32) {
		for l := lo; l < hi; l++ {
			for c := range C {
				i := l*C + c
				if dx != nil {
					dx[i] += y.Grad[i] * (decay[i] + shift)
				}
				sum[c] -= y.Grad[i] * x.Data[i] * decay[i] * time[l]
			}
		}
	})
	for c := range ddelta { // the gradient of |delta| at 0 is taken as 0
		switch d := delta.Data[c]; {
		case d > 0:
			ddelta[c] += sums[c]
		case d < 0:
			ddelta[c] -= sums[c]
		}
	}
	t.pool.Put(sums)
}

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
	y.seq = at
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
