// Package text is the classification of texts and of pairs of texts, and
// regression on them: a model of text with a head, its loss and its metrics, on a
// user's own files or on what another package reads.
package text

import (
	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/task/language"
)

// FitConfig is how a model is fitted to labelled texts, whatever their source.
type FitConfig struct {
	Batch       int     `yaml:"batch"`        // texts
	BatchTokens int     `yaml:"batch-tokens"` // in place of batch: words
	TrainLength int     `yaml:"train-length"` // training sees a run of so many words of a text, 0 for all; evaluation, all
	Smoothing   float64 `yaml:"label-smoothing"`
	Baseline    bool    `yaml:"baseline"` // also fit a bag of words (k-mers for bases), to compare
	// ReverseComplement is for DNA: none; random, where training takes either strand
	// of a sequence; or mean, where besides the result is the mean over both strands.
	ReverseComplement string `yaml:"reverse-complement"`

	Pool     model.PoolConfig `yaml:",inline"`
	Language language.Config  `yaml:",inline"`
}

// DefaultFit is a small Orchid-BERT for texts of any length up to 512 words.
func DefaultFit() FitConfig {
	m := mixer.Default()
	return FitConfig{
		Batch: 16, Baseline: true, ReverseComplement: noStrand,
		Pool: model.PoolConfig{Pool: autograd.FirstPool, Pooler: true},
		Language: language.Config{
			PadVocabulary: 64,
			Model: model.TextConfig{
				MaxLength: 512, Positions: "learned", Types: 2, Buckets: 1 << 15,
				Encoder: model.Config{
					Width: 128, Depth: 4, Expand: 4, MLPBlocks: 4, Dropout: 0.1, Init: autograd.SchemeNormal,
					Norm: "post", NormEps: 1e-12, Gated: true, Mixer: m,
				},
			},
		},
	}
}

// Validate returns every fault.
func (c FitConfig) Validate() error {
	var f fault.List
	f.Check(c.Batch >= 1 && c.Batch <= 1<<20, "batch=%d: want 1 to 1048576", c.Batch)
	f.Check(c.BatchTokens >= 0, "batch-tokens=%d: want at least 0", c.BatchTokens)
	f.Check(c.TrainLength == 0 || c.TrainLength >= 3, "train-length=%d: want at least 3, since two words of a text are [CLS] and [SEP], or 0 for all", c.TrainLength)
	f.Check(c.Smoothing >= 0 && c.Smoothing < 1, "label-smoothing=%g: want at least 0 and below 1", c.Smoothing)
	f.Check(c.TrainLength == 0 || c.Language.Model.Positions != "learned",
		"train-length=%d with positions=learned: the positions behind it would stay as they were drawn; choose positions=none", c.TrainLength)
	f.OneOf("reverse-complement", c.ReverseComplement, noStrand, randomStrand, meanStrand)
	longest := c.Language.Model.Longest()
	f.Check(longest == 0 || c.TrainLength < longest, "train-length=%d: no text has more than max-length=%d words; choose a shorter run or a larger max-length", c.TrainLength, longest)
	f.Check(longest == 0 || longest >= 3, "max-length=%d: want at least 3, since two words of a text are [CLS] and [SEP]", longest)
	f.Add(c.Pool.Validate())
	f.Add(c.Language.Validate())
	return f.Err()
}
