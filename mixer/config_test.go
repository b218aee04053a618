package mixer

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
)

const activationNames = "is not one of id, tanh, relu, gelu, silu, sigmoid, softplus, log, rational, sigmoid+A, softshrink+A"

// TestRefusals lists wrong configurations with the sentences they get, in
// order. The width is 10.
func TestRefusals(t *testing.T) {
	orderRule := func(n int) string {
		return fmt.Sprintf("order=%d: beyond 2 only order=3 is defined, with conditioner=spectrum, stages=frequency, a DFT and residual-convolution=false, where the channels of the conditioning network fit", n)
	}
	for _, c := range []struct {
		change func(c *Config)
		want   []string
	}{
		{func(c *Config) {}, nil},
		{func(c *Config) { c.Mixer = "mamba" }, []string{"mixer=mamba: want one of orchid, attention, hyena, m2"}},
		{func(c *Config) { c.Mixer, c.Heads = "attention", 3 }, []string{"heads=3: want a divisor of the width 10"}},
		{func(c *Config) { c.Mixer, c.Heads = "attention", 0 }, []string{"heads=0: want a divisor of the width 10"}},
		{func(c *Config) { c.Mixer, c.Heads = "attention", -5 }, []string{"heads=-5: want a divisor of the width 10"}},
		{
			func(c *Config) { c.Mixer, c.ShortTaps, c.Filter.Inner = "hyena", 0, -1 },
			[]string{"filter-inner=-1: want 0 to 64", "short-taps=0: want 1 to 4095"},
		},

		{func(c *Config) { c.Conditioner = "phase" }, []string{"conditioner=phase: want one of magnitude, correlation, spectrum"}},
		{func(c *Config) { c.Transform = "fft" }, []string{"transform=fft: want one of dft, dft-ortho, dct-ortho, dct, dct1"}},
		{func(c *Config) { c.Stages = "none" }, []string{"stages=none: want one of time, frequency, both"}},
		{func(c *Config) { c.Magnitude = "cubed" }, []string{"magnitude=cubed: want one of auto, squared, plain"}},
		{func(c *Config) { c.NonlinearityForm = "phase" }, []string{"nonlinearity-form=phase: want one of parts, magnitude"}},
		{func(c *Config) { c.ConditionerPadding = "same" }, []string{"conditioner-padding=same: want one of zeros, reflect, replicate, circular"}},
		{func(c *Config) { c.ConditionerPadding = autograd.Causal }, []string{"conditioner-padding=causal: want one of zeros, reflect, replicate, circular"}},
		{func(c *Config) { c.ConditionerNorm = "group" }, []string{"conditioner-norm=group: want one of none, layer, batch"}},
		{func(c *Config) { c.ConditionerTaps = 4 }, []string{"conditioner-taps=4: want an odd number from 1 to 4095; an even one would shorten the sequence"}},
		{func(c *Config) { c.ConditionerTaps = -1 }, []string{"conditioner-taps=-1: want an odd number from 1 to 4095; an even one would shorten the sequence"}},
		{func(c *Config) { c.ConditionerLayers = 0 }, []string{"conditioner-layers=0: want 1 to 64"}},
		{func(c *Config) { c.ShortTaps = 0 }, []string{"short-taps=0: want 1 to 4095"}},
		{func(c *Config) { c.ConditionerActivation = "glu" }, []string{`conditioner-activation: activation "glu" ` + activationNames}},
		{func(c *Config) { c.ConditionerActivation = "sigmoid+x" }, []string{`conditioner-activation: activation "sigmoid+x": "x" is not a number`}},

		{func(c *Config) { c.Conditioner, c.Nonlinearity = "correlation", "gelo" }, []string{`nonlinearity: activation "gelo" ` + activationNames}},
		{func(c *Config) { c.Nonlinearity = "tanh" }, []string{"nonlinearity=tanh acts on a factor of Type II: it needs conditioner=correlation"}},
		{func(c *Config) { c.Conditioner, c.Nonlinearity = "spectrum", "softmax" }, []string{"nonlinearity=softmax acts on a factor of Type II: it needs conditioner=correlation"}},
		{
			func(c *Config) { c.Conditioner, c.Stages = "correlation", "frequency" },
			[]string{"stages=frequency with conditioner=correlation: without its two time stages both factors are the same, which is conditioner=magnitude (remark 3.1)"},
		},
		{
			func(c *Config) { c.DoubleKernel = true },
			[]string{"double-kernel with transform=dct-ortho: a DCT has as many bins as samples and cannot be lengthened"},
		},
		{
			func(c *Config) { c.NonlinearityForm = "magnitude" },
			[]string{"nonlinearity-form=magnitude is about a factor of Type II: it needs conditioner=correlation"},
		},
		{
			func(c *Config) { c.Conditioner, c.Transform, c.DoubleKernel = "correlation", "dft-ortho", true },
			[]string{"double-kernel with conditioner=correlation and a DFT: the kernel would have L+1 bins against L/2+1"},
		},
		{func(c *Config) {
			c.Conditioner, c.Nonlinearity, c.NonlinearityForm = "correlation", "softmax", "magnitude"
		}, []string{"nonlinearity=softmax acts over time, before the transform: nonlinearity-form=magnitude does not apply to it"}},
		{func(c *Config) { c.Conditioner, c.Magnitude = "correlation", "squared" }, []string{"magnitude=squared needs conditioner=magnitude"}},
		{func(c *Config) { c.Conditioner, c.Magnitude = "spectrum", "plain" }, []string{"magnitude=plain needs conditioner=magnitude"}},
		{
			func(c *Config) { c.Conditioner, c.Transform, c.Stages = "spectrum", "dft", "time" },
			[]string{"conditioner=spectrum with a DFT needs a frequency stage (stages=frequency or both): the real and imaginary parts are twice the channels that the kernel has room for"},
		},
		{func(c *Config) { c.Conditioner, c.Transform, c.Stages = "spectrum", "dct", "time" }, nil},

		{func(c *Config) { c.Order = 1 }, []string{"order=1: want at least 2 (gate, convolution, gate)"}},
		{func(c *Config) { c.Order = 3 }, []string{orderRule(3)}},
		{func(c *Config) {
			c.Order, c.Conditioner, c.Stages, c.Transform = 3, "spectrum", "frequency", "dft" // with the residual convolution
		}, []string{orderRule(3)}},
		{func(c *Config) {
			c.Order, c.Conditioner, c.Stages, c.Transform, c.Residual = 4, "spectrum", "frequency", "dft", false
		}, []string{orderRule(4)}},
		{func(c *Config) {
			c.Order, c.Conditioner, c.Stages, c.Transform, c.Residual = 3, "spectrum", "both", "dft", false
		}, []string{orderRule(3)}},

		{func(c *Config) { c.Filter.Features = 4 }, []string{"filter-features=4: want an odd number from 3 to 4097 (time, cosines, sines)"}},
		{func(c *Config) { c.Filter.Features = 1 }, []string{"filter-features=1: want an odd number from 3 to 4097 (time, cosines, sines)"}},
		{func(c *Config) { c.Filter.Width = 0 }, []string{"filter-width=0: want 1 to 65536"}},
		{func(c *Config) { c.ConditionerTaps, c.ConditionerLayers, c.ShortTaps = 4097, 65, 4096 }, []string{
			"conditioner-taps=4097: want an odd number from 1 to 4095; an even one would shorten the sequence",
			"conditioner-layers=65: want 1 to 64", "short-taps=4096: want 1 to 4095",
		}},
		{func(c *Config) { c.Filter.Features, c.Filter.Width, c.Filter.Inner = 4099, 65537, 65 }, []string{
			"filter-features=4099: want an odd number from 3 to 4097 (time, cosines, sines)",
			"filter-width=65537: want 1 to 65536", "filter-inner=65: want 0 to 64",
		}},
		{func(c *Config) {
			c.Filter.Frequency, c.Filter.FrequencyScale, c.Filter.Shift = math.NaN(), math.Inf(1), 1e39 // beyond float32
		}, []string{"filter-frequency=NaN: want a finite number", "filter-frequency-scale=+Inf: want a finite number", "filter-shift=1e+39: want a finite number"}},
		{func(c *Config) { c.Filter.FastDecay = math.NaN() }, []string{"filter-fast-decay=NaN, filter-slow-decay=1.5 and filter-decay-target=0.01 must be above 0, and log(target)/decay finite"}},
		{func(c *Config) { c.Filter.FastDecay = 1e-40 }, []string{"filter-fast-decay=1e-40, filter-slow-decay=1.5 and filter-decay-target=0.01 must be above 0, and log(target)/decay finite"}},
		{func(c *Config) { c.Filter.DecayTarget = math.Inf(1) }, []string{"filter-fast-decay=0.3, filter-slow-decay=1.5 and filter-decay-target=+Inf must be above 0, and log(target)/decay finite"}},
		{func(c *Config) { c.ConditionerActivation = "sigmoid+NaN" }, []string{`conditioner-activation: activation "sigmoid+NaN": the shift is not finite`}},
		{func(c *Config) { c.Mixer, c.Conditioner, c.Filter.Positions = "attention", "bogus", "learned" }, []string{
			"filter-positions=learned: want one of trained, fixed, relative", "conditioner=bogus: want one of magnitude, correlation, spectrum",
		}},
		{func(c *Config) { c.Filter.Positions = "learned" }, []string{"filter-positions=learned: want one of trained, fixed, relative"}},
		{func(c *Config) { c.Filter.SlowDecay = 0 }, []string{"filter-fast-decay=0.3, filter-slow-decay=0 and filter-decay-target=0.01 must be above 0, and log(target)/decay finite"}},

		{func(c *Config) {
			c.Transform, c.ConditionerTaps, c.Nonlinearity, c.Filter.Features = "fft", 2, "tanh", 6
		}, []string{
			"filter-features=6: want an odd number from 3 to 4097 (time, cosines, sines)",
			"transform=fft: want one of dft, dft-ortho, dct-ortho, dct, dct1",
			"conditioner-taps=2: want an odd number from 1 to 4095; an even one would shorten the sequence",
			"nonlinearity=tanh acts on a factor of Type II: it needs conditioner=correlation",
		}},
	} {
		config := changed(c.change)
		var want error
		for _, s := range c.want {
			want = errors.Join(want, errors.New(s))
		}
		m, err := New(config, "", 10, 20)
		if got := fmt.Sprint(err); got != fmt.Sprint(want) {
			t.Errorf("got\n\t%s\nwant\n\t%v", strings.ReplaceAll(got, "\n", "\n\t"), want)
		}
		if (m == nil) != (err != nil) {
			t.Errorf("mixer %v with error %v", m, err)
		}
	}
}

func TestRefusedSizes(t *testing.T) {
	if _, err := New(Default(), "", 1<<40, 1<<40); fmt.Sprint(err) != "width 1099511627776: want 1 to 65536\nmaximum length 1099511627776: want 1 to 67108864" {
		t.Errorf("got %v", err)
	}
	_, err := New(Default(), "", 0, -1)
	if want := "width 0: want 1 to 65536\nmaximum length -1: want 1 to 67108864"; fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
