package model

import (
	"fmt"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/nn"
	"github.com/orchid-seq/orchid/tensor"
)

// PatchConfig says how pictures become sequences and sequences become classes.
type PatchConfig struct {
	Patch int              `yaml:"patch"` // side of a square patch, in pixels
	Pool  autograd.Pooling `yaml:"pool"`  // mean, first, last or max
}

// ViT classifies pictures: patches become rows by one linear layer, in
// row-major order, without a class token and without positions; then an
// encoder, pooling and a linear head.
type ViT struct {
	Patches nn.Linear
	Encoder *Encoder
	Head    nn.Linear
	c       PatchConfig

	height, width, channels int
}

// NewViT builds a classifier of pictures [height, width, channels] and draws
// its weights.
func NewViT(c Config, p PatchConfig, height, width, channels, classes int, seed uint64) (*ViT, error) {
	m, err := newViT(c, p, height, width, channels, classes)
	if err != nil {
		return nil, err
	}
	return m, autograd.Initialize(m.Params(), c.Init, seed)
}

// newViT builds the classifier with weights that are 0.
func newViT(c Config, p PatchConfig, height, width, channels, classes int) (*ViT, error) {
	if p.Patch < 1 || height%p.Patch != 0 || width%p.Patch != 0 {
		return nil, fmt.Errorf("patch=%d: want a divisor of the picture's sides %d and %d", p.Patch, height, width)
	}
	switch p.Pool {
	case autograd.MeanPool, autograd.FirstPool, autograd.LastPool, autograd.MaxPool:
	default:
		return nil, fmt.Errorf("pool=%s: want one of mean, first, last, max", p.Pool)
	}
	L := height / p.Patch * (width / p.Patch)
	if err := c.Validate(L); err != nil {
		return nil, err
	}
	e, err := newEncoder(c, L)
	if err != nil {
		return nil, err
	}
	return &ViT{
		Patches: nn.NewLinear("patches", p.Patch*p.Patch*channels, c.Width, 1, true),
		Encoder: e,
		Head:    nn.NewLinear("head", c.Width, classes, 1, true),
		c:       p, height: height, width: width, channels: channels,
	}, nil
}

// Forward returns logits [B, classes] of pictures [B, height, width, channels].
func (m *ViT) Forward(t *autograd.Tape, pictures []float32) *autograd.Node {
	P, C := m.c.Patch, m.channels
	size := m.height * m.width * C
	B, L := len(pictures)/size, m.height/P*(m.width/P)
	if len(pictures) != B*size {
		panic(&autograd.ShapeError{Op: "vit", Want: fmt.Sprintf("whole pictures of %d numbers", size), Got: [][]int{{len(pictures)}}})
	}
	leave := t.Enter("patches")
	var x *autograd.Node
	if P == 1 { // the pixels as they are, without a copy
		x = t.Input(pictures, B*L, C)
	} else {
		x = t.Patches(pictures, B, m.height, m.width, C, P)
	}
	x = m.Patches.Forward(t, x)
	leave()
	seq := tensor.Uniform(B, L)
	x = m.Encoder.Forward(t, x, seq)
	defer t.Enter("head")()
	return m.Head.Forward(t, t.Pool(x, seq, m.c.Pool))
}

// Params lists the parameters.
func (m *ViT) Params() []*autograd.Param {
	return append(append(m.Patches.Params(), m.Encoder.Params()...), m.Head.Params()...)
}
