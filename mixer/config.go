package mixer

import (
	"fmt"
	"math"
	"strings"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/internal/numeral"
)

// Config chooses and shapes a mixer. The zero value is not usable; start from
// Default.
type Config struct {
	Mixer string `yaml:"mixer"` // orchid, attention, hyena or m2
	Heads int    `yaml:"heads"` // of attention

	// What the kernel is made from (paper, section 3.2): magnitude is Type I
	// (equation 2), correlation Type II (equation 3), spectrum keeps the phase.
	Conditioner string `yaml:"conditioner"`
	Transform   string `yaml:"transform"` // dft, dft-ortho, dct-ortho, dct or dct1
	Stages      string `yaml:"stages"`    // of the conditioning network: time, frequency or both
	// Magnitude is squared or plain; auto is the release's choice: squared with
	// a DFT, plain with a DCT.
	Magnitude string `yaml:"magnitude"`
	// Nonlinearity acts on one factor of Type II: id, softmax over time, or an
	// activation; on real and imaginary parts, or on the magnitude.
	Nonlinearity     string `yaml:"nonlinearity"`
	NonlinearityForm string `yaml:"nonlinearity-form"` // parts or magnitude
	// DoubleKernel makes the kernel with a transform of size 2L and keeps L
	// samples of it in time: the release's causal=True. It is not causal.
	DoubleKernel bool `yaml:"double-kernel"`

	ConditionerTaps       int              `yaml:"conditioner-taps"`
	ConditionerPadding    autograd.Padding `yaml:"conditioner-padding"` // zeros, reflect, replicate or circular
	ConditionerNorm       string           `yaml:"conditioner-norm"`    // none, layer or batch
	ConditionerLayers     int              `yaml:"conditioner-layers"`
	ConditionerActivation string           `yaml:"conditioner-activation"` // between layers
	ConditionerBias       bool             `yaml:"conditioner-bias"`

	Order        int  `yaml:"order"`                // 2: gate, convolution, gate
	Gates        bool `yaml:"gates"`                // false takes them away (section 4.1's ablation)
	ShortTaps    int  `yaml:"short-taps"`           // of the short convolution
	StaticKernel bool `yaml:"static-kernel"`        // add h0 (remark 3.2)
	Residual     bool `yaml:"residual-convolution"` // long convolution of the raw input
	ResidualSkip bool `yaml:"residual-skip"`        // and a skip beside it

	Filter FilterConfig `yaml:",inline"`
}

// FilterConfig shapes the static kernel h0, an implicit filter as in Hyena.
type FilterConfig struct {
	Features       int     `yaml:"filter-features"`        // E, odd, at least 3
	Width          int     `yaml:"filter-width"`           // W
	Inner          int     `yaml:"filter-inner"`           // hidden layers of W by W
	Linear         bool    `yaml:"filter-linear"`          // one linear layer, nothing else
	Frequency      float64 `yaml:"filter-frequency"`       // w, the first value of the trained frequencies
	FrequencyScale float64 `yaml:"filter-frequency-scale"` // a constant factor of them
	// Positions are trained (with their own small rate), fixed, or relative:
	// computed anew for each length, so that a model serves any length.
	Positions   string  `yaml:"filter-positions"`
	Modulate    bool    `yaml:"filter-modulate"` // damp over time
	TrainDecay  bool    `yaml:"filter-train-decay"`
	FastDecay   float64 `yaml:"filter-fast-decay"` // share of the length after which
	SlowDecay   float64 `yaml:"filter-slow-decay"` // the fastest and slowest channel reach
	DecayTarget float64 `yaml:"filter-decay-target"`
	Shift       float64 `yaml:"filter-shift"`
	Normalize   bool    `yaml:"filter-normalize"` // L1 over channels
}

// Default returns the configuration that the paper found best: Type I, the
// orthonormal DCT, both stages.
func Default() Config {
	return Config{
		Mixer: "orchid", Heads: 1,
		Conditioner: "magnitude", Transform: "dct-ortho", Stages: "both", Magnitude: "auto",
		Nonlinearity: "id", NonlinearityForm: "parts",
		ConditionerTaps: 3, ConditionerPadding: autograd.Zeros, ConditionerNorm: "layer",
		ConditionerLayers: 1, ConditionerActivation: "gelu", ConditionerBias: true,
		Order: 2, Gates: true, ShortTaps: 3, StaticKernel: true, Residual: true, ResidualSkip: true,
		Filter: FilterConfig{
			Features: 5, Width: 64, Inner: 2, Frequency: 10, FrequencyScale: 1,
			Positions: "trained", Modulate: true, FastDecay: 0.3, SlowDecay: 1.5, DecayTarget: 0.01,
		},
	}
}

// Describe says in a few words what the configuration builds.
func (c Config) Describe() string {
	switch c.Mixer {
	case "orchid":
		return fmt.Sprintf("orchid (%s, %s, %s)", c.Conditioner, c.Transform, c.Stages)
	case "attention":
		return fmt.Sprintf("attention (%s)", numeral.Plural(c.Heads, "head"))
	}
	return c.Mixer
}

// projections is how many parts of D channels the first linear layer gives: the
// gates, from the last to the first, and the value.
func (c Config) projections() int {
	if !c.Gates {
		return 1
	}
	return c.Order + 1
}

// complex says whether spectra have imaginary parts.
func (c Config) complex() bool { return strings.HasPrefix(c.Transform, "dft") }

// frequency and time say which stages the conditioning network has.
func (c Config) frequency() bool { return c.Stages != "time" }
func (c Config) time() bool      { return c.Stages != "frequency" }

// softmax says whether Type II's nonlinearity is the softmax over time.
func (c Config) softmax() bool { return c.Nonlinearity == "softmax" }

// squared says whether Type I squares the magnitude.
func (c Config) squared() bool {
	return c.Magnitude == "squared" || c.Magnitude == "auto" && c.complex()
}

// What no size exceeds: beyond the largest models by far, and small enough that
// sizes can be multiplied.
const (
	mostWidth    = 65536
	mostLength   = 1 << 26
	mostTaps     = 4095
	mostFeatures = 4097
	mostLayers   = 64
)

// Validate returns every fault of a configuration for D channels and sequences
// of at most maxLength rows, nil if there is none.
func (c Config) Validate(D, maxLength int) error {
	var f fault.List
	f.Check(D >= 1 && D <= mostWidth, "width %d: want 1 to %d", D, mostWidth)
	f.Check(maxLength >= 1 && maxLength <= mostLength, "maximum length %d: want 1 to %d", maxLength, mostLength)
	f.OneOf("mixer", c.Mixer, "orchid", "attention", "hyena", "m2")
	if c.Mixer == "attention" {
		f.Check(c.Heads >= 1 && D%max(c.Heads, 1) == 0, "heads=%d: want a divisor of the width %d", c.Heads, D)
	}
	f.Check(c.Gates || c.Mixer == "orchid", "gates=false with mixer=%s: only Orchid can do without its gates", c.Mixer)
	// A mistyped option is refused also where another mixer would not read it.
	c.Filter.validate(&f)
	c.orchid(&f, maxLength)
	return f.Err()
}

// orchid checks the options of the operator alone and together.
func (c Config) orchid(f *fault.List, maxLength int) {
	f.OneOf("conditioner", c.Conditioner, "magnitude", "correlation", "spectrum")
	f.OneOf("transform", c.Transform, "dft", "dft-ortho", "dct-ortho", "dct", "dct1")
	f.OneOf("stages", c.Stages, "time", "frequency", "both")
	f.OneOf("magnitude", c.Magnitude, "auto", "squared", "plain")
	f.OneOf("nonlinearity-form", c.NonlinearityForm, "parts", "magnitude")
	f.OneOf("conditioner-padding", string(c.ConditionerPadding), "zeros", "reflect", "replicate", "circular")
	f.OneOf("conditioner-norm", c.ConditionerNorm, "none", "layer", "batch")
	f.Check(c.ConditionerTaps >= 1 && c.ConditionerTaps <= mostTaps && c.ConditionerTaps%2 == 1,
		"conditioner-taps=%d: want an odd number from 1 to %d; an even one would shorten the sequence", c.ConditionerTaps, mostTaps)
	f.Check(c.ConditionerLayers >= 1 && c.ConditionerLayers <= mostLayers, "conditioner-layers=%d: want 1 to %d", c.ConditionerLayers, mostLayers)
	f.Check(c.ShortTaps >= 1 && c.ShortTaps <= mostTaps, "short-taps=%d: want 1 to %d", c.ShortTaps, mostTaps)
	f.Check(!c.DoubleKernel || c.complex(), "double-kernel with transform=%s: a DCT has as many bins as samples and cannot be lengthened", c.Transform)
	f.Check(c.Transform != "dct1" || maxLength >= 2, "transform=dct1 with a maximum length of 1: it needs at least 2 rows")
	if c.ConditionerActivation != "softmax" && c.ConditionerActivation != "ln" {
		checkActivation(f, "conditioner-activation", c.ConditionerActivation)
	}
	if !c.softmax() {
		checkActivation(f, "nonlinearity", c.Nonlinearity)
	}
	if c.Conditioner != "correlation" {
		f.Check(c.Nonlinearity == "id", "nonlinearity=%s acts on a factor of Type II: it needs conditioner=correlation", c.Nonlinearity)
		f.Check(c.NonlinearityForm != "magnitude", "nonlinearity-form=magnitude is about a factor of Type II: it needs conditioner=correlation")
	} else {
		f.Check(c.time(), "stages=frequency with conditioner=correlation: without its two time stages both factors are the same, which is conditioner=magnitude (remark 3.1)")
		f.Check(!c.DoubleKernel || !c.complex(), "double-kernel with conditioner=correlation and a DFT: the kernel would have L+1 bins against L/2+1")
		f.Check(!c.softmax() || c.NonlinearityForm == "parts", "nonlinearity=softmax acts over time, before the transform: nonlinearity-form=magnitude does not apply to it")
	}
	if c.Conditioner != "magnitude" {
		f.Check(c.Magnitude == "auto", "magnitude=%s needs conditioner=magnitude", c.Magnitude)
	}
	if c.Conditioner == "spectrum" && c.complex() {
		f.Check(c.frequency(), "conditioner=spectrum with a DFT needs a frequency stage (stages=frequency or both): the real and imaginary parts are twice the channels that the kernel has room for")
	}
	f.Check(c.Order >= 2, "order=%d: want at least 2 (gate, convolution, gate)", c.Order)
	f.Check(c.Gates || c.Order == 2, "gates=false with order=%d: without gates there is one convolution, as with order=2", c.Order)
	if c.Order > 2 {
		f.Check(c.Order == 3 && c.Conditioner == "spectrum" && c.Stages == "frequency" && c.complex() && !c.Residual,
			"order=%d: beyond 2 only order=3 is defined, with conditioner=spectrum, stages=frequency, a DFT and residual-convolution=false, where the channels of the conditioning network fit", c.Order)
	}
}

func (c FilterConfig) validate(f *fault.List) {
	f.Check(c.Features >= 3 && c.Features <= mostFeatures && c.Features%2 == 1,
		"filter-features=%d: want an odd number from 3 to %d (time, cosines, sines)", c.Features, mostFeatures)
	f.Check(c.Width >= 1 && c.Width <= mostWidth, "filter-width=%d: want 1 to %d", c.Width, mostWidth)
	f.Check(c.Inner >= 0 && c.Inner <= mostLayers, "filter-inner=%d: want 0 to %d", c.Inner, mostLayers)
	checkFinite(f, "filter-frequency", c.Frequency)
	checkFinite(f, "filter-frequency-scale", c.FrequencyScale)
	checkFinite(f, "filter-shift", c.Shift)
	f.OneOf("filter-positions", c.Positions, "trained", "fixed", "relative")
	// In float32 the fastest decay must be a number, above 0 or not.
	fastest := math.Log(c.DecayTarget) / min(c.FastDecay, c.SlowDecay)
	f.Check(c.FastDecay > 0 && c.SlowDecay > 0 && c.DecayTarget > 0 && finite(c.FastDecay) && finite(c.SlowDecay) && finite(fastest),
		"filter-fast-decay=%g, filter-slow-decay=%g and filter-decay-target=%g must be above 0, and log(target)/decay finite", c.FastDecay, c.SlowDecay, c.DecayTarget)
}

// finite says whether x is a number in float32.
func finite(x float64) bool { return math.Abs(x) <= math.MaxFloat32 }

func checkFinite(f *fault.List, key string, x float64) {
	f.Check(finite(x), "%s=%g: want a finite number", key, x)
}

func checkActivation(f *fault.List, key, name string) {
	_, err := autograd.ParseActivation(name)
	f.Check(err == nil, "%s: %w", key, err)
}
