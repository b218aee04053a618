package mixer

import (
	"fmt"
	"math"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/tensor"
)

// The spectra of three sequences, of two bins and two complex channels.
const acrossB, acrossF, acrossD = 3, 2, 2

// acrossFormula is the definition of a nonlinearity over the batch; scale and
// mid are of "ln".
func acrossFormula(name string, magnitude bool, q []float64, scale, mid float64) []float64 {
	const B, F, C = acrossB, acrossF, 2 * acrossD
	x := func(i, b, c int) float64 { // what the statistics are of
		row := q[(i*F+b)*C : (i*F+b+1)*C]
		if !magnitude {
			return row[c]
		}
		return math.Hypot(row[c%acrossD], row[c%acrossD+acrossD])
	}
	y := make([]float64, len(q))
	for i := range B {
		for b := range F {
			for c := range C {
				var sum, mean, variance float64
				for j := range B {
					sum += math.Exp(x(j, b, c))
					mean += x(j, b, c) / B
				}
				for j := range B {
					variance += (x(j, b, c) - mean) * (x(j, b, c) - mean) / B
				}
				v := math.Exp(x(i, b, c)) / sum
				if name == "ln" {
					v = scale * (x(i, b, c) - mean + mid) / math.Sqrt(variance)
				}
				at := (i*F+b)*C + c
				if y[at] = v; magnitude { // the phase is kept
					y[at] = v * q[at] / x(i, b, c)
				}
			}
		}
	}
	return y
}

// TestAcross holds the nonlinearities over the batch to their formulas, and
// their gradients to central differences of these.
func TestAcross(t *testing.T) {
	const n = acrossB * acrossF * 2 * acrossD
	q, wide := make([]float32, n), make([]float64, n)
	for i := range q {
		q[i] = float32(math.Sin(float64(3*i*i + 1)))
		wide[i] = float64(q[i])
	}
	dy := numtest.Normal(5, n)
	for _, c := range []struct {
		name      string
		magnitude bool
	}{{"softmax", true}, {"ln", true}, {"ln", false}} {
		what := fmt.Sprintf("%s, magnitude %v", c.name, c.magnitude)
		a, scale, mid := newAcross(c.name, c.magnitude), 1.25, 0.375
		if a.scale != nil {
			a.scale.Data[0], a.mid.Data[0] = float32(scale), float32(mid)
		}
		var tape autograd.Tape
		g := make([]float32, n)
		y := a.forward(&tape, tape.Variable(q, g, acrossB*acrossF, 2*acrossD), tensor.Uniform(acrossB, acrossF), true)
		// A few roundings of values near 1, more where "ln" divides by a small deviation.
		numtest.Close(t, what, y.Data, acrossFormula(c.name, c.magnitude, wide, scale, mid), 1e-5)
		tape.Backward(y, dy, 1)

		// Differences err by h^2 and 2^-52/h, both about 1e-10.
		const h = 1e-5
		derivative := func(x *float64) float64 {
			loss := func(v float64) (sum float64) {
				*x = v
				for i, v := range acrossFormula(c.name, c.magnitude, wide, scale, mid) {
					sum += v * float64(dy[i])
				}
				return sum
			}
			old := *x
			d := (loss(old+h) - loss(old-h)) / (2 * h)
			*x = old
			return d
		}
		want := make([]float64, n)
		for i := range want {
			want[i] = derivative(&wide[i])
		}
		numtest.Close(t, what+", gradient", g, want, 4e-5)
		if a.scale != nil {
			numtest.Close(t, what+", gradient of scale and mid", []float32{a.scale.Grad[0], a.mid.Grad[0]}, []float64{derivative(&scale), derivative(&mid)}, 4e-5)
		}
	}
}
