package mixer

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/tensor"
)

// changed returns the default configuration with a change.
func changed(change func(c *Config)) Config {
	c := Default()
	change(&c)
	return c
}

// operators lists every conditioner, transform and choice of stages that
// Validate accepts, with a small filter network.
func operators() (list []Config) {
	for _, conditioner := range []string{"magnitude", "correlation", "spectrum"} {
		for _, transform := range []string{"dft", "dft-ortho", "dct-ortho", "dct", "dct1"} {
			for _, stages := range []string{"time", "frequency", "both"} {
				c := changed(func(c *Config) { c.Conditioner, c.Transform, c.Stages = conditioner, transform, stages })
				c.Filter.Width = 8
				if c.Validate(8, 8) == nil {
					list = append(list, c)
				}
			}
		}
	}
	return list
}

// options lists what else a mixer can be asked to do, in combinations where
// it matters.
var options = map[string]Config{
	"squared DCT":          changed(func(c *Config) { c.Magnitude = "squared" }),
	"plain DFT":            changed(func(c *Config) { c.Transform, c.Magnitude = "dft", "plain" }),
	"double kernel":        changed(func(c *Config) { c.Transform, c.DoubleKernel = "dft", true }),
	"double kernel, ortho": changed(func(c *Config) { c.Conditioner, c.Transform, c.DoubleKernel = "spectrum", "dft-ortho", true }),
	"order 3": changed(func(c *Config) {
		c.Order, c.Conditioner, c.Stages, c.Transform, c.Residual = 3, "spectrum", "frequency", "dft", false
	}),
	"order 3, double kernel, two layers": changed(func(c *Config) {
		c.Order, c.Conditioner, c.Stages, c.Transform, c.Residual = 3, "spectrum", "frequency", "dft-ortho", false
		c.DoubleKernel, c.ConditionerLayers, c.ConditionerNorm = true, 2, "batch"
	}),
	"batch norm":       changed(func(c *Config) { c.ConditionerNorm = "batch" }),
	"batch norm, DFT":  changed(func(c *Config) { c.ConditionerNorm, c.Transform, c.Conditioner = "batch", "dft", "correlation" }),
	"no norm":          changed(func(c *Config) { c.ConditionerNorm, c.ConditionerBias = "none", false }),
	"circular padding": changed(func(c *Config) { c.ConditionerPadding, c.ConditionerTaps = autograd.Circular, 5 }),
	"replicate":        changed(func(c *Config) { c.ConditionerPadding, c.ConditionerTaps = autograd.Replicate, 5 }),
	"one tap":          changed(func(c *Config) { c.ConditionerTaps, c.ShortTaps = 1, 1 }),
	"five short taps":  changed(func(c *Config) { c.ShortTaps = 5 }),
	"softmax of q":     changed(func(c *Config) { c.Conditioner, c.Nonlinearity = "correlation", "softmax" }),
	"tanh of q":        changed(func(c *Config) { c.Conditioner, c.Nonlinearity, c.Transform = "correlation", "tanh", "dft" }),
	"tanh of |q|": changed(func(c *Config) {
		c.Conditioner, c.Nonlinearity, c.NonlinearityForm, c.Transform = "correlation", "tanh", "magnitude", "dft-ortho"
	}),
	"sigmoid of |q|": changed(func(c *Config) {
		c.Conditioner, c.Nonlinearity, c.NonlinearityForm = "correlation", "sigmoid+0.3", "magnitude"
	}),
	"no static kernel": changed(func(c *Config) { c.StaticKernel = false }),
	"no residual":      changed(func(c *Config) { c.Residual = false }),
	"no gates":         changed(func(c *Config) { c.Gates = false }),
	"no gates, DFT": changed(func(c *Config) {
		c.Gates, c.Transform, c.ResidualSkip, c.Conditioner = false, "dft", false, "correlation"
	}),
	"no gates alone":     changed(func(c *Config) { c.Gates, c.Residual, c.StaticKernel = false, false, false }),
	"no residual skip":   changed(func(c *Config) { c.ResidualSkip = false }),
	"relative positions": changed(func(c *Config) { c.Filter.Positions, c.Filter.Features = "relative", 7 }),
	"fixed positions":    changed(func(c *Config) { c.Filter.Positions, c.Filter.Features = "fixed", 3 }),
	"linear filter":      changed(func(c *Config) { c.Filter.Linear, c.Filter.Normalize = true, true }),
	"other filter": changed(func(c *Config) {
		c.Filter.Inner, c.Filter.Width, c.Filter.FrequencyScale = 1, 9, 0.7
		c.Filter.TrainDecay, c.Filter.Shift, c.Filter.Normalize = true, 0.05, true
	}),
	"no modulation": changed(func(c *Config) { c.Filter.Modulate = false }),
	"attention":     changed(func(c *Config) { c.Mixer = "attention" }),
	"four heads":    changed(func(c *Config) { c.Mixer, c.Heads = "attention", 4 }),
	"hyena":         changed(func(c *Config) { c.Mixer = "hyena" }),
	"m2":            changed(func(c *Config) { c.Mixer = "m2" }),
}

// activations lists what may stand between two layers of the conditioner.
var activations = []string{"id", "tanh", "relu", "gelu", "silu", "sigmoid", "sigmoid+0.5", "softplus", "log", "softshrink+0.1", "rational", "softmax", "ln"}

// name is a configuration in the words that the tests vary.
func name(c Config) string {
	return strings.Join([]string{c.Conditioner, c.Transform, c.Stages}, "/")
}

// build makes a mixer with weights drawn by the rules and with gains, shifts,
// frequencies and running statistics moved from the constants where they start.
func build(t testing.TB, c Config, D, maxLength int) Mixer {
	t.Helper()
	m, err := New(c, "", D, maxLength)
	if err != nil {
		t.Fatal(err)
	}
	if err := autograd.Initialize(m.Params(), autograd.SchemeUniform, 7); err != nil {
		t.Fatal(err)
	}
	for i, p := range m.Params() {
		if p.Init.Rule != autograd.InitConstant && !strings.HasSuffix(p.Name, ".activation.m") {
			continue
		}
		for j, v := range numtest.Normal(uint64(100+i), len(p.Data)) {
			p.Data[j] += 0.1 * v
		}
	}
	return m
}

// result is what one pass of a mixer gives.
type result struct {
	y, dx []float32
	grads map[string][]float32 // of the parameters that are trained
}

// run passes x and, backward, dy through a mixer.
func run(m Mixer, x, dy []float32, D int, seq tensor.Offsets, training bool) result {
	return runOn(&autograd.Tape{Training: training}, m, x, dy, D, seq)
}

// runOn is run on a tape that may have been used before.
func runOn(t *autograd.Tape, m Mixer, x, dy []float32, D int, seq tensor.Offsets) result {
	t.Reset()
	for _, p := range m.Params() {
		clear(p.Grad)
	}
	r := result{dx: make([]float32, len(x)), grads: map[string][]float32{}}
	y := m.Forward(t, t.Variable(x, r.dx, seq.Total(), D), seq)
	r.y = slices.Clone(y.Data)
	t.Backward(y, dy, 1)
	for _, p := range m.Params() {
		if !p.Frozen {
			r.grads[p.Name] = slices.Clone(p.Grad)
		}
	}
	return r
}

// sameBits compares two results.
func sameBits(t *testing.T, what string, got, want result) {
	t.Helper()
	numtest.BitEqual(t, what, got.y, want.y)
	numtest.BitEqual(t, what+", gradient of the input", got.dx, want.dx)
	for name, g := range want.grads {
		numtest.BitEqual(t, what+", gradient of "+name, got.grads[name], g)
	}
}

// unpack cuts a packed batch into sequences.
func unpack(x []float64, D int, seq tensor.Offsets) []rows {
	list := make([]rows, seq.Count())
	for l := range seq.Total() {
		i := 0
		for seq[i+1] <= l {
			i++
		}
		list[i] = append(list[i], x[l*D:(l+1)*D])
	}
	return list
}

// pack joins sequences.
func pack(xs []rows) (list []float64) {
	for _, x := range xs {
		for _, row := range x {
			list = append(list, row...)
		}
	}
	return list
}

// lengthsFor drops lengths that a transform cannot have.
func lengthsFor(c Config, lengths ...int) []int {
	var list []int
	for _, L := range lengths {
		if L > 1 || c.Transform != "dct1" {
			list = append(list, L)
		}
	}
	return list
}

func upTo(n int) (list []int) {
	for L := 1; L <= n; L++ {
		list = append(list, L)
	}
	return list
}

// distance is max|a-b| / max|b|.
func distance(a, b []float32) float64 {
	worst, scale := 0.0, 0.0
	for i := range a {
		worst = max(worst, math.Abs(float64(a[i])-float64(b[i])))
		scale = max(scale, math.Abs(float64(b[i])))
	}
	return worst / scale
}

// rotate shifts the rows of one sequence circularly.
func rotate(x []float32, D, by int) []float32 {
	return slices.Concat(x[len(x)-by*D:], x[:len(x)-by*D])
}

func sequenceName(i int, seq tensor.Offsets) string {
	return fmt.Sprintf("sequence %d of length %d", i, seq.Len(i))
}
