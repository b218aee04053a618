package autograd

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/orchid-seq/orchid/internal/vec"
)

// An Activation is an elementwise function by name, with a shift for the two
// that take one ("sigmoid+1.5", "softshrink+0.1").
type Activation struct {
	Name  string
	Shift float32
}

// Identity leaves its input as it is.
var Identity = Activation{Name: "id"}

// GELU is x Phi(x), exactly: Phi is the normal distribution function.
var GELU = Activation{Name: "gelu"}

// ParseActivation reads an activation's name: id, tanh, relu, gelu (the exact
// erf form), silu, sigmoid, softplus, log, rational (x/(x+1)), sigmoid+a
// (sigmoid(x-a)) or softshrink+a.
func ParseActivation(s string) (Activation, error) {
	name, shift, shifted := strings.Cut(s, "+")
	switch {
	case shifted && (name == "sigmoid" || name == "softshrink"):
		a, err := strconv.ParseFloat(shift, 32)
		if err != nil {
			return Activation{}, fmt.Errorf("activation %q: %q is not a number", s, shift)
		}
		if a-a != 0 {
			return Activation{}, fmt.Errorf("activation %q: the shift is not finite", s)
		}
		return Activation{Name: s, Shift: float32(a)}, nil
	case s == "" || s == "id" || s == "identity" || s == "linear":
		return Identity, nil
	case s == "swish":
		return Activation{Name: "silu"}, nil
	case slices.Contains([]string{"tanh", "relu", "gelu", "silu", "sigmoid", "softplus", "log", "rational"}, s):
		return Activation{Name: s}, nil
	}
	return Activation{}, fmt.Errorf("activation %q is not one of id, tanh, relu, gelu, silu, sigmoid, softplus, log, rational, sigmoid+A, softshrink+A", s)
}

// Log is the logarithm of both signs, sign(x) log(1 + |x|).
var Log = Activation{Name: "log"}

// Apply returns a(x), element by element.
func (t *Tape) Apply(x *Node, a Activation) *Node {
	if a.Name == Identity.Name {
		return x
	}
	f, back := a.functions()
	y := t.op(a.Name, x.Shape, applyBack, x)
	y.Attr = back
	elements(len(y.Data), func(lo, hi int) { f(y.Data[lo:hi], x.Data[lo:hi]) })
	return t.done(y)
}

// gradient adds dy * a'(x) to dx; y is a(x).
type gradient func(dx, dy, x, y []float32)

func applyBack(t *Tape, y *Node) {
	x, back := y.In[0], y.Attr.(gradient)
	g, add := t.firstGrad(x)
	elements(len(g), func(lo, hi int) {
		if !add {
			clear(g[lo:hi])
		}
		back(g[lo:hi], y.Grad[lo:hi], x.Data[lo:hi], y.Data[lo:hi])
	})
}

// functions returns an activation and its gradient.
func (a Activation) functions() (func(dst, x []float32), gradient) {
	s := a.Shift
	switch base, _, _ := strings.Cut(a.Name, "+"); base {
	case "tanh":
		return vec.Tanh, func(dx, dy, x, y []float32) { vec.TanhBack(dx, dy, y) }
	case "relu":
		return vec.ReLU, func(dx, dy, x, y []float32) { vec.ReLUBack(dx, dy, x) }
	case "gelu":
		return vec.GELU, func(dx, dy, x, y []float32) { vec.GELUBack(dx, dy, x) }
	case "silu":
		return vec.SiLU, func(dx, dy, x, y []float32) { vec.SiLUBack(dx, dy, x) }
	case "softplus":
		return vec.Softplus, func(dx, dy, x, y []float32) { vec.SoftplusBack(dx, dy, x) }
	case "sigmoid":
		return func(dst, x []float32) {
			for i, v := range x {
				dst[i] = v - s
			}
			vec.Sigmoid(dst, dst)
		}, func(dx, dy, x, y []float32) { vec.SigmoidBack(dx, dy, y) }
	case "softshrink":
		return func(dst, x []float32) {
				for i, v := range x {
					switch {
					case v > s:
						dst[i] = v - s
					case v < -s:
						dst[i] = v + s
					default:
						dst[i] = v * 0 // 0, or NaN for NaN
					}
				}
			}, func(dx, dy, x, y []float32) {
				for i, v := range x {
					if v > s || v < -s {
						dx[i] += dy[i]
					}
				}
			}
	case "log":
		return func(dst, x []float32) {
				for i, v := range x {
					dst[i] = float32(math.Copysign(math.Log1p(math.Abs(float64(v))), float64(v)))
				}
			}, func(dx, dy, x, y []float32) {
				for i, v := range x {
					dx[i] += dy[i] / float32(1+math.Abs(float64(v)))
				}
			}
	case "rational":
		return func(dst, x []float32) {
				for i, v := range x {
					dst[i] = v / (v + 1)
				}
			}, func(dx, dy, x, y []float32) {
				for i, v := range x {
					dx[i] += dy[i] / ((v + 1) * (v + 1))
				}
			}
	}
	panic("autograd: unknown activation " + a.Name)
}
