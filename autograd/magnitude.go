package autograd

import (
	"math"
	"slices"

	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
)

// Magnitude returns |x|: of a complex spectrum [F, 2 D], real parts first, or
// of a real one [F, D]. Its gradient at 0 is taken as 0.
//
//	y [F, D]
func (t *Tape) Magnitude(x *Node, complex bool) *Node {
	want(!complex || x.Cols()%2 == 0, "magnitude", "x [F, 2 D]", x)
	F, D := x.Rows(), x.Cols()
	if complex {
		D /= 2
	}
	y := t.op("magnitude", []int{F, D}, magnitudeBack, x)
	par.For(F, rowGrain(D), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			absolute(y.Data[r*D:(r+1)*D], x.Data[r*x.Cols():(r+1)*x.Cols()])
		}
	})
	return t.done(y)
}

// absolute writes |x| of one row; a row of x twice as long is complex.
func absolute(dst, x []float32) {
	D := len(dst)
	if len(x) == D {
		for c, v := range x {
			dst[c] = float32(math.Abs(float64(v)))
		}
		return
	}
	for c := range dst {
		dst[c] = float32(math.Hypot(float64(x[c]), float64(x[c+D])))
	}
}

func magnitudeBack(t *Tape, y *Node) {
	x := y.In[0]
	D, C, dx := y.Cols(), x.Cols(), t.grad(x)
	par.For(y.Rows(), rowGrain(C), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			m, dy := y.Data[r*D:(r+1)*D], y.Grad[r*D:(r+1)*D]
			for at := r * C; at < (r+1)*C; at += D {
				v, to := x.Data[at:at+D], dx[at:at+D]
				for c, m := range m {
					if m != 0 {
						to[c] += dy[c] * v[c] / m
					}
				}
			}
		}
	})
}

// Complex returns a real spectrum as a complex one, with imaginary parts of 0.
//
//	x [F, D]
//	y [F, 2 D], real parts first
func (t *Tape) Complex(x *Node) *Node {
	F, D := x.Rows(), x.Cols()
	y := t.op("complex", []int{F, 2 * D}, complexBack, x)
	par.For(F, rowGrain(D), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			re, im := halves(y.Data, r, D)
			copy(re, x.Data[r*D:])
			clear(im)
		}
	})
	return t.done(y)
}

func complexBack(t *Tape, y *Node) {
	D, dx := y.Cols()/2, t.grad(y.In[0])
	par.For(y.Rows(), rowGrain(D), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			re, _ := halves(y.Grad, r, D)
			vec.Accumulate(dx[r*D:(r+1)*D], re)
		}
	})
}

// minMagnitude keeps ScaleMagnitude from dividing by zero, as the release does.
const minMagnitude = 1e-6

// ScaleMagnitude applies an activation to the magnitude of a spectrum and
// keeps its phase (or sign): y = a(|x|) x / max(|x|, 1e-6).
//
//	x, y [F, 2 D], real parts first, if complex; [F, D] otherwise
func (t *Tape) ScaleMagnitude(x *Node, a Activation, complex bool) *Node {
	m := t.Magnitude(x, complex)
	return t.Rescale(x, t.Apply(m, a), m)
}

// Rescale gives a spectrum x of magnitude m the magnitude g and keeps its phase
// (or sign): y = g x / max(m, 1e-6).
//
//	x, y [F, 2 D], real parts first, if complex; [F, D] otherwise
//	g, m [F, D]
func (t *Tape) Rescale(x, g, m *Node) *Node {
	want(slices.Equal(g.Shape, m.Shape) && x.Rows() == m.Rows() && (x.Cols() == m.Cols() || x.Cols() == 2*m.Cols()),
		"rescale", "x [F, D] or [F, 2 D], g [F, D], m [F, D]", x, g, m)
	y := t.op("rescale", x.Shape, rescaleBack, x, g, m)
	C, D := x.Cols(), m.Cols()
	par.For(x.Rows(), rowGrain(C), func(lo, hi int) {
		for i := lo * C; i < hi*C; i++ {
			at := i/C*D + i%D
			y.Data[i] = g.Data[at] * x.Data[i] / max(m.Data[at], minMagnitude)
		}
	})
	return t.done(y)
}

func rescaleBack(t *Tape, y *Node) {
	x, g, m := y.In[0], y.In[1], y.In[2]
	dx, dg, dm := t.grad(x), t.grad(g), t.grad(m)
	C, D := x.Cols(), m.Cols()
	par.For(x.Rows(), rowGrain(C), func(lo, hi int) {
		for i := lo * C; i < hi*C; i++ {
			at := i/C*D + i%D
			den := max(m.Data[at], minMagnitude)
			if dx != nil {
				dx[i] += y.Grad[i] * g.Data[at] / den
			}
			if dg != nil {
				dg[at] += y.Grad[i] * x.Data[i] / den
			}
			if dm != nil && m.Data[at] > minMagnitude {
				dm[at] -= y.Grad[i] * y.Data[i] / den
			}
		}
	})
}

// CrossSpectrum returns conj(k) q, the spectrum of a cross-correlation (paper,
// equation 3).
//
//	k, q, y [F, 2 D], real parts first, if complex; [F, D] otherwise
func (t *Tape) CrossSpectrum(k, q *Node, complex bool) *Node {
	if !complex {
		return t.Mul(k, q)
	}
	want(slices.Equal(k.Shape, q.Shape) && k.Cols()%2 == 0, "cross-spectrum", "k and q [F, 2 D]", k, q)
	y := t.op("cross-spectrum", k.Shape, crossSpectrumBack, k, q)
	D := k.Cols() / 2
	par.For(k.Rows(), rowGrain(2*D), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			yr, yi := halves(y.Data, r, D)
			kr, ki := halves(k.Data, r, D)
			qr, qi := halves(q.Data, r, D)
			vec.ComplexMulConj(yr, yi, kr, ki, qr, qi)
		}
	})
	return t.done(y)
}

// halves returns the real and imaginary parts of row r of [F, 2 D].
func halves(x []float32, r, D int) (re, im []float32) {
	return x[2*r*D : (2*r+1)*D], x[(2*r+1)*D : (2*r+2)*D]
}

// crossSpectrumBack: dk = q conj(dy), dq = k dy.
func crossSpectrumBack(t *Tape, y *Node) {
	k, q := y.In[0], y.In[1]
	D, dk, dq := k.Cols()/2, t.grad(k), t.grad(q)
	par.For(k.Rows(), rowGrain(2*D), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			gr, gi := halves(y.Grad, r, D)
			kr, ki := halves(k.Data, r, D)
			qr, qi := halves(q.Data, r, D)
			if dk != nil {
				dr, di := halves(dk, r, D)
				vec.ComplexMulConjAdd(dr, di, gr, gi, qr, qi)
			}
			if dq != nil {
				dr, di := halves(dq, r, D)
				vec.ComplexMulAdd(dr, di, kr, ki, gr, gi)
			}
		}
	})
}
