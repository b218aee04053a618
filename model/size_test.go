package model

import (
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/mixer"
)

// Small returns the configuration of the small experiments.
func small(width, depth, blocks int, change func(c *mixer.Config)) Config {
	c := Config{Width: width, Depth: depth, Expand: 4, MLPBlocks: blocks, Init: autograd.SchemeNormal, Norm: "pre", NormEps: 1e-5, MixerResidual: true, Mixer: mixer.Default()}
	if change != nil {
		change(&c.Mixer)
	}
	return c
}

// TestRecallSizes holds the recall host to the counts derived from the paper's
// model: 2 layers, width 64, E 5, W 64, 2 inner layers, short 3, residual filter.
func TestRecallSizes(t *testing.T) {
	for V, want := range map[int]int{20: 158760, 30: 159400, 40: 160040} {
		m, err := NewTokenModel(small(64, 2, 1, nil), V, 130, NoPositions, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := autograd.Count(m.Params()); got != want {
			t.Errorf("vocabulary %d: %d parameters, want %d", V, got, want)
		}
	}
}

func TestImageSizes(t *testing.T) {
	attention := func(c *mixer.Config) { c.Mixer = "attention" }
	for _, c := range []struct {
		name   string
		config Config
		want   int
	}{
		{"ViT", small(128, 6, 1, attention), 1197450},
		{"ViT with a 4-block MLP", small(128, 6, 4, attention), 607626},
	} {
		m, err := NewViT(c.config, PatchConfig{Patch: 4, Pool: autograd.MeanPool}, 32, 32, 3, 10, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := autograd.Count(m.Params()); got != c.want {
			t.Errorf("%s: %d parameters, want %d", c.name, got, c.want)
		}
	}
	// Orchid-s of the paper has 735K. So have Type I with the DFT and Type II
	// with the DCT, without the residual convolution.
	for name, change := range map[string]func(c *mixer.Config){
		"Type I, DFT":  func(c *mixer.Config) { c.Residual, c.Transform = false, "dft" },
		"Type II, DCT": func(c *mixer.Config) { c.Residual, c.Conditioner = false, "correlation" },
	} {
		m, err := NewViT(small(128, 6, 4, change), PatchConfig{Patch: 4, Pool: autograd.MeanPool}, 32, 32, 3, 10, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := autograd.Count(m.Params()); got != 735114 {
			t.Errorf("Orchid-s, %s: %d parameters, want 735114", name, got)
		}
	}
}

// orchidBERT is the model of the paper's section 4.2.
func orchidBERT(D int, change func(c *mixer.Config)) TextConfig {
	c := TextConfig{Vocabulary: 30528, MaxLength: 128, Positions: "learned", Types: 2, Buckets: 1 << 15, Encoder: small(D, 12, 4, change)}
	c.Encoder.Norm, c.Encoder.NormEps, c.Encoder.MixerResidual, c.Encoder.Gated = "post", 1e-12, false, true
	c.Encoder.Mixer.Filter.Width = 128
	return c
}

// bert is BERT itself.
func bert(D, depth, heads int) TextConfig {
	c := TextConfig{Vocabulary: 30522, MaxLength: 512, Positions: "learned", Types: 2, Buckets: 1 << 15, Encoder: small(D, depth, 1, nil)}
	c.Encoder.Norm, c.Encoder.NormEps, c.Encoder.Mixer.Mixer, c.Encoder.Mixer.Heads = "post", 1e-12, "attention", heads
	return c
}

// TestBERTSizes: the paper's models, M2-BERT and BERT as the transformers
// library counts it. Weights are not drawn, so the memory is never touched.
func TestBERTSizes(t *testing.T) {
	if testing.Short() { // under the race detector
		t.Skip("one thread has no races")
	}
	with := func(conditioner, transform string) func(c *mixer.Config) {
		return func(c *mixer.Config) { c.Conditioner, c.Transform = conditioner, transform }
	}
	for _, c := range []struct {
		name   string
		config TextConfig
		want   int
	}{
		{"Orchid-BERT-base, Type I, DCT", orchidBERT(768, nil), 77207616},
		{"Orchid-BERT-base, Type I, DFT", orchidBERT(768, with("magnitude", "dft")), 77262912},
		{"Orchid-BERT-base, Type II, DCT", orchidBERT(768, with("correlation", "dct-ortho")), 77262912},
		{"Orchid-BERT-base, Type II, DFT", orchidBERT(768, with("correlation", "dft")), 77373504},
		{"Orchid-BERT-large, Type I, DCT", orchidBERT(1536, nil), 253825344},
		{"Orchid-BERT-large, Type I, DFT", orchidBERT(1536, with("magnitude", "dft")), 253935936},
		{"Orchid-BERT-large, Type II, DCT", orchidBERT(1536, with("correlation", "dct-ortho")), 253935936},
		{"Orchid-BERT-large, Type II, DFT", orchidBERT(1536, with("correlation", "dft")), 254157120},
		{"M2-BERT-base", orchidBERT(768, func(c *mixer.Config) { c.Mixer = "m2" }), 80267328},
		{"M2-BERT-large", orchidBERT(1536, func(c *mixer.Config) { c.Mixer = "m2" }), 259133760},
		{"BERT-base", bert(768, 12, 12), 109514298},
		{"BERT-large", bert(1024, 24, 16), 335174458},
	} {
		if got, err := Count(c.config); err != nil || got != c.want {
			t.Errorf("%s: %d parameters are counted, want %d: %v", c.name, got, c.want, err)
		}
		m, err := newMaskedLM(c.config)
		if err != nil {
			t.Fatal(err)
		}
		if got := autograd.Count(m.Params()); got != c.want {
			t.Errorf("%s: %d parameters, want %d", c.name, got, c.want)
		}
	}
}

// TestDropPathRates: the last block has the rate that was asked for.
func TestDropPathRates(t *testing.T) {
	for _, want := range [][]float64{{0.25}, {0, 0.25}, {0, 0.125, 0.25}} {
		c := small(8, len(want), 1, nil)
		c.DropPath = 0.25
		e, err := newEncoder(c, 4)
		if err != nil {
			t.Fatal(err)
		}
		for i, b := range e.Blocks {
			if b.DropPath != want[i] {
				t.Errorf("block %d of %d: rate %v, want %v", i, len(want), b.DropPath, want[i])
			}
		}
	}
}
