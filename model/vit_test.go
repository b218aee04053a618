package model

import (
	"slices"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/mixer"
)

// TestViTSizes counts the models of the ImageNet experiment, with its filter (E 33,
// W 128, w 1, one inner layer, five taps), and those of single pixels. The paper
// gives 87M for ViT-b, 88M for Hyena-ViT-b, 48M for Orchid.
func TestViTSizes(t *testing.T) {
	imagenet := func(change func(c *mixer.Config)) func(c *mixer.Config) {
		return func(c *mixer.Config) {
			c.Filter.Features, c.Filter.Width, c.Filter.Frequency, c.Filter.Inner, c.ShortTaps = 33, 128, 1, 1, 5
			c.Residual = false
			change(c)
		}
	}
	orchid := func(c *mixer.Config) { c.Residual, c.Transform = false, "dft" }
	for _, c := range []struct {
		name                           string
		config                         Config
		patch, side, channels, classes int
		want                           int
	}{
		{"ViT-b", small(768, 12, 1, imagenet(func(c *mixer.Config) { c.Mixer, c.Heads = "attention", 12 })), 16, 224, 3, 1000, 86415592},
		{"Hyena-ViT-b", small(768, 12, 1, imagenet(func(c *mixer.Config) { c.Mixer = "hyena" })), 16, 224, 3, 1000, 88099864},
		// The nearest to 48M that the settings allow has the residual convolution.
		{"Orchid-ViT-b", small(768, 12, 4, imagenet(func(c *mixer.Config) { c.Transform, c.Residual = "dft", true })), 16, 224, 3, 1000, 47316808},
		{"Orchid-ViT-b without residual convolution", small(768, 12, 4, imagenet(func(c *mixer.Config) { c.Transform = "dft" })), 16, 224, 3, 1000, 45798424},
		{"Orchid-s, 2x2", small(128, 6, 4, orchid), 2, 32, 3, 10, 736266},
		{"Orchid-s, 1x1", small(128, 6, 4, orchid), 1, 32, 3, 10, 758154},
		{"sMNIST", small(32, 4, 4, orchid), 1, 28, 1, 10, 89610},
	} {
		m, err := newViT(c.config, PatchConfig{Patch: c.patch, Pool: autograd.MeanPool}, c.side, c.side, c.channels, c.classes)
		if err != nil {
			t.Fatal(err)
		}
		if got := autograd.Count(m.Params()); got != c.want {
			t.Errorf("%s: %d parameters, want %d", c.name, got, c.want)
		}
	}
}

// TestSinglePixels: a model of single pixels is that of patches of one pixel, and a
// picture gives the same bits alone and in a batch.
func TestSinglePixels(t *testing.T) {
	const B, side, C = 3, 5, 2
	m, err := NewViT(small(16, 2, 1, func(c *mixer.Config) { c.Residual = false }), PatchConfig{Patch: 1, Pool: autograd.MeanPool}, side, side, C, 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	x := numtest.Normal(1, B*side*side*C)
	tape := autograd.Tape{NoGrad: true}
	want := slices.Clone(m.Forward(&tape, x).Data)
	pixels := tape.Patches(x, B, side, side, C, 1)
	numtest.BitEqual(t, "patches of one pixel", pixels.Data, x)
	for i := range B {
		tape.Reset()
		numtest.BitEqual(t, "alone", m.Forward(&tape, x[i*side*side*C:(i+1)*side*side*C]).Data, want[i*4:(i+1)*4])
	}
}
