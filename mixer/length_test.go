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

// TestImpossibleLengths: what a mixer cannot serve is a *ShapeError, one
// sentence that Catch turns into an error.
func TestImpossibleLengths(t *testing.T) {
	const D, maxLength = 6, 8
	for _, c := range []struct {
		config  Config
		lengths []int
		want    string // what the error contains; "" for no error
	}{
		{Default(), []int{8}, ""},
		{Default(), []int{3, 9}, "autograd: orchid wants sequences of at most 8 rows, the length its static kernel was made for (filter-positions=relative serves any length), got [[9 6]]"},
		{changed(func(c *Config) { c.StaticKernel = false }), []int{9}, "at most 8 rows"}, // the residual one
		{changed(func(c *Config) { c.StaticKernel, c.Residual = false, false }), []int{9}, ""},
		{changed(func(c *Config) { c.Filter.Positions = "relative" }), []int{9, 100}, ""},
		{changed(func(c *Config) { c.Transform = "dft" }), []int{9, 100}, ""},
		{options["hyena"], []int{9, 100}, ""},
		{options["m2"], []int{9, 100}, ""},
		{options["attention"], []int{9, 100}, ""},
		{changed(func(c *Config) { c.Transform = "dct1" }), []int{4, 1}, "autograd: orchid wants sequences of at least 2 rows for transform=dct1, got [[1 6]]"},
		{changed(func(c *Config) { c.ConditionerPadding = autograd.Reflect }), []int{5, 1}, "autograd: conv wants sequences (or spectra) longer than 1 for reflect padding, the shortest has 1, got []"},
		{Default(), []int{4, 0, 3}, "sequence 1 has length 0: want at least 1"},
		{options["hyena"], []int{4, 0, 3}, "sequence 1 has length 0: want at least 1"},
		{options["attention"], []int{4, 0, 3}, "sequence 1 has length 0: want at least 1"},
	} {
		m, seq := build(t, c.config, D, maxLength), tensor.Pack(c.lengths...)
		x := numtest.Normal(1, seq.Total()*D)
		err := autograd.Catch(func() {
			var tape autograd.Tape
			m.Forward(&tape, tape.Input(x, seq.Total(), D), seq)
		})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s %s, lengths %v: got %v, want %q", c.config.Mixer, name(c.config), c.lengths, err, c.want)
		}
	}
}

// TestLongerThanKernel: with a DFT, and in Hyena, a static kernel ends in
// zeros; one with relative positions is made anew for every length.
func TestLongerThanKernel(t *testing.T) {
	relative := func(transform string) Config {
		return changed(func(c *Config) { c.Transform, c.Filter.Positions = transform, "relative" })
	}
	for what, c := range map[string]Config{
		"DFT":                changed(func(c *Config) { c.Transform = "dft" }),
		"orthonormal DFT":    changed(func(c *Config) { c.Transform = "dft-ortho" }),
		"hyena":              options["hyena"],
		"m2":                 options["m2"],
		"relative, DFT":      relative("dft"),
		"relative, DCT":      relative("dct-ortho"),
		"relative, DCT-I":    relative("dct1"),
		"relative and hyena": changed(func(c *Config) { c.Mixer, c.Filter.Positions = "hyena", "relative" }),
		"relative and M2":    changed(func(c *Config) { c.Mixer, c.Filter.Positions = "m2", "relative" }),
	} {
		compare(t, what, c, 4, 10, []int{10, 11, 19, 20, 21, 50})
	}
}

// TestRelativePositions: at the length that trained positions were made for,
// relative ones are what those start as.
func TestRelativePositions(t *testing.T) {
	const D, L = 4, 24
	seq, x := tensor.Pack(L), numtest.Normal(1, L*D)
	var y [2][]float32
	for i, positions := range []string{"trained", "relative"} {
		m := build(t, changed(func(c *Config) { c.Filter.Positions = positions }), D, L)
		for _, p := range m.Params() { // build numbers parameters, and the lists differ
			if p.Init.Rule == autograd.InitConstant {
				for j := range p.Data {
					p.Data[j] = float32(p.Init.Value) + 0.1*float32(j%3)
				}
			}
		}
		var tape autograd.Tape
		y[i] = m.Forward(&tape, tape.Input(x, L, D), seq).Data
	}
	numtest.BitEqual(t, "relative against trained positions", y[1], y[0])
}

// TestContext conditions kernels on other sequences, of other lengths too
// (remark 3.3), against the definition.
func TestContext(t *testing.T) {
	const D, maxLength = 4, 30
	seq := tensor.Pack(7, 30, 12, 5)
	for _, lengths := range [][]int{{7, 30, 12, 5}, {12, 9, 12, 30}, {2, 44, 3, 8}} {
		context := tensor.Pack(lengths...)
		for _, c := range append(operators(), options["double kernel"], options["order 3"]) {
			m := build(t, c, D, maxLength).(*Orchid)
			x, u := numtest.Normal(1, seq.Total()*D), numtest.Normal(2, context.Total()*D)
			var tape autograd.Tape
			got := m.ForwardOn(&tape, tape.Input(x, seq.Total(), D), seq, tape.Input(u, context.Total(), D), context)
			want := newReference(c, D, maxLength, m.Params()).orchid(unpack(widen(x), D, seq), unpack(widen(u), D, context))
			numtest.Close(t, fmt.Sprintf("%s on contexts of %v", name(c), lengths), got.Data, pack(want), outputTolerance)
		}
	}
}

// TestContextOfOtherOffsets reads the rows of the input itself as other
// sequences.
func TestContextOfOtherOffsets(t *testing.T) {
	const D = 4
	seq, context := tensor.Pack(7, 16), tensor.Pack(13, 10)
	x := numtest.Normal(1, seq.Total()*D)
	m := build(t, Default(), D, 16).(*Orchid)
	var tape autograd.Tape
	node := tape.Input(x, seq.Total(), D)
	got := m.ForwardOn(&tape, node, seq, node, context)
	want := newReference(Default(), D, 16, m.Params()).orchid(unpack(widen(x), D, seq), unpack(widen(x), D, context))
	numtest.Close(t, "output", got.Data, pack(want), outputTolerance)
}

// TestContextGradient checks the gradients of both sequences along a direction,
// on a tape whose buffers a former pass left full of NaN.
func TestContextGradient(t *testing.T) {
	const D, maxLength = 4, 16
	seq, context := tensor.Pack(7, 16, 5), tensor.Pack(12, 9, 5)
	x, u, dy := numtest.Normal(1, seq.Total()*D), numtest.Normal(2, context.Total()*D), numtest.Normal(4, seq.Total()*D)
	nan := slices.Repeat([]float32{float32(math.NaN())}, max(len(x), len(u)))
	for _, c := range []Config{Default(), options["plain DFT"], options["double kernel"], options["order 3"], options["tanh of q"]} {
		m := build(t, c, D, maxLength).(*Orchid)
		var tape autograd.Tape
		pass := func(x, u, dy []float32) (dx, du []float32) {
			tape.Reset()
			dx, du = make([]float32, len(x)), make([]float32, len(u))
			y := m.ForwardOn(&tape, tape.Variable(x, dx, seq.Total(), D), seq, tape.Variable(u, du, context.Total(), D), context)
			tape.Backward(y, dy, 1)
			return dx, du
		}
		pass(nan[:len(x)], nan[:len(u)], nan[:len(dy)])
		dx, du := pass(x, u, dy)

		ref, x64, u64 := newReference(c, D, maxLength, m.Params()), widen(x), widen(u)
		loss := func() float64 { return dot(dy, pack(ref.orchid(unpack(x64, D, seq), unpack(u64, D, context)))) }
		for _, of := range []struct {
			what string
			at   []float64
			grad []float32
		}{{"sequence", x64, dx}, {"context", u64, du}} {
			direction, want := slope(of.at, loss)
			if d := math.Abs(dot(of.grad, direction) - want); !(d <= gradientTolerance*norm2(of.grad)) {
				t.Errorf("%s: gradient of the %s is off by %.2g of %.2g", name(c), of.what, d, norm2(of.grad))
			}
		}
	}
}

// TestOwnContext: a sequence conditioned on a copy of itself gives the bits of
// Forward.
func TestOwnContext(t *testing.T) {
	const D = 5
	seq := tensor.Pack(7, 16)
	x := numtest.Normal(1, seq.Total()*D)
	for _, c := range append(operators(), options["double kernel"], options["order 3"]) {
		m := build(t, c, D, 16).(*Orchid)
		var tape autograd.Tape
		node := tape.Input(x, seq.Total(), D)
		want := m.Forward(&tape, node, seq)
		got := m.ForwardOn(&tape, node, seq, tape.Input(slices.Clone(x), seq.Total(), D), seq)
		numtest.BitEqual(t, name(c), got.Data, want.Data)
	}
}

// TestWrongContext: contexts that do not fit are a *ShapeError.
func TestWrongContext(t *testing.T) {
	const D = 4
	for _, c := range []struct {
		transform string
		context   []int
	}{
		{"dct-ortho", []int{5}},    // fewer contexts than sequences
		{"dft", []int{5, 5, 5}},    // more
		{"dct-ortho", []int{5, 0}}, // an empty one
		{"dct1", []int{5, 1}},      // too short for the transform
	} {
		m := build(t, changed(func(k *Config) { k.Transform = c.transform }), D, 16).(*Orchid)
		seq, context := tensor.Pack(7, 16), tensor.Pack(c.context...)
		x, u := numtest.Normal(1, seq.Total()*D), numtest.Normal(2, context.Total()*D)
		err := autograd.Catch(func() {
			var tape autograd.Tape
			m.ForwardOn(&tape, tape.Input(x, seq.Total(), D), seq, tape.Input(u, context.Total(), D), context)
		})
		if err == nil {
			t.Errorf("%s on contexts of %v: no error", c.transform, c.context)
		}
	}
}

// TestRemark31: with equal branches, Type II is the squared magnitude of Type
// I.
func TestRemark31(t *testing.T) {
	const D, maxLength = 6, 40
	seq := tensor.Pack(40, 7, 16)
	x, dy := numtest.Normal(1, seq.Total()*D), numtest.Normal(2, seq.Total()*D)
	for _, transform := range []string{"dft", "dft-ortho", "dct-ortho", "dct", "dct1"} {
		typeI := changed(func(c *Config) { c.Transform, c.Stages, c.Magnitude = transform, "time", "squared" })
		typeII := changed(func(c *Config) { c.Transform, c.Stages, c.Conditioner = transform, "time", "correlation" })
		a, b := build(t, typeI, D, maxLength), build(t, typeII, D, maxLength)
		weights := map[string][]float32{}
		for _, p := range a.Params() {
			weights[p.Name] = p.Data
		}
		for _, p := range b.Params() {
			one := strings.NewReplacer(".nn_model_k.", ".nn_model.", ".nn_model_q.", ".nn_model.").Replace(p.Name)
			if len(weights[one]) != len(p.Data) {
				t.Fatalf("%s has no counterpart", p.Name)
			}
			copy(p.Data, weights[one])
		}
		// The imaginary part of conj(K) K is 0 but for one rounding.
		I, II := run(a, x, dy, D, seq, false), run(b, x, dy, D, seq, false)
		numtest.Close(t, transform, II.y, I.y, 2e-6)
		numtest.Close(t, transform+", gradient of the input", II.dx, I.dx, 2e-6)
	}
}
