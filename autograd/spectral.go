package autograd

import (
	"github.com/orchid-seq/orchid/internal/fft"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
	"github.com/orchid-seq/orchid/tensor"
)

// spectralAttr are the attributes of the ops of this file.
type spectralAttr struct {
	f   Transform
	pad int // the transform's size is pad times the length
}

// tiles calls f, possibly at the same time, for every tile of columns of every
// one of n things, with scratch for the largest of the passes.
func (t *Tape) tiles(n, cols, scratch int, f func(i, c, width int, scratch []float32)) {
	per := (cols + fft.TileCols - 1) / fft.TileCols
	par.For(n*per, 1, func(lo, hi int) {
		buf := t.pool.Get(scratch)
		for u := lo; u < hi; u++ {
			c := u % per * fft.TileCols
			f(u/per, c, min(fft.TileCols, cols-c), buf)
		}
		t.pool.Put(buf)
	})
}

// planScratch returns the scratch that transforms of all sequences need.
func (f Transform) planScratch(seq tensor.Offsets, pad int) int {
	most := 0
	for i := range seq.Count() {
		most = max(most, fft.New(f.Kind, pad*seq.Len(i)).Scratch())
	}
	return most
}

// Spectrum transforms each sequence, filled up with zeros to pad times its
// length.
//
//	x [T, D]
//	y [bins of all sequences, Width(D)], sequences at f.Bins(seq, pad)
func (t *Tape) Spectrum(x *Node, seq tensor.Offsets, f Transform, pad int) *Node {
	wantSeq("spectrum", x, seq)
	D, bins := x.Cols(), f.Bins(seq, pad)
	y := t.op("spectrum", []int{bins.Total(), f.Width(D)}, spectrumBack, x)
	y.Attr, y.seq, y.blind = spectralAttr{f, pad}, seq, true
	t.tiles(seq.Count(), D, f.planScratch(seq, pad), func(i, c, w int, scratch []float32) {
		p := f.toSpectrum(pad*seq.Len(i), false)
		p.analyse(f.plane(y.Data, bins[i], D, c), fft.Block{Data: x.Data[seq[i]*D+c:], Stride: D}, seq.Len(i), w, false, scratch)
	})
	return t.done(y)
}

func spectrumBack(t *Tape, y *Node) {
	x, seq, a := y.In[0], y.seq, y.Attr.(spectralAttr)
	D, bins, dx := x.Cols(), a.f.Bins(seq, a.pad), t.grad(x)
	t.tiles(seq.Count(), D, a.f.planScratch(seq, a.pad), func(i, c, w int, scratch []float32) {
		p := a.f.toTime(a.pad*seq.Len(i), true)
		p.synthesise(fft.Block{Data: dx[seq[i]*D+c:], Stride: D}, a.f.plane(y.Grad, bins[i], D, c), seq.Len(i), w, true, scratch)
	})
}

// FromSpectrum transforms each spectrum back and keeps the first rows, one
// for each row of the sequence.
//
//	x [bins of all sequences, Width(D)], sequences at f.Bins(seq, pad)
//	y [T, D]
func (t *Tape) FromSpectrum(x *Node, seq tensor.Offsets, f Transform, pad int) *Node {
	bins := f.Bins(seq, pad)
	wantSeq("from-spectrum", x, bins)
	D := x.Cols() / f.Width(1)
	y := t.op("from-spectrum", []int{seq.Total(), D}, fromSpectrumBack, x)
	y.Attr, y.seq = spectralAttr{f, pad}, seq
	t.tiles(seq.Count(), D, f.planScratch(seq, pad), func(i, c, w int, scratch []float32) {
		p := f.toTime(pad*seq.Len(i), false)
		p.synthesise(fft.Block{Data: y.Data[seq[i]*D+c:], Stride: D}, f.plane(x.Data, bins[i], D, c), seq.Len(i), w, false, scratch)
	})
	return t.done(y)
}

func fromSpectrumBack(t *Tape, y *Node) {
	x, seq, a := y.In[0], y.seq, y.Attr.(spectralAttr)
	D, bins, dx := y.Cols(), a.f.Bins(seq, a.pad), t.grad(x)
	t.tiles(seq.Count(), D, a.f.planScratch(seq, a.pad), func(i, c, w int, scratch []float32) {
		p := a.f.toSpectrum(a.pad*seq.Len(i), true)
		p.analyse(a.f.plane(dx, bins[i], D, c), fft.Block{Data: y.Grad[seq[i]*D+c:], Stride: D}, seq.Len(i), w, true, scratch)
	})
}

// convGroups bounds the partial sums of the gradient of static spectra.
const convGroups = 8

// SpectralConv convolves each sequence with its own kernel through the
// spectrum (paper, equation 1 and remark 3.2), plus a skip:
//
//	y = F'( F(z) (s + h) ) + skip z
//
//	z [T, D]
//	h [bins of all sequences, Width(D)], at f.Bins(seq, pad): one kernel a sequence; or nil
//	s [bins of all distinct lengths, Width(D)], in the order of seq.Lengths: kernels
//	  that sequences of the same length share; or nil
//	skip [D], or nil
//	y [T, D]
//
// F' is the transform back to the first rows; pad is 1 for the circular (or
// symmetric) convolution of size L, 2 for the exact linear one by the DFT.
func (t *Tape) SpectralConv(z, h, s, skip *Node, seq tensor.Offsets, f Transform, pad int) *Node {
	const op = "spectral-conv"
	wantSeq(op, z, seq)
	D, bins := z.Cols(), f.Bins(seq, pad)
	lengths, which := seq.Lengths()
	shared := f.Bins(tensor.Pack(lengths...), pad)
	want((h != nil || s != nil) && (h == nil || len(h.Data) == bins.Total()*f.Width(D)) &&
		(s == nil || len(s.Data) == shared.Total()*f.Width(D)) && (skip == nil || len(skip.Data) == D),
		op, "z [T, D], h [bins, Width(D)], s [bins of distinct lengths, Width(D)], skip [D]", z, h, s, skip)
	y := t.op(op, z.Shape, spectralConvBack, z, h, s, skip)
	y.Attr, y.seq = spectralAttr{f, pad}, seq
	most := bins.MaxLen() * f.Width(fft.TileCols)
	plan := f.planScratch(seq, pad)
	t.tiles(seq.Count(), D, most+plan, func(i, c, w int, scratch []float32) {
		L, B := seq.Len(i), bins.Len(i)
		zs := f.plane(scratch[:most], 0, fft.TileCols, 0)
		f.toSpectrum(pad*L, false).analyse(zs, fft.Block{Data: z.Data[seq[i]*D+c:], Stride: D}, L, w, false, scratch[most:])
		k := newKernel(f, h, s, bins[i], shared[which[i]], D, c)
		for b := range B {
			k.apply(zs, b, w)
		}
		out := fft.Block{Data: y.Data[seq[i]*D+c:], Stride: D}
		f.toTime(pad*L, false).synthesise(out, zs, L, w, false, scratch[most:])
		if skip != nil {
			for l := range L {
				vec.MulAdd(out.Data[l*D:l*D+w], z.Data[(seq[i]+l)*D+c:], skip.Data[c:])
			}
		}
	})
	return t.done(y)
}

// A kernel is the spectrum s + h of one tile of one sequence; either may be
// missing.
type kernel struct {
	complex bool
	h, s    fft.Spectrum
	sum     [2 * fft.TileCols]float32 // real parts, then imaginary parts
}

func newKernel(f Transform, h, s *Node, hRow, sRow, D, c int) *kernel {
	k := &kernel{complex: f.Kind == fft.DFT}
	if h != nil {
		k.h = f.plane(h.Data, hRow, D, c)
	}
	if s != nil {
		k.s = f.plane(s.Data, sRow, D, c)
	}
	return k
}

// bin returns the w values (real and imaginary parts) of bin b.
func (k *kernel) bin(b, w int) (re, im []float32) {
	re, im = k.part(k.sum[:fft.TileCols], b, w, 0), nil
	if k.complex {
		im = k.part(k.sum[fft.TileCols:], b, w, 1)
	}
	return re, im
}

func (k *kernel) part(sum []float32, b, w, part int) []float32 {
	h, s := k.h.Data, k.s.Data
	if h != nil {
		h = h[b*k.h.Stride+part*k.h.Imag:]
	}
	if s != nil {
		s = s[b*k.s.Stride+part*k.s.Imag:]
	}
	switch {
	case h == nil:
		return s[:w]
	case s == nil:
		return h[:w]
	}
	vec.Add(sum[:w], h, s)
	return sum[:w]
}

// parts returns the real and imaginary parts of bin b of a tile.
func parts(s fft.Spectrum, b, w int, complex bool) (re, im []float32) {
	re = s.Data[b*s.Stride : b*s.Stride+w]
	if complex {
		im = s.Data[b*s.Stride+s.Imag : b*s.Stride+s.Imag+w]
	}
	return re, im
}

// apply multiplies bin b of z by the kernel.
func (k *kernel) apply(z fft.Spectrum, b, w int) {
	kr, ki := k.bin(b, w)
	zr, zi := parts(z, b, w, k.complex)
	if k.complex {
		vec.ComplexMul(zr, zi, zr, zi, kr, ki)
	} else {
		vec.Mul(zr, zr, kr)
	}
}

// spectralConvBack: with G the adjoint of the way back applied to dy,
// dK = conj(F z) G for both kernels and dz = F^T( conj(K) G ) + skip dy. F z is
// computed again, which costs less than the memory to keep it.
func spectralConvBack(t *Tape, y *Node) {
	z, h, s, skip := y.In[0], y.In[1], y.In[2], y.In[3]
	a, seq := y.Attr.(spectralAttr), y.seq
	f, pad, D, n := a.f, a.pad, z.Cols(), seq.Count()
	bins := f.Bins(seq, pad)
	lengths, which := seq.Lengths()
	shared := f.Bins(tensor.Pack(lengths...), pad)
	dz, dh, ds, dskip := t.grad(z), t.grad(h), t.grad(s), t.grad(skip)

	// Sequences are cut into groups by their number alone, each with its own
	// partial gradient of what the sequences share.
	groups := min(n, convGroups)
	var sums, skips []float32
	if ds != nil {
		sums = t.pool.Zeros(groups * len(ds))
	}
	if dskip != nil {
		skips = t.pool.Zeros(groups * D)
	}
	most := bins.MaxLen() * f.Width(fft.TileCols)
	complex := f.Kind == fft.DFT
	t.tiles(groups, D, 2*most+f.planScratch(seq, pad), func(g, c, w int, scratch []float32) {
		zs := f.plane(scratch[:most], 0, fft.TileCols, 0)
		gs := f.plane(scratch[most:2*most], 0, fft.TileCols, 0)
		work := scratch[2*most:]
		for i := g * n / groups; i < (g+1)*n/groups; i++ {
			L, at := seq.Len(i), seq[i]*D+c
			dy := fft.Block{Data: y.Grad[at:], Stride: D}
			f.toSpectrum(pad*L, true).analyse(gs, dy, L, w, false, work)
			if dh != nil || ds != nil {
				f.toSpectrum(pad*L, false).analyse(zs, fft.Block{Data: z.Data[at:], Stride: D}, L, w, false, work)
			}
			k := newKernel(f, h, s, bins[i], shared[which[i]], D, c)
			for b := range bins.Len(i) {
				gr, gi := parts(gs, b, w, complex)
				zr, zi := parts(zs, b, w, complex)
				if dh != nil {
					addConjProduct(f.plane(dh, bins[i]+b, D, c), zr, zi, gr, gi)
				}
				if ds != nil {
					addConjProduct(f.plane(sums[g*len(ds):(g+1)*len(ds)], shared[which[i]]+b, D, c), zr, zi, gr, gi)
				}
				if dz == nil {
					continue
				}
				kr, ki := k.bin(b, w)
				if complex {
					vec.ComplexMulConj(gr, gi, kr, ki, gr, gi)
				} else {
					vec.Mul(gr, gr, kr)
				}
			}
			if dz != nil {
				f.toTime(pad*L, true).synthesise(fft.Block{Data: dz[at:], Stride: D}, gs, L, w, true, work)
			}
			for l := range L {
				if dz != nil && skip != nil {
					vec.MulAdd(dz[at+l*D:at+l*D+w], dy.Data[l*D:], skip.Data[c:])
				}
				if dskip != nil {
					vec.MulAdd(skips[g*D+c:g*D+c+w], dy.Data[l*D:], z.Data[at+l*D:])
				}
			}
		}
	})
	for g := range groups {
		if ds != nil {
			vec.Accumulate(ds, sums[g*len(ds):])
		}
		if dskip != nil {
			vec.Accumulate(dskip, skips[g*D:])
		}
	}
	t.pool.Put(sums)
	t.pool.Put(skips)
}

// addConjProduct adds conj(z) g to the first bin of d.
func addConjProduct(d fft.Spectrum, zr, zi, gr, gi []float32) {
	w := len(zr)
	if zi == nil {
		vec.MulAdd(d.Data[:w], zr, gr)
		return
	}
	vec.ComplexMulConjAdd(d.Data[:w], d.Data[d.Imag:d.Imag+w], zr, zi, gr, gi)
}
