package autograd

import (
	"math"

	"github.com/orchid-seq/orchid/internal/gemm"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
)

// A FilterNetwork lists the operands of ImplicitFilter.
type FilterNetwork struct {
	Weights, Biases []*Node // of layer i: [out, in] and [out], or nil; the last has none
	Freq            *Node   // [W], which all hidden layers share; nil if there is none
	Scale           float32 // a constant factor of Freq
	Delta           *Node   // [C], or nil for no damping
	Shift           float32
}

// filterBlock is how many rows pass through the network together: what it
// keeps of them, some 64 KB a layer, stays in L2. It is a multiple of the rows
// of every gemm kernel.
const filterBlock = 252

// filterAttr are the attributes of ImplicitFilter.
type filterAttr struct {
	layers       int
	scale, shift float32
}

// ImplicitFilter is the small network that makes a long static kernel (paper,
// remark 3.2; Hyena): hidden layers x -> sin(scale freq (x W^T + b)), then a
// linear one, damped over time, faster in some channels than in others.
//
//	z [L, E], positions
//	time [L], constant
//	y[l, c] = network(z)[l, c] (exp(-time[l] |delta[c]|) + shift)
//	y [L, C]
//
// Nothing of size [L, W] is ever stored: rows pass block by block, and the
// backward pass computes them again.
func (t *Tape) ImplicitFilter(z *Node, time []float32, net FilterNetwork) *Node {
	const op = "implicit-filter"
	n := len(net.Weights)
	want(n > 0 && len(net.Biases) == n, op, "at least one layer, a bias or nil for each", z)
	in := append(make([]*Node, 0, 3+2*n), z, net.Freq, net.Delta)
	width := z.Cols()
	for i, w := range net.Weights {
		b := net.Biases[i]
		hidden := i < n-1
		want(len(w.Shape) == 2 && w.Cols() == width && (b == nil || hidden && len(b.Data) == w.Rows()) && (!hidden || net.Freq != nil && len(net.Freq.Data) == w.Rows()),
			op, "w [out, in] and b [out] that follow each other, freq [out]; no bias in the last layer", z, w, b, net.Freq)
		width = w.Rows()
		in = append(in, w, b)
	}
	want(len(time) == z.Rows() && (net.Delta == nil || len(net.Delta.Data) == width), op, "L times, delta [C]", z, net.Delta)
	y := t.op(op, []int{z.Rows(), width}, implicitFilterBack, in...)
	y.Attr = filterAttr{n, net.Scale, net.Shift}
	y.blind = true
	copy(t.keep(y, len(time)), time)
	run := newFilterRun(t, y, false)
	par.For(z.Rows(), filterBlock, func(lo, hi int) {
		w := run.worker()
		w.forward(lo, hi)
		w.release()
	})
	run.release()
	return t.done(y)
}

// A filterRun is one pass through the network.
type filterRun struct {
	filterAttr
	t      *Tape
	y      *Node
	freq   []float32 // scale freq
	delta  []float32 // -|delta|
	packed []filterLayer
	widest int
	bufs   [][]float32 // of the pool
}

// A filterLayer is the weights of a layer, packed, those of hidden ones times
// the frequencies, so that a product gives the argument of the sine.
type filterLayer struct {
	folded []float32   // freq w, or w in the last layer, [out, in]
	bias   []float32   // freq b, or nil
	ahead  gemm.Packed // the transpose of folded
	back   gemm.Packed // folded, for the backward pass
}

func newFilterRun(t *Tape, y *Node, backward bool) *filterRun {
	r := &filterRun{filterAttr: y.Attr.(filterAttr), t: t, y: y}
	r.packed, r.bufs = make([]filterLayer, r.layers), make([][]float32, 0, 2+4*r.layers)
	if f := y.In[1]; f != nil {
		r.freq = r.buffer(len(f.Data))
		vec.Scale(r.freq, f.Data, r.scale)
	}
	if d := y.In[2]; d != nil {
		r.delta = r.buffer(len(d.Data))
		for c, v := range d.Data {
			r.delta[c] = -float32(math.Abs(float64(v)))
		}
	}
	for i := range r.packed {
		p, w, b := &r.packed[i], r.weight(i), r.biasNode(i)
		out, in := w.Rows(), w.Cols()
		p.folded = w.Data
		if i < r.layers-1 {
			p.folded = r.buffer(len(w.Data))
			for o, f := range r.freq {
				vec.Scale(p.folded[o*in:(o+1)*in], w.Data[o*in:], f)
			}
			if b != nil {
				p.bias = r.buffer(out)
				vec.Mul(p.bias, b.Data, r.freq)
			}
			r.widest = max(r.widest, out)
		}
		folded := gemm.Of(p.folded, out, in, in)
		p.ahead = gemm.Pack(r.buffer(gemm.PackedLen(in, out)), folded.T())
		if backward {
			p.back = gemm.Pack(r.buffer(gemm.PackedLen(out, in)), folded)
		}
	}
	return r
}

func (r *filterRun) weight(i int) *Node   { return r.y.In[3+2*i] }
func (r *filterRun) biasNode(i int) *Node { return r.y.In[4+2*i] }

func (r *filterRun) buffer(n int) []float32 {
	b := r.t.pool.Get(n)
	r.bufs = append(r.bufs, b)
	return b
}

func (r *filterRun) release() {
	for _, b := range r.bufs {
		r.t.pool.Put(b)
	}
}

// A filterWorker is what one goroutine needs: sines and cosines of a block of
// rows for each hidden layer, gradients, and the damping.
type filterWorker struct {
	*filterRun
	buf []float32 // of the pool: all parts, one after the other
}

func (r *filterRun) worker() filterWorker {
	return filterWorker{r, r.t.pool.Get((2*r.layers + 1) * filterBlock * max(r.widest, r.y.Cols()))}
}

func (w filterWorker) release() { w.t.pool.Put(w.buf) }

// sin and cos hold the results of hidden layer i, grad and tmp any layer's.
func (w filterWorker) sin(i int) []float32 { return w.part(2 * i) }
func (w filterWorker) cos(i int) []float32 { return w.part(2*i + 1) }
func (w filterWorker) grad() []float32     { return w.part(2*w.layers - 2) }
func (w filterWorker) tmp() []float32      { return w.part(2*w.layers - 1) }
func (w filterWorker) decay() []float32    { return w.part(2 * w.layers) }

func (w filterWorker) part(i int) []float32 {
	n := len(w.buf) / (2*w.layers + 1)
	return w.buf[i*n : (i+1)*n]
}

// damping fills decay with exp(time delta) for the rows lo to hi.
func (w filterWorker) damping(lo, hi int) []float32 {
	C, time := len(w.delta), w.y.saved[0]
	e := w.decay()[:(hi-lo)*C]
	for r := lo; r < hi; r++ {
		vec.Scale(e[(r-lo)*C:(r-lo+1)*C], w.delta, time[r])
	}
	vec.Exp(e, e)
	return e
}

// input returns the operand of layer i.
func (w filterWorker) input(i, lo, hi int) gemm.Matrix {
	if i == 0 {
		z := w.y.In[0]
		return gemm.Of(z.Data[lo*z.Cols():], hi-lo, z.Cols(), z.Cols())
	}
	out := w.weight(i - 1).Rows()
	return gemm.Of(w.sin(i-1), hi-lo, out, out)
}

// hidden computes the arguments of the sines of layer i.
func (w filterWorker) hidden(i, lo, hi int) []float32 {
	out := w.weight(i).Rows()
	a := w.tmp()[:(hi-lo)*out]
	w.packed[i].ahead.MulSerial(gemm.Of(a, hi-lo, out, out), w.input(i, lo, hi), gemm.Epilogue{Bias: w.packed[i].bias})
	return a
}

func (w filterWorker) forward(lo, hi int) {
	for i := range w.layers - 1 {
		a := w.hidden(i, lo, hi)
		vec.Sin(w.sin(i)[:len(a)], a)
	}
	C := w.y.Cols()
	y := w.y.Data[lo*C : hi*C]
	w.last(y, lo, hi)
	if w.delta == nil {
		return
	}
	e := w.damping(lo, hi)
	addScalar(e, w.shift)
	vec.Mul(y, y, e)
}

// last computes the last layer.
func (w filterWorker) last(y []float32, lo, hi int) {
	C := w.y.Cols()
	w.packed[w.layers-1].ahead.MulSerial(gemm.Of(y, hi-lo, C, C), w.input(w.layers-1, lo, hi), gemm.Epilogue{})
}

// addScalar adds s to x, if it is not zero.
func addScalar(x []float32, s float32) {
	if s == 0 {
		return
	}
	for i := range x {
		x[i] += s
	}
}

// filterSums are the partial gradients of a chunk: for each layer g^T x and the
// column sums of g, the gradient of its arguments; then that of |delta|.
type filterSums struct {
	*filterRun
	buf []float32
}

// layer returns g^T x and the column sums of layer i.
func (s filterSums) layer(i int) (g, columns []float32) {
	at := s.sumsBefore(i)
	n := at + len(s.weight(i).Data)
	return s.buf[at:n], s.buf[n : n+s.weight(i).Rows()]
}

func (s filterSums) decay() []float32 { return s.buf[s.sumsBefore(s.layers):] }

// sumsBefore is how many floats of the sums belong to the layers before i.
func (r *filterRun) sumsBefore(i int) (n int) {
	for j := range i {
		n += len(r.weight(j).Data) + r.weight(j).Rows()
	}
	return n
}

// implicitFilterBack goes through the layers backwards, with g the gradient of
// the arguments a = F (x W^T + b) of the sines, F = scale freq, and G = g^T x:
// dW = F G, db = F sum(g), dF = W G + b sum(g), row by row.
func implicitFilterBack(t *Tape, y *Node) {
	r := newFilterRun(t, y, true)
	total := t.pool.Zeros(r.sumsBefore(r.layers) + len(r.delta))
	dz := t.grad(y.In[0])
	t.sumRows(total, y.Rows(), func(lo, hi int, sum []float32) {
		w, s := r.worker(), filterSums{r, sum}
		for at := lo; at < hi; at += filterBlock {
			w.backward(at, min(at+filterBlock, hi), s, dz)
		}
		w.release()
	})
	r.assign(filterSums{r, total})
	t.pool.Put(total)
	r.release()
}

func (w filterWorker) backward(lo, hi int, s filterSums, dz []float32) {
	n, C := hi-lo, w.y.Cols()
	for i := range w.layers - 1 {
		a := w.hidden(i, lo, hi)
		vec.SinCos(w.sin(i)[:len(a)], w.cos(i)[:len(a)], a)
	}
	g := w.grad()[:n*C]
	copy(g, w.y.Grad[lo*C:])
	if w.delta != nil {
		e := w.damping(lo, hi)
		if delta := w.y.In[2]; delta.needs {
			m, d := w.tmp()[:n*C], s.decay()
			w.last(m, lo, hi)
			for r := range n { // d|delta| = -time exp(-time |delta|) network dy
				for c := range C {
					d[c] -= w.y.saved[0][lo+r] * e[r*C+c] * m[r*C+c] * g[r*C+c]
				}
			}
		}
		addScalar(e, w.shift)
		vec.Mul(g, g, e)
	}
	for i := w.layers - 1; i >= 0; i-- {
		out, in := w.weight(i).Rows(), w.weight(i).Cols()
		gm := gemm.Of(g, n, out, out)
		dw, columns := s.layer(i)
		gemm.MulSerial(gemm.Of(dw, out, in, in), gm.T(), w.input(i, lo, hi), gemm.Epilogue{Accumulate: true})
		for r := range n {
			vec.Accumulate(columns, g[r*out:(r+1)*out])
		}
		if i == 0 {
			if dz != nil {
				w.packed[0].back.MulSerial(gemm.Of(dz[lo*in:], n, in, in), gm, gemm.Epilogue{Accumulate: true})
			}
			return
		}
		dx := w.tmp()[:n*in]
		w.packed[i].back.MulSerial(gemm.Of(dx, n, in, in), gm, gemm.Epilogue{})
		g = w.grad()[:n*in]
		vec.Mul(g, dx, w.cos(i-1))
	}
}

// assign adds the sums to the gradients of the operands.
func (r *filterRun) assign(s filterSums) {
	t := r.t
	dfreq := t.grad(r.y.In[1])
	for i := range r.layers {
		w, b := r.weight(i), r.biasNode(i)
		in, dw, db := w.Cols(), t.grad(w), t.grad(b)
		sum, columns := s.layer(i)
		if i == r.layers-1 {
			if dw != nil {
				vec.Accumulate(dw, sum)
			}
			continue
		}
		for o, f := range r.freq {
			g := sum[o*in : (o+1)*in]
			if dw != nil {
				vec.Axpy(dw[o*in:(o+1)*in], f, g)
			}
			if dfreq != nil {
				dfreq[o] += r.scale * float32(vec.Dot(w.Data[o*in:(o+1)*in], g))
			}
			if b == nil {
				continue
			}
			if db != nil {
				db[o] += f * columns[o]
			}
			if dfreq != nil {
				dfreq[o] += r.scale * b.Data[o] * columns[o]
			}
		}
	}
	ddelta := t.grad(r.y.In[2])
	decay := s.decay()
	for c := range ddelta { // the gradient of |delta| at 0 is taken as 0
		switch d := r.y.In[2].Data[c]; {
		case d > 0:
			ddelta[c] += decay[c]
		case d < 0:
			ddelta[c] -= decay[c]
		}
	}
}
