package mixer

import (
	"math"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/tensor"
)

// TestAcross holds the nonlinearities over the batch to their formulas, for
// three spectra of two bins and two complex channels.
func TestAcross(t *testing.T) {
	const B, F, D = 3, 2, 2
	q := make([]float32, B*F*2*D)
	for i := range q {
		q[i] = float32(math.Sin(float64(3*i*i + 1)))
	}
	re := func(i, b, c int) int { return (i*F+b)*2*D + c }
	magnitude := func(i, b, c int) float64 {
		return math.Hypot(float64(q[re(i, b, c)]), float64(q[re(i, b, c)+D]))
	}
	softmax := func(i, b, c int) float64 {
		sum := 0.0
		for j := range B {
			sum += math.Exp(magnitude(j, b, c))
		}
		return math.Exp(magnitude(i, b, c)) / sum
	}
	ln := func(i, b, c int) float64 { // scale 1, shift 0
		var mean, square float64
		for j := range B {
			mean += magnitude(j, b, c) / B
			square += magnitude(j, b, c) * magnitude(j, b, c) / B
		}
		return (magnitude(i, b, c) - mean) / math.Sqrt(square-mean*mean)
	}
	for name, want := range map[string]func(i, b, c int) float64{"softmax": softmax, "ln": ln} {
		a := newAcross(name, true)
		if a.scale != nil {
			a.scale.Data[0] = 1
		}
		var tape autograd.Tape
		y := a.forward(&tape, tape.Input(q, B*F, 2*D), tensor.Uniform(B, F), true)
		for i := range B {
			for b := range F {
				for c := range D {
					for _, at := range []int{re(i, b, c), re(i, b, c) + D} {
						w := want(i, b, c) * float64(q[at]) / magnitude(i, b, c)
						// A few roundings of values near 1, more where "ln" divides by a small deviation.
						if d := math.Abs(float64(y.Data[at]) - w); !(d <= 1e-5) {
							t.Errorf("%s: sequence %d, bin %d, channel %d: %v, want %v", name, i, b, c, y.Data[at], w)
						}
					}
				}
			}
		}
	}
}
