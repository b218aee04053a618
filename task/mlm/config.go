// Package mlm is masked language modelling, the pre-training of BERT and of the
// paper's section 4.2: words are hidden and predicted from all others.
package mlm

import (
	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/data/corpus"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/task/language"
)

// Config is the task with its model.
type Config struct {
	Corpus corpus.Config `yaml:",inline"`
	// EvalData is text to evaluate on; without it, Holdout of the windows of
	// Data are kept from training.
	EvalData  []string `yaml:"eval-data"`
	Holdout   float64  `yaml:"holdout"`
	EvalLimit int      `yaml:"eval-limit"` // windows of an evaluation, evenly spread; 0 for all

	Length      int     `yaml:"length"`       // words of a window, [CLS] and [SEP] included
	Batch       int     `yaml:"batch"`        // windows of a batch
	BatchTokens int     `yaml:"batch-tokens"` // in place of batch: words of a batch
	Mask        float64 `yaml:"mask"`         // share of the words to predict
	EvalMask    float64 `yaml:"eval-mask"`
	WholeWords  bool    `yaml:"whole-words"` // hide all pieces of a word together

	Language language.Config `yaml:",inline"`
}

// Default is a model that two cores can train: 8 layers of width 256.
func Default() Config {
	m := mixer.Default()
	return Config{
		Corpus: corpus.Default(), Holdout: 0.05, EvalLimit: 2000,
		Length: 128, Batch: 32, Mask: 0.3, EvalMask: 0.15,
		Language: language.Config{
			PadVocabulary: 64,
			Model: model.TextConfig{
				MaxLength: 128, Positions: "learned", Types: 2, Buckets: 1 << 15,
				Encoder: model.Config{
					Width: 256, Depth: 8, Expand: 4, MLPBlocks: 4, Init: autograd.SchemeNormal,
					Norm: "post", NormEps: 1e-12, Gated: true, Mixer: m,
				},
			},
		},
	}
}

// Validate returns every fault that can be seen without the data.
func (c Config) Validate() error {
	var f fault.List
	f.Add(c.Corpus.Validate())
	f.Check(!c.Corpus.Truncate, "truncate=true: long texts are cut into windows, nothing is left out; leave it away")
	f.Check(c.Corpus.LabelColumn == corpus.Default().LabelColumn, "label-column=%s: masked language modelling reads no labels; leave it away", c.Corpus.LabelColumn)
	f.Check(c.Corpus.PairColumn == "", "pair-column=%s: masked language modelling reads one text of a row, that of text-column", c.Corpus.PairColumn)
	f.Check(c.Holdout >= 0 && c.Holdout < 1, "holdout=%g: want at least 0 and below 1", c.Holdout)
	f.Check(c.Holdout > 0 || len(c.EvalData) > 0, "holdout=0: name the text to evaluate on by eval-data=PATH")
	f.Check(c.EvalLimit >= 0, "eval-limit=%d: want at least 0", c.EvalLimit)
	f.Check(c.Length >= 3 && c.Length <= 1<<24, "length=%d: want 3 to 16777216; two words of a window are [CLS] and [SEP]", c.Length)
	longest := c.Language.Model.Longest()
	f.Check(longest == 0 || c.Length <= longest, "length=%d: above max-length=%d, what positions and kernels are made for", c.Length, longest)
	f.Check(c.Batch >= 1 && c.Batch <= 1<<20, "batch=%d: want 1 to 1048576", c.Batch)
	f.Check(c.BatchTokens >= 0, "batch-tokens=%d: want at least 0", c.BatchTokens)
	f.Check(c.Mask > 0 && c.Mask <= 1, "mask=%g: want above 0 and at most 1", c.Mask)
	f.Check(c.EvalMask > 0 && c.EvalMask <= 1, "eval-mask=%g: want above 0 and at most 1", c.EvalMask)
	f.Add(c.Language.Validate())
	return f.Err()
}
