package autograd

import (
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/tile"
	"github.com/orchid-seq/orchid/internal/vec"
	"github.com/orchid-seq/orchid/tensor"
)

// A ConvNormOperands lists the operands of ConvNorm. Columns are laid out as in
// Conv: channel i of group g is column First + i G + g of x and i G + g of y.
type ConvNormOperands struct {
	X          *Node // [T, at least First + in G]
	First, G   int   // G is a multiple of 32, a tile
	W, B       *Node // [G out, in, K], K odd, and [G out] or nil
	Gain, Bias *Node // [out G], in the order of the columns
	Eps        float64
}

// convNormAttr are the attributes of ConvNorm.
type convNormAttr struct {
	grouped
	from int // the first column of x
	eps  float64
}

// ConvNorm is Conv with zeros beyond the ends, then LayerNorm over the channels
// of a row: a layer of the conditioning network (paper, section 3.2). What
// stands between the two is not stored; the backward pass computes it again.
//
//	y [T, out G]
func (t *Tape) ConvNorm(c ConvNormOperands, seq tensor.Offsets) *Node {
	const op = "conv-norm"
	wantSeq(op, c.X, seq)
	want(len(c.W.Shape) == 3 && c.G > 0 && c.G%tile.Cols == 0 && c.W.Shape[0]%c.G == 0 && c.W.Shape[2]%2 == 1 && c.First >= 0 && c.First+c.G*c.W.Shape[1] <= c.X.Cols() &&
		(c.B == nil || len(c.B.Data) == c.W.Shape[0]) && len(c.Gain.Data) == c.W.Shape[0] && len(c.Bias.Data) == c.W.Shape[0],
		op, "x [T, at least first + in G], G a multiple of 32, w [G out, in, K], K odd, b [G out], gain and bias [out G]", c.X, c.W, c.B, c.Gain, c.Bias)
	g := grouped{G: c.G, in: c.W.Shape[1], out: c.W.Shape[0] / c.G, taps: c.W.Shape[2], pad: Zeros}
	y := t.op(op, []int{c.X.Rows(), c.W.Shape[0]}, convNormBack, c.X, c.W, c.B, c.Gain, c.Bias)
	y.Attr, y.seq = convNormAttr{g, c.First, c.Eps}, seq
	y.blind = true
	mean, rstd := t.keep(y, y.Rows()), t.keep(y, y.Rows())
	r := newConvNormRun(t, y)
	C := y.Cols()
	par.For(y.Rows(), r.block, func(lo, hi int) {
		buf := t.pool.Get(r.block * C)
		pieces(seq, lo, hi, func(p piece) {
			r.conv(buf, p, p.from, p.to)
			at := p.start + p.from
			vec.LayerNormRows(y.Data[at*C:], buf, p.to-p.from, C, c.Gain.Data, c.Bias.Data, mean[at:], rstd[at:], c.Eps)
		})
		t.pool.Put(buf)
	})
	r.release()
	return t.done(y)
}

// A convNormRun is what the blocks of rows of one pass share.
type convNormRun struct {
	convNormAttr
	t                       *Tape
	y                       *Node
	block                   int       // rows that are worked on together, about 64 KB
	weights, mirrored, bias []float32 // see tap; with the last tap first
}

func newConvNormRun(t *Tape, y *Node) *convNormRun {
	r := &convNormRun{convNormAttr: y.Attr.(convNormAttr), t: t, y: y, block: max(16, rowGrain(y.Cols()))}
	w, b := y.In[1], y.In[2]
	r.weights, r.mirrored, r.bias = t.pool.Get(len(w.Data)), t.pool.Get(len(w.Data)), t.pool.Zeros(y.Cols())
	for c := range r.G * r.out {
		for i := range r.in {
			for k := range r.taps {
				v := w.Data[(c*r.in+i)*r.taps+k]
				r.weights[r.tap(c/r.out, c%r.out, i, k)] = v
				r.mirrored[r.tap(c/r.out, c%r.out, i, r.taps-1-k)] = v
			}
		}
		if b != nil {
			r.bias[c%r.out*r.G+c/r.out] = b.Data[c]
		}
	}
	return r
}

func (r *convNormRun) release() {
	r.t.pool.Put(r.weights)
	r.t.pool.Put(r.mirrored)
	r.t.pool.Put(r.bias)
}

// tap is where tap k of group g, channel j out, channel i in, stands among the
// weights [G/32, out, in, K, 32].
func (r *convNormRun) tap(g, j, i, k int) int {
	return (((g/tile.Cols*r.out+j)*r.in+i)*r.taps+k)*tile.Cols + g%tile.Cols
}

// channel returns the taps of a tile of groups from g on.
func (r *convNormRun) channel(all []float32, g, j, i int) []float32 {
	at := r.tap(g, j, i, 0)
	return all[at : at+r.taps*tile.Cols]
}

// input returns channel i of the groups from g on of x, or of its gradient, from
// the first row of a sequence.
func (r *convNormRun) input(data []float32, start, i, g int) tile.Rows {
	X := r.y.In[0].Cols()
	return tile.Rows{Data: data[start*X+r.from+i*r.G+g:], Stride: X}
}

// window is what the convolution of a sequence reads.
func (r *convNormRun) window(p piece) tile.Window {
	return tile.Window{Before: (r.taps - 1) / 2, End: r.y.seq.Len(p.seq)}
}

// conv computes the rows from to to of the convolution of a sequence.
func (r *convNormRun) conv(buf []float32, p piece, from, to int) {
	for g := 0; g < r.G; g += tile.Cols {
		for j := range r.out {
			dst := tile.Rows{Data: buf[j*r.G+g:], Stride: r.y.Cols()}
			start := tile.Row(r.bias[j*r.G+g:])
			for i := range r.in {
				tile.Slide(dst, start, r.input(r.y.In[0].Data, p.start, i, g), r.channel(r.weights, g, j, i), r.window(p), from, to)
				start = dst
			}
		}
	}
}

// convNormBack: a block of rows of dx needs the gradient of the convolution of
// some rows more on either side, which are computed twice.
func convNormBack(t *Tape, y *Node) {
	x, w, b, gain, bias := y.In[0], y.In[1], y.In[2], y.In[3], y.In[4]
	r := newConvNormRun(t, y)
	C, half := y.Cols(), (r.taps-1)/2
	var dx []float32
	add := true
	if x.Cols() == r.in*r.G {
		dx, add = t.firstGrad(x)
	} else {
		dx = t.grad(x) // of which this op writes only some columns
	}
	size := len(w.Data)
	total := t.pool.Zeros(size + 3*C) // taps, bias, gain and bias of the norm
	t.sumRows(total, y.Rows(), func(lo, hi int, sum []float32) {
		rows := r.block + 2*half
		buf, outside := t.pool.Get(2*rows*C), t.pool.Get(2*C)
		pre, d := buf[:rows*C], buf[rows*C:2*rows*C]
		dbias, dgain, dshift := sum[size:size+C], sum[size+C:size+2*C], sum[size+2*C:]
		pieces(y.seq, lo, hi, func(p piece) {
			L := y.seq.Len(p.seq)
			for from := p.from; from < p.to; from += r.block {
				to := min(from+r.block, p.to)
				first, end := max(0, from-half), min(L, to+half)
				r.conv(pre, p, first, end)
				norm := func(from, to int, dgain, dshift []float32) {
					at, i := p.start+from, (from-first)*C
					vec.LayerNormBackRows(d[i:], y.Grad[at*C:], pre[i:], to-from, C, gain.Data, dgain, dshift, y.saved[0][at:], y.saved[1][at:], false)
				}
				norm(first, from, outside[:C], outside[C:]) // another block's share
				norm(from, to, dgain, dshift)
				norm(to, end, outside[:C], outside[C:])
				for l := from; l < to; l++ {
					vec.Accumulate(dbias, d[(l-first)*C:(l-first+1)*C])
				}
				r.gradients(sum[:size], dx, add, d, p, first, end, from, to)
			}
		})
		t.pool.Put(buf)
		t.pool.Put(outside)
	})
	if dw := t.grad(w); dw != nil {
		for c := range r.G * r.out {
			for i := range r.in {
				for k := range r.taps {
					dw[(c*r.in+i)*r.taps+k] += total[r.tap(c/r.out, c%r.out, i, k)]
				}
			}
		}
	}
	for c := range t.grad(b) {
		b.Grad[c] += total[size+c%r.out*r.G+c/r.out]
	}
	if g := t.grad(gain); g != nil {
		vec.Accumulate(g, total[size+C:size+2*C])
	}
	if g := t.grad(bias); g != nil {
		vec.Accumulate(g, total[size+2*C:])
	}
	t.pool.Put(total)
	r.release()
}

// gradients takes the gradient d of the rows first to end of the convolution to
// those of the taps and of the rows from to to of x.
func (r *convNormRun) gradients(sum, dx []float32, add bool, d []float32, p piece, first, end, from, to int) {
	half := (r.taps - 1) / 2
	for g := 0; g < r.G; g += tile.Cols {
		for i := range r.in {
			var out, start tile.Rows
			if dx != nil {
				out = r.input(dx, p.start+from, i, g)
				start = zeros
				if add {
					start = out
				}
			}
			for j := range r.out {
				dj := tile.Rows{Data: d[j*r.G+g:], Stride: r.y.Cols()}
				tile.SlideGrad(r.channel(sum, g, j, i), dj.From(from-first), r.input(r.y.In[0].Data, p.start, i, g), r.window(p), from, to)
				if dx != nil {
					tile.Slide(out, start, dj, r.channel(r.mirrored, g, j, i), tile.Window{Before: half, First: first, End: end}, from, to)
					start = out
				}
			}
		}
	}
}
