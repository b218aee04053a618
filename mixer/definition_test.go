package mixer

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/tensor"
)

// outputTolerance is relative to the largest value of a sequence. Roundings of
// 2^-24 grow most in the static kernel: a sine layer multiplies the error of
// its input by its frequency times the norm of a row of weights, about 0.6, so
// the two layers between W and W channels of the default frequency 10 make
// 36 * 2^-24 = 2e-6 of it; the transforms, products and sums around them stay
// within four times that.
const outputTolerance = 1e-5

// compare holds a mixer to the reference on one packed batch.
func compare(t *testing.T, what string, c Config, D, maxLength int, lengths []int) {
	t.Helper()
	m, seq := build(t, c, D, maxLength), tensor.Pack(lengths...)
	x := numtest.Normal(1, seq.Total()*D)
	var tape autograd.Tape
	got := m.Forward(&tape, tape.Input(x, seq.Total(), D), seq)
	want := newReference(c, D, maxLength, m.Params()).forward(unpack(widen(x), D, seq))
	for i, y := range want { // each sequence by its own largest value
		lo, hi := seq.Span(i)
		numtest.Close(t, what+", "+sequenceName(i, seq), got.Data[lo*D:hi*D], pack([]rows{y}), outputTolerance)
	}
}

// TestDefinition holds every conditioner, transform and choice of stages to
// the O(L^2) definition at each length from 1 to 70. With a DFT, the static
// kernel is shorter than some sequences.
func TestDefinition(t *testing.T) {
	longest := 70
	if testing.Short() {
		longest = 35
	}
	for _, c := range operators() {
		c.Filter.Frequency = 3
		maxLength := longest
		if c.complex() {
			maxLength = 20
		}
		compare(t, name(c), c, 4, maxLength, lengthsFor(c, upTo(longest)...))
	}
}

func TestDefinitionOfOptions(t *testing.T) {
	for what, c := range options {
		compare(t, what, c, 4, 40, lengthsFor(c, 1, 2, 3, 8, 17, 40))
	}
	// Reflection needs a sequence, and a spectrum, longer than its reach.
	reflect := changed(func(c *Config) { c.ConditionerPadding, c.Transform, c.ConditionerTaps = autograd.Reflect, "dft", 5 })
	compare(t, "reflect", reflect, 4, 40, []int{4, 5, 9, 33})
	for _, a := range activations {
		c := changed(func(c *Config) { c.ConditionerLayers, c.ConditionerActivation = 2, a })
		compare(t, "activation "+a, c, 4, 40, []int{3, 17, 40})
	}
}

// TestDefinitionAtPrimes uses lengths that the fast transforms reach by
// another road (Bluestein).
func TestDefinitionAtPrimes(t *testing.T) {
	lengths := []int{127, 257, 1009}
	if testing.Short() {
		lengths = lengths[:2]
	}
	for _, c := range []Config{
		Default(),
		changed(func(c *Config) { c.Transform = "dft" }),
		changed(func(c *Config) { c.Transform, c.Conditioner = "dft-ortho", "correlation" }),
		changed(func(c *Config) { c.Transform = "dct1" }),
	} {
		compare(t, name(c), c, 3, 1009, lengths)
	}
	compare(t, "hyena", options["hyena"], 3, 1009, lengths)
	compare(t, "m2", options["m2"], 3, 1009, lengths)
}

// TestDefinitionOnLevels runs a few configurations on every kernel level.
func TestDefinitionOnLevels(t *testing.T) {
	for _, level := range cpu.Levels {
		if level > cpu.Best() {
			continue
		}
		restore := cpu.Limit(level)
		for _, what := range []string{"squared DCT", "plain DFT", "four heads", "hyena", "m2"} {
			compare(t, fmt.Sprint(level, ", ", what), options[what], 40, 64, []int{1, 17, 64})
		}
		restore()
	}
}

// TestGradient compares, for the input and for each parameter, the derivative
// of sum(y dy) along a random direction with central differences of the
// reference. In float64 a step of 1e-5 leaves them an error near 1e-9, so what
// is left is the rounding of our own float32 gradient: outputTolerance, since
// it runs through the same chain, ten times for the way there and back.
func TestGradient(t *testing.T) {
	cases := map[string]Config{
		"default": Default(),
		"DFT":     changed(func(c *Config) { c.Transform = "dft" }),
		"Type II": changed(func(c *Config) { c.Transform, c.Conditioner = "dft-ortho", "correlation" }),
		"DCT-I":   changed(func(c *Config) { c.Transform, c.Conditioner = "dct1", "spectrum" }),
		"reflect": changed(func(c *Config) { c.ConditionerPadding = autograd.Reflect }),
	}
	for _, a := range activations {
		cases["activation "+a] = changed(func(c *Config) { c.ConditionerLayers, c.ConditionerActivation = 2, a })
	}
	for what, c := range options {
		cases[what] = c
	}
	for what, c := range cases {
		c.Filter.Width = min(c.Filter.Width, 8)
		for _, training := range []bool{false, true} {
			if training && c.ConditionerNorm != "batch" {
				continue
			}
			gradient(t, fmt.Sprintf("%s (training %v)", what, training), c, 4, training)
		}
	}
	for _, what := range []string{"default", "Type II"} { // more channels than a tile of the transforms
		gradient(t, what+", width 37", cases[what], 37, false)
	}
}

// gradientTolerance is relative to the norm of a gradient.
const gradientTolerance = 10 * outputTolerance

func gradient(t *testing.T, what string, c Config, D int, training bool) {
	const maxLength = 11
	seq := tensor.Pack(5, 11, 5, 8)
	m := build(t, c, D, maxLength)
	ref := newReference(c, D, maxLength, m.Params())
	ref.training = training
	x, dy := numtest.Normal(1, seq.Total()*D), numtest.Normal(2, seq.Total()*D)
	got := run(m, x, dy, D, seq, training)
	x64 := widen(x)

	values := map[string][]float64{"the input": x64}
	got.grads["the input"] = got.dx
	largest := 0.0
	for name, g := range got.grads {
		if name != "the input" {
			values[name] = ref.p[name]
		}
		largest = max(largest, norm2(g))
	}
	loss := func() float64 { return dot(dy, pack(ref.forward(unpack(x64, D, seq)))) }
	for name, g := range got.grads {
		direction, want := slope(values[name], loss)
		got := dot(g, direction)
		// A bias before a norm has a gradient of 0 but for rounding, so no
		// parameter is held to more than 1e-2 of the tolerance of the largest.
		allowed := gradientTolerance * max(norm2(g), 1e-2*largest)
		if d := math.Abs(got - want); !(d <= allowed) {
			t.Errorf("%s, gradient of %s along a direction: %g, by differences %g; off by %.2g, allowed %.2g", what, name, got, want, d, allowed)
		}
	}
}

// slope returns a random direction of v and the derivative of a loss along it,
// by central differences.
func slope(v []float64, loss func() float64) (direction []float64, derivative float64) {
	const step = 1e-5
	kept := slices.Clone(v)
	direction = widen(numtest.Normal(3, len(v)))
	for _, sign := range []float64{1, -1} {
		for i, d := range direction {
			v[i] = kept[i] + sign*step*d
		}
		derivative += sign * loss() / (2 * step)
	}
	copy(v, kept)
	return direction, derivative
}

func dot(g []float32, direction []float64) (sum float64) {
	for i, d := range direction {
		sum += float64(g[i]) * d
	}
	return sum
}

func norm2(x []float32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}
