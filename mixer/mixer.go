// Package mixer holds the layers that move information along a sequence: the
// Orchid operator (Karami and Ghodsi, NeurIPS 2024) and, for comparison behind
// the same interface, softmax attention and Hyena.
//
// Letters: T rows of all sequences of a packed batch, L the length of one, D
// channels, K taps, F bins of a spectrum, E positional features and W width of
// the filter network, O = order - 1 long convolutions.
package mixer

import (
	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/nn"
	"github.com/orchid-seq/orchid/tensor"
)

// A Mixer maps x [T, D] to y [T, D]. Each sequence is mixed by itself: its
// result is the same, bit for bit, alone and in any batch (but for batch
// normalisation while training). A Mixer owns its parameters; Forward
// only reads them, so tapes may share one (not while training with batch
// normalisation, whose running statistics it updates).
type Mixer interface {
	Forward(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets) *autograd.Node
	Params() []*autograd.Param
}

// New builds the mixer that a configuration describes, for D channels and
// sequences of at most maxLength rows. Parameter names begin with prefix. The
// error lists everything that is wrong with c.
func New(c Config, prefix string, D, maxLength int) (Mixer, error) {
	if err := c.Validate(D, maxLength); err != nil {
		return nil, err
	}
	switch c.Mixer {
	case "attention":
		return newAttention(c, prefix, D), nil
	case "hyena":
		return newHyena(c, prefix, D, maxLength), nil
	case "m2":
		return newM2(c, prefix, D, maxLength), nil
	}
	return newOrchid(c, prefix, D, maxLength), nil
}

// A conv is the parameters of a grouped convolution with C channels out, each
// reading in channels.
type conv struct{ weight, bias *autograd.Param }

func newConv(name string, C, in, taps int, bias bool) conv {
	init := autograd.Init{Rule: autograd.InitUniform, FanIn: in * taps}
	c := conv{weight: autograd.NewParam(name+".weight", C, in, taps)}
	c.weight.Init = init
	if bias {
		c.bias = autograd.NewParam(name+".bias", C)
		c.bias.Init, c.bias.NoDecay = init, true
	}
	return c
}

func (c conv) forward(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets, pad autograd.Padding) *autograd.Node {
	return t.Conv(x, t.Param(c.weight), nn.Optional(t, c.bias), seq, pad)
}

func (c conv) params() []*autograd.Param { return nn.Present(c.weight, c.bias) }

// newSkip makes the gain [C] of the skip beside a long convolution.
func newSkip(name string, C int) *autograd.Param {
	p := autograd.NewParam(name, C)
	p.Init, p.NoDecay = autograd.Init{Rule: autograd.InitNormal, Value: 1}, true
	return p
}

// checkSequences panics with a *autograd.ShapeError unless seq marks sequences
// that fill x.
func checkSequences(op string, x *autograd.Node, seq tensor.Offsets) {
	if err := seq.Check(x.Rows()); err != nil {
		panic(&autograd.ShapeError{Op: op, Want: "offsets that fill x: " + err.Error(), Got: [][]int{{x.Rows(), x.Cols()}}})
	}
}
