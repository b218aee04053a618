package mixer

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/tensor"
)

// alone checks that each sequence of a batch gives the bits that it gives by
// itself, forward and in the gradient of the input.
func alone(t *testing.T, what string, c Config, D int) {
	t.Helper()
	if c.Validate(D, 128) != nil {
		return
	}
	m := build(t, c, D, 128)
	seq := tensor.Pack(lengthsFor(c, 17, 1, 128, 3, 64, 17, 97, 2)...)
	x, dy := numtest.Normal(1, seq.Total()*D), numtest.Normal(2, seq.Total()*D)
	batch := run(m, x, dy, D, seq, false)
	for i := range seq.Count() {
		lo, hi := seq[i]*D, seq[i+1]*D
		one := run(m, x[lo:hi], dy[lo:hi], D, tensor.Pack(seq.Len(i)), false)
		where := fmt.Sprintf("%s, width %d, %s", what, D, sequenceName(i, seq))
		numtest.BitEqual(t, where, batch.y[lo:hi], one.y)
		numtest.BitEqual(t, where+", gradient of the input", batch.dx[lo:hi], one.dx)
	}
}

// TestAlone holds every mixer to batch independence, bit for bit. Batch
// normalisation is in its evaluation mode: training it couples sequences by
// definition.
func TestAlone(t *testing.T) {
	widths := []int{5, 32, 40}
	if testing.Short() {
		widths = widths[:1]
	}
	for _, D := range widths {
		for _, c := range operators() {
			alone(t, name(c), c, D)
		}
	}
	for what, c := range options {
		alone(t, what, c, 5)
		if !testing.Short() {
			alone(t, what, c, 40)
		}
	}
	for _, a := range activations {
		c := changed(func(c *Config) { c.ConditionerLayers, c.ConditionerActivation = 2, a })
		alone(t, "activation "+a, c, 5)
	}
}

func TestAloneOnLevels(t *testing.T) {
	for _, level := range cpu.Levels {
		if level > cpu.Best() {
			continue
		}
		restore := cpu.Limit(level)
		for _, what := range []string{"squared DCT", "plain DFT", "tanh of q", "four heads", "hyena", "m2"} {
			alone(t, fmt.Sprint(level, ", ", what), options[what], 40)
		}
		restore()
	}
}

// TestNaNStaysAtHome poisons one sequence of a batch: the others, and the
// gradients of their inputs, keep their bits.
func TestNaNStaysAtHome(t *testing.T) {
	const D, poisoned = 5, 1
	seq := tensor.Pack(9, 16, 9, 30)
	for _, c := range []Config{Default(), options["plain DFT"], options["tanh of q"], options["four heads"], options["hyena"], options["m2"]} {
		if c.Heads > 1 {
			c.Heads = D
		}
		m := build(t, c, D, 30)
		x, dy := numtest.Normal(1, seq.Total()*D), numtest.Normal(2, seq.Total()*D)
		clean := run(m, x, dy, D, seq, false)
		x[seq[poisoned]*D] = float32(math.NaN())
		dirty := run(m, x, dy, D, seq, false)
		for i := range seq.Count() {
			lo, hi := seq[i]*D, seq[i+1]*D
			if i != poisoned {
				numtest.BitEqual(t, c.Mixer+" "+name(c), dirty.y[lo:hi], clean.y[lo:hi])
				numtest.BitEqual(t, c.Mixer+" "+name(c)+", gradient", dirty.dx[lo:hi], clean.dx[lo:hi])
				continue
			}
			// The residual convolution, the long one or attention carry it to
			// the last row.
			if last := dirty.y[hi-D : hi]; !slices.ContainsFunc(last, func(v float32) bool { return v != v }) {
				t.Errorf("%s %s: a NaN in the first row left the last one at %v", c.Mixer, name(c), last)
			}
		}
	}
}

// TestThreads compares 1, 2 and 4 threads on a batch large enough to be cut in
// many places.
func TestThreads(t *testing.T) {
	const D, total = 64, 5000
	seq := tensor.Pack(1500, 3, 700, 64, 1024, 1, 997, 256, 128, 327)
	if seq.Total() != total {
		t.Fatalf("%d rows", seq.Total())
	}
	x, dy := numtest.Normal(1, total*D), numtest.Normal(2, total*D)
	cases := map[string]Config{
		"default":       Default(),
		"Type II":       changed(func(c *Config) { c.Conditioner, c.Transform = "correlation", "dft" }),
		"batch norm":    options["batch norm"],
		"order 3":       options["order 3"],
		"double kernel": options["double kernel"],
		"two layers": changed(func(c *Config) {
			c.ConditionerLayers, c.ConditionerActivation, c.ConditionerPadding = 2, "ln", "circular"
		}),
		"attention": options["four heads"],
		"hyena":     options["hyena"],
		"m2":        options["m2"],
	}
	if testing.Short() {
		maps.DeleteFunc(cases, func(what string, _ Config) bool { return what != "default" && what != "Type II" })
	}
	defer par.SetThreads(par.Threads())
	for what, c := range cases {
		m := build(t, c, D, 1500)
		par.SetThreads(1)
		want := run(m, x, dy, D, seq, false)
		for _, threads := range []int{2, 4} {
			par.SetThreads(threads)
			sameBits(t, fmt.Sprintf("%s, %d threads", what, threads), run(m, x, dy, D, seq, false), want)
		}
	}
}

// TestUsedTape runs on buffers that a former pass left full of NaN: nothing may
// count on memory being zero, least of all the end of a static kernel that is
// shorter than the sequence.
func TestUsedTape(t *testing.T) {
	const D = 5
	cases := maps.Clone(options)
	for _, c := range operators() {
		cases[name(c)] = c
	}
	for what, c := range cases {
		if c.Heads > 1 {
			c.Heads = D
		}
		maxLength := 20
		if c.complex() || c.Mixer == "hyena" || c.Mixer == "m2" {
			maxLength = 12
		}
		m, seq := build(t, c, D, maxLength), tensor.Pack(7, 20, 7, 2)
		x, dy := numtest.Normal(1, seq.Total()*D), numtest.Normal(2, seq.Total()*D)
		want := run(m, x, dy, D, seq, false)
		var tape autograd.Tape
		nan := slices.Repeat([]float32{float32(math.NaN())}, len(x))
		runOn(&tape, m, nan, nan, D, seq)
		sameBits(t, what, runOn(&tape, m, x, dy, D, seq), want)
	}
}

// TestWithoutGradients: giving values back early changes no bit, also where the
// buffers that are used again hold NaN, and with another sequence as context.
func TestWithoutGradients(t *testing.T) {
	const D = 5
	cases := maps.Clone(options)
	for _, c := range operators() {
		cases[name(c)] = c
	}
	seq, other := tensor.Pack(7, 20, 7, 2), tensor.Pack(20, 3, 7, 9)
	x, context := numtest.Normal(1, seq.Total()*D), numtest.Normal(2, other.Total()*D)
	nan := slices.Repeat([]float32{float32(math.NaN())}, len(x))
	for what, c := range cases {
		if c.Heads > 1 {
			c.Heads = D
		}
		m := build(t, c, D, 20)
		forward := func(tape *autograd.Tape, x []float32) []float32 {
			tape.Reset()
			return slices.Clone(m.Forward(tape, tape.Input(x, seq.Total(), D), seq).Data)
		}
		tape := autograd.Tape{NoGrad: true}
		forward(&tape, nan)
		numtest.BitEqual(t, what, forward(&tape, x), forward(&autograd.Tape{}, x))
		on, ok := m.(*Orchid)
		if !ok {
			continue
		}
		forwardOn := func(tape *autograd.Tape) []float32 {
			tape.Reset()
			return slices.Clone(on.ForwardOn(tape, tape.Input(x, seq.Total(), D), seq, tape.Input(context, other.Total(), D), other).Data)
		}
		numtest.BitEqual(t, what+", on another sequence", forwardOn(&tape), forwardOn(&autograd.Tape{}))
	}
}

// equivariance returns how far the output of a shifted sequence is from the
// shifted output, relative to the largest value.
func equivariance(t *testing.T, c Config, L int) float64 {
	const D, by = 6, 5
	m := build(t, c, D, L)
	seq, x := tensor.Pack(L), numtest.Normal(1, L*D)
	forward := func(x []float32) []float32 {
		tape := autograd.Tape{NoGrad: true}
		return m.Forward(&tape, tape.Input(x, L, D), seq).Data
	}
	return distance(forward(rotate(x, D, by)), rotate(forward(x), D, by))
}

// circular makes everything around the long convolutions equivariant: the
// conditioner's padding, and one short tap, since a causal convolution fills
// up with zeros at the start of the sequence. The static kernel is: its taps do
// not depend on the input, and the DFT applies them circularly.
func circular(c *Config) {
	c.ConditionerPadding, c.ShortTaps = autograd.Circular, 1
}

// TestShift: with the DFT, the output of a circularly shifted sequence is the
// shifted output.
func TestShift(t *testing.T) {
	for _, c := range operators() {
		circular(&c)
		// A kernel from the whole spectrum carries the phase of its sequence
		// and shifts too; a cosine transform has no shift theorem.
		want := c.complex() && c.Conditioner != "spectrum"
		for _, L := range []int{12, 37, 64} {
			switch d := equivariance(t, c, L); {
			case want && !(d <= 1e-5):
				t.Errorf("%s, length %d: off by %.2g of the largest value", name(c), L, d)
			case !want && !(d > 1e-3):
				t.Errorf("%s, length %d: off by %.2g only, but this form is not equivariant", name(c), L, d)
			}
		}
	}
	for what, c := range map[string]Config{
		"three short taps": changed(func(c *Config) { circular(c); c.Transform, c.ShortTaps = "dft", 3 }),
		"zero padding":     changed(func(c *Config) { circular(c); c.Transform, c.ConditionerPadding = "dft", autograd.Zeros }),
		"double kernel":    changed(func(c *Config) { circular(c); c.Transform, c.DoubleKernel = "dft", true }),
		"parts of Type II": changed(func(c *Config) {
			circular(c)
			c.Transform, c.Conditioner, c.Nonlinearity = "dft", "correlation", "tanh"
		}),
	} {
		if d := equivariance(t, c, 37); !(d > 1e-5) {
			t.Errorf("%s: off by %.2g only, but it breaks equivariance", what, d)
		}
	}
	magnitude := changed(func(c *Config) {
		circular(c)
		c.Transform, c.Conditioner, c.Nonlinearity, c.NonlinearityForm = "dft", "correlation", "tanh", "magnitude"
	})
	if d := equivariance(t, magnitude, 37); !(d <= 1e-5) {
		t.Errorf("Type II with a function of the magnitude: off by %.2g of the largest value", d)
	}
}

// TestShiftTheorem shows where that comes from: |F shift(v)|^2 = |F v|^2, so the
// conditioner gives a shifted sequence the same kernel. Not so with a DCT.
func TestShiftTheorem(t *testing.T) {
	const D, L, by = 6, 37, 5
	for _, transform := range []string{"dft", "dft-ortho", "dct-ortho", "dct", "dct1"} {
		c := changed(func(c *Config) { circular(c); c.Transform = transform })
		m := build(t, c, D, L).(*Orchid)
		seq, v := tensor.Pack(L), numtest.Normal(1, L*D)
		kernel := func(v []float32) []float32 {
			var tape autograd.Tape
			return m.conditioner.forward(&tape, tape.Input(v, L, D), 0, seq).Data
		}
		d := distance(kernel(rotate(v, D, by)), kernel(v))
		if c.complex() && !(d <= 1e-5) {
			t.Errorf("%s: the kernel of a shifted sequence is off by %.2g of the largest value", transform, d)
		}
		if !c.complex() && !(d > 1e-2) {
			t.Errorf("%s: the kernel of a shifted sequence is off by %.2g only", transform, d)
		}
	}
}
