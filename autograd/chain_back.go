package autograd

import (
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/tile"
	"github.com/orchid-seq/orchid/internal/vec"
)

// chainUnits is how many pieces of work the backward pass makes of a batch, if
// there are as many sequences and tiles: each has its own partial gradients of
// what the sequences share. It is a fixed number, so that results do not depend
// on the threads.
const chainUnits = 16

// chainGrads are the gradients that a backward pass writes, nil where none is
// wanted, and whether they are to be added to.
type chainGrads struct {
	p, h, u          []float32
	addP, addH, addU bool
	s, static        []float32 // partial, a spectrum of all lengths for each group
	small            []float32 // partial, for each group and tile: see chainSmall
}

// chainBack: with dc = x0 dy, G the adjoint of the way back applied to dc and
// K = s + h: dK = conj(F z) G, dz = F^T( conj(K) G ) + skip dc, dx0 = c dy, and
// on through the first gate and the short convolution.
func chainBack(t *Tape, y *Node) {
	r := newChainRun(t, y)
	in, n := y.In, y.seq.Count()
	groups := min(n, (chainUnits+r.tiles-1)/r.tiles)
	// Each group has spectra of all lengths: where these are many, a few groups
	// would hold more than everything else.
	groups = max(1, min(groups, 4*r.seq.Total()/r.shared.Total()))
	var g chainGrads
	g.p, g.addP = t.firstGrad(in[chainP])
	g.h, g.addH = t.firstGrad(in[chainH])
	g.u, g.addU = t.firstGrad(in[chainU])
	// One group adds to the gradient of the static spectra itself.
	partial := func(node *Node) []float32 {
		d := t.grad(node)
		if d == nil || groups == 1 {
			return d
		}
		return t.pool.Zeros(groups * len(d))
	}
	g.s, g.static = partial(in[chainS]), partial(in[chainStatic])
	size := r.smallSize()
	g.small = t.pool.Zeros(groups * r.tiles * size)
	times := 6
	if r.long {
		times = 4
	}
	transforms, units := r.convolution(2), groups*r.tiles
	grain := 1
	if r.long {
		grain = units
	}
	par.For(units, grain, func(lo, hi int) {
		w := &chainWorker{r.worker(times, transforms), r}
		for u := lo; u < hi; u++ {
			group := u / r.tiles
			for i := group * n / groups; i < (group+1)*n/groups; i++ {
				w.place(i, u%r.tiles)
				w.backward(&g, group, r.small(g.small[u*size:(u+1)*size]))
			}
		}
		w.release()
	})
	for _, s := range []struct {
		node *Node
		sums []float32
	}{{in[chainS], g.s}, {in[chainStatic], g.static}} {
		if s.sums == nil || groups == 1 {
			continue
		}
		d := t.grad(s.node)
		for group := range groups {
			part := s.sums[group*len(d):]
			elements(len(d), func(lo, hi int) { vec.Accumulate(d[lo:hi], part[lo:hi]) })
		}
		t.pool.Put(s.sums)
	}
	r.addSmall(g.small, groups)
	t.pool.Put(g.small)
	r.release()
}

// chainSmall are partial gradients of a tile: of the taps of three parts, of
// their biases, and of the skips.
type chainSmall struct {
	taps         [3][]float32
	bias         [3]*[tile.Cols]float32
	skip, direct *[tile.Cols]float32
}

func (r *chainRun) smallSize() int { return (3*r.taps + chainRows) * tile.Cols }

func (r *chainRun) small(buf []float32) (s chainSmall) {
	take := func(n int) (b []float32) {
		b, buf = buf[:n], buf[n:]
		return b
	}
	row := func() *[tile.Cols]float32 { return (*[tile.Cols]float32)(take(tile.Cols)) }
	for part := range s.taps {
		s.taps[part], s.bias[part] = take(r.taps*tile.Cols), row()
	}
	s.skip, s.direct = row(), row()
	return s
}

// addSmall adds the partial gradients, group by group.
func (r *chainRun) addSmall(sums []float32, groups int) {
	t, in, size := r.t, r.y.In, r.smallSize()
	dtaps, dbias, dskip, ddirect := t.grad(in[chainTaps]), t.grad(in[chainBias]), t.grad(in[chainSkip]), t.grad(in[chainDirect])
	for u := range groups * r.tiles {
		s, c := r.small(sums[u*size:(u+1)*size]), u%r.tiles*tile.Cols
		for i := range min(tile.Cols, r.D-c) {
			for part := range 3 {
				for k := range r.taps {
					if dtaps != nil {
						dtaps[(part*r.D+c+i)*r.taps+k] += s.taps[part][k*tile.Cols+i]
					}
				}
				if dbias != nil {
					dbias[part*r.D+c+i] += s.bias[part][i]
				}
			}
			if dskip != nil {
				dskip[c+i] += s.skip[i]
			}
			if ddirect != nil {
				ddirect[c+i] += s.direct[i]
			}
		}
	}
}

// sum runs f on blocks of rows with a partial sum of size floats for each chunk
// of them and adds these to total in order.
func (w *chainWorker) sum(n int, total []float32, f func(lo, hi int, sum []float32)) {
	if chunks(n) == 1 {
		blocks(n, func(_, lo, hi int) { f(lo, hi, total) })
		return
	}
	size := len(total)
	sums := w.t.pool.Zeros(chunks(n) * size)
	blocks(n, func(chunk, lo, hi int) { f(lo, hi, sums[chunk*size:(chunk+1)*size]) })
	for c := range chunks(n) {
		vec.Accumulate(total, sums[c*size:(c+1)*size])
	}
	w.t.pool.Put(sums)
}

// dot adds the column sums of a b to total.
func (w *chainWorker) dot(total *[tile.Cols]float32, a, b tile.Rows) {
	w.sum(w.L, total[:], func(lo, hi int, sum []float32) {
		tile.Dot((*[tile.Cols]float32)(sum), a.From(lo), b.From(lo), hi-lo)
	})
}

// shortBack takes the gradient d of a part's short convolution to the gradients
// of its operand, of the taps and of the bias.
func (w *chainWorker) shortBack(g *chainGrads, s chainSmall, d, p tile.Rows, part int) {
	L := w.L
	w.sum(L, s.taps[part], func(lo, hi int, sum []float32) {
		tile.SlideGrad(sum, d.From(lo), p, tile.Window{Before: w.run.taps - 1, End: L}, lo, hi)
	})
	w.dot(s.bias[part], d, one)
	if g.p == nil {
		return
	}
	dp, flush := w.result(g.p, w.seq[w.i], L, 3*w.D, part*w.D+w.c)
	blocks(L, func(_, lo, hi int) {
		start := zeros
		if g.addP {
			start = dp.From(lo)
		}
		tile.Slide(dp.From(lo), start, d, w.weightsOf(w.run.mirrored, part), tile.Window{End: L}, lo, hi)
	})
	flush()
}

func (w *chainWorker) backward(g *chainGrads, group int, s chainSmall) {
	in, seq, L := w.run.y.In, w.seq[w.i], w.L
	sharedRow := w.run.shared[w.run.which[w.i]]
	dy := w.operand(w.run.y.Grad, seq, L, w.D, w.c)
	if in[chainU] != nil {
		w.residualBack(g, group, s, dy)
	}
	p := w.parts(in[chainP].Data)
	z, c, dc, dz := dense(w.time[0]), dense(w.time[1]), dense(w.time[2]), dense(w.time[3])
	x1, v := c, dz // until the convolution
	if !w.long {
		x1, v = dense(w.time[4]), dense(w.time[5])
	}
	w.gated(z, x1, v, p)
	blocks(L, func(_, lo, hi int) {
		w.shortRows(dc, p[0], 0, lo, hi)
		tile.Mul(dc.From(lo), dy.From(lo), dc.From(lo), hi-lo)
	})
	h, static := w.spectrum(in[chainH], w.bins[w.i]), w.spectrum(in[chainS], sharedRow)
	dh, flushH := w.kernelGrad(g.h, w.bins[w.i])
	ds, flushS := w.kernelGrad(groupOf(g.s, group, in[chainS]), sharedRow)
	w.convolve(func(k, step, n int, s []tile.Bins) {
		Z, G := s[0], s[1]
		if g.h != nil {
			w.addConj(dh.Every(k, step), Z, G, g.addH, n)
		}
		if g.s != nil {
			w.addConj(ds.Every(k, step), Z, G, true, n)
		}
		w.multiply(Z, h.Every(k, step), static.Every(k, step), false, n)
		w.multiply(G, h.Every(k, step), static.Every(k, step), true, n)
	}, lane{src: z, dst: c}, lane{src: dc, dst: dz, adjoint: true, transpose: true})
	flushH()
	flushS()
	dx0 := c // in place
	w.sum(L, s.skip[:], func(lo, hi int, sum []float32) {
		tile.GateBack(dx0.From(lo), (*[tile.Cols]float32)(sum), dy.From(lo), dc.From(lo), c.From(lo), z.From(lo), w.rowOf(skipRow), hi-lo)
	})
	w.shortBack(g, s, dx0, p[0], 0)
	if w.long { // again, into what is free now
		x1, v = z, c
		blocks(L, func(_, lo, hi int) { w.factors(x1, v, p, lo, hi) })
	}
	dx1, dv := v, x1 // in place
	blocks(L, func(_, lo, hi int) {
		tile.ProductBack(dx1.From(lo), dv.From(lo), dz.From(lo), dc.From(lo), w.rowOf(skipRow), x1.From(lo), v.From(lo), hi-lo)
	})
	w.shortBack(g, s, dx1, p[1], 1)
	w.shortBack(g, s, dv, p[2], 2)
	w.leave()
}

// groupOf returns the partial gradient of a group, nil if none is wanted.
func groupOf(sums []float32, group int, n *Node) []float32 {
	if sums == nil {
		return nil
	}
	return sums[group*len(n.Data):]
}

// kernelGrad returns the tile of the gradient of a spectrum, if one is wanted.
func (w *chainWorker) kernelGrad(data []float32, row int) (b tile.Bins, flush func()) {
	if data == nil {
		return b, func() {}
	}
	return w.spectrumResult(data, row)
}

// residualBack is the backward pass of the residual convolution.
func (w *chainWorker) residualBack(g *chainGrads, group int, s chainSmall, dy tile.Rows) {
	in, seq := w.run.y.In, w.seq[w.i]
	sharedRow := w.run.shared[w.run.which[w.i]]
	u := w.operand(in[chainU].Data, seq, w.L, w.D, w.c)
	if in[chainDirect] != nil {
		w.dot(s.direct, dy, u)
	}
	if g.u == nil && g.static == nil {
		return
	}
	lanes, add := []lane{{src: dy, adjoint: true, transpose: true}}, g.addU
	flush := func() {}
	if g.u != nil {
		lanes[0].dst, flush = w.result(g.u, seq, w.L, w.D, w.c)
		if in[chainDirect] != nil {
			du := lanes[0].dst
			blocks(w.L, func(_, lo, hi int) {
				if add {
					tile.MulAdd(du.From(lo), dy.From(lo), w.rowOf(directRow), hi-lo)
				} else {
					tile.Mul(du.From(lo), dy.From(lo), w.rowOf(directRow), hi-lo)
				}
			})
			add = true
		}
		lanes[0].add = add
	}
	if g.static != nil {
		lanes = append(lanes, lane{src: u})
	}
	static := w.spectrum(in[chainStatic], sharedRow)
	ds, flushS := w.kernelGrad(groupOf(g.static, group, in[chainStatic]), sharedRow)
	w.convolve(func(k, step, n int, s []tile.Bins) {
		if g.static != nil {
			w.addConj(ds.Every(k, step), s[1], s[0], true, n)
		}
		w.multiply(s[0], static.Every(k, step), noBins, true, n)
	}, lanes...)
	flushS()
	flush()
}
