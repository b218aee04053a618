package model

import (
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/mixer"
)

// Small returns the configuration of the small experiments.
func small(width, depth, blocks int, change func(c *mixer.Config)) Config {
	c := Config{Width: width, Depth: depth, Expand: 4, MLPBlocks: blocks, Init: autograd.SchemeNormal, Mixer: mixer.Default()}
	if change != nil {
		change(&c.Mixer)
	}
	return c
}

// TestRecallSizes holds the recall host to the counts derived from the paper's
// model: 2 layers, width 64, E 5, W 64, 2 inner layers, short 3, residual filter.
func TestRecallSizes(t *testing.T) {
	for V, want := range map[int]int{20: 158760, 30: 159400, 40: 160040} {
		m, err := NewTokenModel(small(64, 2, 1, nil), V, 130, false, 1)
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

// TestBERTSizes counts the parameter list of Orchid-BERT and M2-BERT: the model
// itself comes with the language tasks.
func TestBERTSizes(t *testing.T) {
	for _, c := range []struct {
		name   string
		D, I   int
		change func(c *mixer.Config)
		want   int
	}{
		{"base, Type I, DCT", 768, 3072, nil, 77207616},
		{"base, Type I, DFT", 768, 3072, func(c *mixer.Config) { c.Transform = "dft" }, 77262912},
		{"base, Type II, DCT", 768, 3072, func(c *mixer.Config) { c.Conditioner = "correlation" }, 77262912},
		{"base, Type II, DFT", 768, 3072, func(c *mixer.Config) { c.Conditioner, c.Transform = "correlation", "dft" }, 77373504},
		{"large, Type I, DCT", 1536, 6144, nil, 253825344},
		{"large, Type I, DFT", 1536, 6144, func(c *mixer.Config) { c.Transform = "dft" }, 253935936},
		{"large, Type II, DCT", 1536, 6144, func(c *mixer.Config) { c.Conditioner = "correlation" }, 253935936},
		{"large, Type II, DFT", 1536, 6144, func(c *mixer.Config) { c.Conditioner, c.Transform = "correlation", "dft" }, 254157120},
	} {
		if got := bertSize(t, c.D, c.I, c.change); got != c.want {
			t.Errorf("Orchid-BERT %s: %d parameters, want %d", c.name, got, c.want)
		}
	}
}

// TestM2Sizes derives M2-BERT's count: no conditioning network, and a second
// filter network for each direction, beside both filters.
func TestM2Sizes(t *testing.T) {
	for D, want := range map[int]int{768: 80267328, 1536: 259133760} {
		c := mixer.Default()
		c.Filter.Width = 128
		m, err := mixer.New(c, "", D, 128)
		if err != nil {
			t.Fatal(err)
		}
		extra := 0
		for _, p := range m.Params() {
			switch {
			case strings.HasPrefix(p.Name, "conv_kernel_nn."):
				extra -= len(p.Data)
			case strings.Contains(p.Name, ".implicit_filter.") && !strings.HasSuffix(p.Name, ".freq"):
				extra += len(p.Data)
			}
		}
		if got := bertSize(t, D, 4*D, nil) + 12*extra; got != want {
			t.Errorf("M2-BERT of width %d: %d parameters, want %d", D, got, want)
		}
	}
}

// bertSize counts 12 layers of a mixer with its residual convolution and a
// gated block-diagonal MLP, the embeddings and the head of masked words.
func bertSize(t *testing.T, D, I int, change func(c *mixer.Config)) int {
	const V, L, layers, blocks = 30528, 128, 12, 4
	c := mixer.Default()
	c.Filter.Width = 128
	if change != nil {
		change(&c)
	}
	m, err := mixer.New(c, "", D, L)
	if err != nil {
		t.Fatal(err)
	}
	norm := 2 * D
	mlp := 2*I*D/blocks + I*D/blocks + D + norm
	embeddings := (V+2+L)*D + norm
	head := D*D + D + norm + V
	return embeddings + layers*(autograd.Count(m.Params())+mlp) + head
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
