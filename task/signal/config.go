// Package signal is the classification of sequences of numbers of any length:
// raw sound (paper, section 4.4) and time series of several channels.
package signal

import (
	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/model"
)

// FitConfig is how a model is fitted to labelled sequences, whatever their source.
type FitConfig struct {
	Batch       int     `yaml:"batch"`        // sequences
	BatchTokens int     `yaml:"batch-tokens"` // in place of batch: rows of the encoder
	Smoothing   float64 `yaml:"label-smoothing"`

	// Normalize is how values get mean 0 and deviation 1: step, for each place and
	// channel over the training set, whose sequences then are equally long; global,
	// for each channel over the training set; sequence, for each channel of a sequence
	// by itself; or none.
	Normalize string `yaml:"normalize"`

	// How training sequences are varied, before they are normalised.
	Shift int     `yaml:"time-shift"` // up to so many samples, either way; zeros fill in
	Noise float64 `yaml:"noise"`      // of a deviation up to this share of the sequence's own
	Gain  float64 `yaml:"gain"`       // a factor between 1/(1+gain) and 1+gain
	Speed float64 `yaml:"speed"`      // played faster or slower, by such a factor too

	// What the model is built for; New takes it from the data where it is not given,
	// so that the stored settings say it.
	MaxLength int      `yaml:"max-length"` // samples, for which static kernels are made
	Channels  int      `yaml:"channels"`
	Classes   []string `yaml:"classes"`

	Signal model.SignalConfig `yaml:",inline"`
	Model  model.Config       `yaml:",inline"`
}

// DefaultFit is a small Orchid for sequences of any length.
func DefaultFit() FitConfig {
	m := mixer.Default()
	m.Transform, m.Residual = "dft", false
	return FitConfig{
		Batch: 32, Normalize: "global",
		Signal: model.SignalConfig{Stride: 1, Pool: autograd.MeanPool},
		Model:  model.Config{Width: 64, Depth: 4, Expand: 2, MLPBlocks: 1, Dropout: 0.1, Init: autograd.SchemeTruncated, Norm: "pre", NormEps: 1e-5, MixerResidual: true, Mixer: m},
	}
}

// Validate returns every fault that can be seen without the data.
func (c FitConfig) Validate() error {
	var f fault.List
	f.Check(c.Batch >= 1 && c.Batch <= 1<<20, "batch=%d: want 1 to 1048576", c.Batch)
	f.Check(c.BatchTokens >= 0, "batch-tokens=%d: want at least 0", c.BatchTokens)
	f.Check(c.Smoothing >= 0 && c.Smoothing < 1, "label-smoothing=%g: want at least 0 and below 1", c.Smoothing)
	f.OneOf("normalize", c.Normalize, "step", "global", "sequence", "none")
	f.Check(c.Shift >= 0 && c.Shift <= 1<<30, "time-shift=%d: want at least 0", c.Shift)
	f.Check(c.Noise >= 0 && c.Noise <= 1000, "noise=%g: want 0 to 1000", c.Noise)
	f.Check(c.Gain >= 0 && c.Gain <= 1000, "gain=%g: want 0 to 1000", c.Gain)
	f.Check(c.Speed >= 0 && c.Speed <= 1, "speed=%g: want 0 to 1", c.Speed)
	f.Check(c.Speed == 0 || c.Normalize != "step", "speed=%g with normalize=step: one changes lengths, the other wants them equal", c.Speed)
	f.Check(c.MaxLength >= 0 && c.Channels >= 0, "max-length=%d, channels=%d: want at least 1, or 0 to take them from the data", c.MaxLength, c.Channels)
	f.Add(c.Signal.Validate())
	if c.Signal.Stride >= 1 {
		f.Add(c.Model.Validate(max(2, c.Signal.Rows(c.MaxLength))))
	}
	return f.Err()
}
