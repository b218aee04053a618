package model

import (
	"fmt"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/tensor"
)

// forms are the changes that make the blocks of the language models.
var forms = map[string]func(c *TextConfig){
	"post":       func(*TextConfig) {},
	"input norm": func(c *TextConfig) { c.Encoder.InputNorm = true },
	"residual":   func(c *TextConfig) { c.Encoder.MixerResidual = true },
	"pre":        func(c *TextConfig) { c.Encoder.Norm, c.Encoder.MixerResidual = "pre", true },
	"n-grams":    func(c *TextConfig) { c.NGrams, c.Buckets, c.Positions, c.Types = 4, 50, "none", 0 },
	"plain MLP":  func(c *TextConfig) { c.Encoder.Gated, c.Encoder.MLPBlocks = false, 1 },
}

// TestBERTAlone: the logits of hidden words and the classes of a text have the
// same bits alone and in a batch, for every mixer and form of the blocks.
func TestBERTAlone(t *testing.T) {
	seq := tensor.Pack(17, 1, 64, 3, 17, 40)
	ids := words(seq.Total(), 97)
	types := make([]int, len(ids))
	for i := range types {
		types[i] = i % 3 / 2
	}
	for name, change := range mixers {
		for form, shape := range forms {
			c := orchidBERT(36, change)
			c.Vocabulary, c.Encoder.Depth, c.Encoder.Mixer.Filter.Width = 97, 2, 8
			if name == "attention" {
				c.Encoder.MixerResidual = true
			}
			shape(&c)
			if c.Encoder.InputNorm && c.Encoder.MixerResidual {
				continue
			}
			m, err := NewMaskedLM(c, 1)
			if err != nil {
				t.Fatal(err)
			}
			k, err := NewTextClassifier(c, PoolConfig{Pool: autograd.FirstPool, Pooler: true}, 3, 1)
			if err != nil {
				t.Fatal(err)
			}
			run := func(ids, types []int, seq tensor.Offsets) (logits, classes []float32) {
				tape := autograd.Tape{NoGrad: true}
				return m.Logits(&tape, m.Forward(&tape, ids, types, seq)).Data, k.Classify(&tape, k.Forward(&tape, ids, types, seq), seq).Data
			}
			logits, classes := run(ids, types, seq)
			for i := range seq.Count() {
				lo, hi := seq.Span(i)
				one, class := run(ids[lo:hi], types[lo:hi], tensor.Pack(hi-lo))
				what := fmt.Sprintf("%s, %s, text %d", name, form, i)
				numtest.BitEqual(t, what, logits[lo*97:hi*97], one)
				numtest.BitEqual(t, what, classes[3*i:3*i+3], class)
			}
		}
	}
}

// TestNGrams: the same run of words has the same bucket wherever it stands, and a
// change of a word changes those of the runs that hold it.
func TestNGrams(t *testing.T) {
	c := orchidBERT(8, nil)
	c.Vocabulary, c.Encoder.Depth, c.NGrams, c.Buckets = 97, 1, 4, 1<<20 // no two runs here share one
	m, err := NewMaskedLM(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	text := []int{5, 6, 7, 8, 9, 5, 6, 7, 8, 1}
	for size := 2; size <= 4; size++ {
		b := m.NGrams.buckets(text, tensor.Pack(len(text)), size)
		for at := size - 1; at < 4; at++ {
			if b[at] != b[at+5] {
				t.Errorf("runs of %d that end at %d and %d are the same, their buckets are not", size, at, at+5)
			}
		}
		other := []int{5, 6, 7, 8, 9, 4, 6, 7, 8, 1}
		for at, v := range m.NGrams.buckets(other, tensor.Pack(len(other)), size) {
			if holds := at >= 5 && at < 5+size; (v != b[at]) != holds {
				t.Errorf("runs of %d that end at %d: another word changed the bucket: %v", size, at, v != b[at])
			}
		}
	}
}

// TestBERTRefuses: what a configuration cannot be is said.
func TestBERTRefuses(t *testing.T) {
	for want, change := range map[string]func(c *TextConfig){
		"ngrams=1: want 2 to 16":               func(c *TextConfig) { c.NGrams = 1 },
		"positions=somewhere: want one of":     func(c *TextConfig) { c.Positions = "somewhere" },
		"norm=both: want one of pre, post":     func(c *TextConfig) { c.Encoder.Norm = "both" },
		"mixer-residual=false with norm=pre":   func(c *TextConfig) { c.Encoder.Norm = "pre" },
		"input-norm=true with mixer-residual":  func(c *TextConfig) { c.Encoder.InputNorm, c.Encoder.MixerResidual = true, true },
		"mlp-blocks=5: want a divisor":         func(c *TextConfig) { c.Encoder.MLPBlocks = 5 },
		"norm-eps=0: want above 0":             func(c *TextConfig) { c.Encoder.NormEps = 0 },
		"vocabulary=-1: want 1 to":             func(c *TextConfig) { c.Vocabulary = -1 },
		"maximum length 0: want 1":             func(c *TextConfig) { c.MaxLength = 0 },
		"heads=5: want a divisor of the width": func(c *TextConfig) { c.Encoder.Mixer.Mixer, c.Encoder.Mixer.Heads = "attention", 5 },
	} {
		c := orchidBERT(16, func(c *mixer.Config) {})
		change(&c)
		if _, err := NewMaskedLM(c, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
