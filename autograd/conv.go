package autograd

import (
	"fmt"

	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
	"github.com/orchid-seq/orchid/tensor"
)

// Padding says what a convolution reads beyond the ends of a sequence.
type Padding string

// The paddings.
const (
	Zeros     Padding = "zeros"
	Reflect   Padding = "reflect"   // mirrored, the end itself not repeated
	Replicate Padding = "replicate" // the end repeated
	Circular  Padding = "circular"  // shift-equivariant, as the DFT is
	Causal    Padding = "causal"    // zeros, and only the present and the past are read
)

// at returns which row of a sequence of length L stands at position i, or -1
// for a zero.
func (p Padding) at(i, L int) int {
	if i >= 0 && i < L {
		return i
	}
	switch p {
	case Reflect:
		if i < 0 {
			return -i
		}
		return 2*(L-1) - i
	case Replicate:
		return min(max(i, 0), L-1)
	case Circular:
		return ((i % L) + L) % L
	}
	return -1
}

// reach panics unless the padding can serve sequences of length L.
func (p Padding) reach(op string, half, L int) {
	if p == Reflect && half >= L {
		panic(&ShapeError{Op: op, Want: fmt.Sprintf("sequences (or spectra) longer than %d for reflect padding, the shortest has %d", half, L)})
	}
}

// A grouped is the geometry of a grouped convolution. Channel i of group g
// stands at column i G + g, so that every product runs over G neighbouring
// columns; with one channel a group this is the usual order.
type grouped struct {
	G, in, out int // groups; channels in and out of each
	taps       int
	pad        Padding
}

// first is the distance from the present row back to the first tap.
func (g grouped) first() int {
	if g.pad == Causal {
		return g.taps - 1
	}
	return (g.taps - 1) / 2
}

// tap is where the G weights for channel j out, channel i in, tap k stand in
// a transposed weight.
func (g grouped) tap(j, i, k int) int { return ((j*g.in+i)*g.taps + k) * g.G }

// transpose writes w [G out, in, K] as [out, in, K, G].
func (g grouped) transpose(dst, w []float32) {
	for c := range g.G * g.out {
		for i := range g.in {
			for k := range g.taps {
				dst[g.tap(c%g.out, i, k)+c/g.out] = w[(c*g.in+i)*g.taps+k]
			}
		}
	}
}

// addBack adds sums [out, in, K, G] to dw [G out, in, K].
func (g grouped) addBack(dw, sums []float32) {
	for c := range g.G * g.out {
		for i := range g.in {
			for k := range g.taps {
				dw[(c*g.in+i)*g.taps+k] += sums[g.tap(c%g.out, i, k)+c/g.out]
			}
		}
	}
}

// Conv slides a grouped convolution (a cross-correlation, as everywhere in
// deep learning) along each sequence. The result has the length of the input.
// The number of groups G follows from the shapes; channel i of group g is
// column i G + g of x, channel j of group g is column j G + g of y.
//
//	x [T, in G]
//	w [G out, in, K]
//	b [G out], or nil
//	y[l, j G + g] = b[g out+j] + sum over i, k of w[g out+j, i, k] x[l+k-first, i G + g]
//
// first is K-1 for Causal and (K-1)/2 otherwise.
func (t *Tape) Conv(x, w, b *Node, seq tensor.Offsets, pad Padding) *Node {
	const op = "conv"
	wantSeq(op, x, seq)
	want(len(w.Shape) == 3 && x.Cols()%w.Shape[1] == 0 && w.Shape[0]%(x.Cols()/w.Shape[1]) == 0 &&
		(pad == Causal || w.Shape[2]%2 == 1) && (b == nil || len(b.Data) == w.Shape[0]),
		op, "x [T, in G], w [G out, in, K], b [G out]; K odd unless causal", x, w, b)
	g := grouped{G: x.Cols() / w.Shape[1], in: w.Shape[1], taps: w.Shape[2], pad: pad}
	g.out = w.Shape[0] / g.G
	for i := range seq.Count() {
		pad.reach(op, g.first(), seq.Len(i))
	}
	y := t.op(op, []int{x.Rows(), w.Shape[0]}, convBack, x, w, b)
	y.Attr, y.seq = g, seq
	C, X := y.Cols(), x.Cols()
	taps, bias := t.pool.Get(len(w.Data)), t.pool.Zeros(C)
	g.transpose(taps, w.Data)
	if b != nil {
		for c, v := range b.Data {
			bias[c%g.out*g.G+c/g.out] = v
		}
	}
	par.For(y.Rows(), rowGrain(C*g.taps), func(lo, hi int) {
		pieces(seq, lo, hi, func(p piece) {
			for l := p.from; l < p.to; l++ {
				row := y.Data[(p.start+l)*C : (p.start+l+1)*C]
				copy(row, bias)
				for k := range g.taps {
					s := pad.at(l+k-g.first(), seq.Len(p.seq))
					if s < 0 {
						continue
					}
					from := x.Data[(p.start+s)*X:]
					for j := range g.out {
						for i := range g.in {
							vec.MulAdd(row[j*g.G:(j+1)*g.G], from[i*g.G:], taps[g.tap(j, i, k):])
						}
					}
				}
			}
		})
	})
	t.pool.Put(taps)
	t.pool.Put(bias)
	return t.done(y)
}

func convBack(t *Tape, y *Node) {
	x, w, b := y.In[0], y.In[1], y.In[2]
	g, seq := y.Attr.(grouped), y.seq
	C, X, T := y.Cols(), x.Cols(), y.Rows()
	if dx := t.grad(x); dx != nil {
		taps := t.pool.Get(len(w.Data))
		g.transpose(taps, w.Data)
		add := func(start, s, l, k int) { // dy of row l reaches row s through tap k
			to, row := dx[(start+s)*X:], y.Grad[(start+l)*C:]
			for j := range g.out {
				for i := range g.in {
					vec.MulAdd(to[i*g.G:(i+1)*g.G], row[j*g.G:], taps[g.tap(j, i, k):])
				}
			}
		}
		// Rows of dx gather what lies inside the sequence, so they are
		// independent; what was read through padding is a few rows a sequence
		// and is added afterwards, one sequence after the other.
		par.For(T, rowGrain(C*g.taps), func(lo, hi int) {
			pieces(seq, lo, hi, func(p piece) {
				for s := p.from; s < p.to; s++ {
					for k := range g.taps {
						if l := s - k + g.first(); l >= 0 && l < seq.Len(p.seq) {
							add(p.start, s, l, k)
						}
					}
				}
			})
		})
		if g.pad != Zeros && g.pad != Causal {
			for i := range seq.Count() {
				start, L := seq[i], seq.Len(i)
				for l := range L {
					if l >= g.first() && l < L-g.first() {
						continue // reads no padding
					}
					for k := range g.taps {
						if s := l + k - g.first(); s < 0 || s >= L {
							add(start, g.pad.at(s, L), l, k)
						}
					}
				}
			}
		}
		t.pool.Put(taps)
	}
	if dw := t.grad(w); dw != nil {
		sums := t.pool.Zeros(len(dw))
		t.sumRows(sums, T, func(lo, hi int, sum []float32) {
			pieces(seq, lo, hi, func(p piece) {
				for l := p.from; l < p.to; l++ {
					row := y.Grad[(p.start+l)*C:]
					for k := range g.taps {
						s := g.pad.at(l+k-g.first(), seq.Len(p.seq))
						if s < 0 {
							continue
						}
						from := x.Data[(p.start+s)*X:]
						for j := range g.out {
							for i := range g.in {
								at := g.tap(j, i, k)
								vec.MulAdd(sum[at:at+g.G], row[j*g.G:], from[i*g.G:])
							}
						}
					}
				}
			})
		})
		g.addBack(dw, sums)
		t.pool.Put(sums)
	}
	if db := t.grad(b); db != nil {
		sums := t.pool.Zeros(C)
		t.addColumnSums(sums, y.Grad)
		for c := range db {
			db[c] += sums[c%g.out*g.G+c/g.out]
		}
		t.pool.Put(sums)
	}
}
