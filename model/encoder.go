// Package model holds architectures: a Config, a struct of layers, Forward.
//
// Letters: T rows of all sequences of a batch, B sequences, L the length of
// one, D channels, V words.
package model

import (
	"fmt"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/nn"
	"github.com/orchid-seq/orchid/tensor"
)

// Config shapes an encoder: a stack of pre-LayerNorm blocks.
type Config struct {
	Width     int             `yaml:"width"`      // D
	Depth     int             `yaml:"depth"`      // blocks
	Expand    int             `yaml:"expand"`     // inner channels of the MLP, in widths
	MLPBlocks int             `yaml:"mlp-blocks"` // block-diagonal MLP above 1
	Dropout   float64         `yaml:"dropout"`    // of embeddings, branches and MLP
	DropPath  float64         `yaml:"drop-path"`  // stochastic depth: rate of the last block, growing linearly from 0 in the first of several
	Init      autograd.Scheme `yaml:"init"`       // of linear layers: uniform, normal or truncated
	Recompute bool            `yaml:"recompute"`  // less memory, more time: the backward pass computes the inner values of blocks again

	Mixer mixer.Config `yaml:",inline"`
}

// Describe says in one line what the configuration builds.
func (c Config) Describe() string {
	return fmt.Sprintf("%s, %d layers, width %d", c.Mixer.Describe(), c.Depth, c.Width)
}

// Validate returns every fault, for sequences of at most maxLength rows.
func (c Config) Validate(maxLength int) error {
	var f fault.List
	f.Check(c.Depth >= 1, "depth=%d: want at least 1", c.Depth)
	f.Check(c.Expand >= 1, "expand=%d: want at least 1", c.Expand)
	f.Check(c.MLPBlocks >= 1 && c.Width%max(c.MLPBlocks, 1) == 0, "mlp-blocks=%d: want a divisor of the width %d", c.MLPBlocks, c.Width)
	f.Check(c.Dropout >= 0 && c.Dropout < 1, "dropout=%g: want at least 0 and below 1", c.Dropout)
	f.Check(c.DropPath >= 0 && c.DropPath < 1, "drop-path=%g: want at least 0 and below 1", c.DropPath)
	f.OneOf("init", string(c.Init), string(autograd.SchemeUniform), string(autograd.SchemeNormal), string(autograd.SchemeTruncated))
	f.Add(c.Mixer.Validate(c.Width, maxLength))
	return f.Err()
}

// normEps is PyTorch's default.
const normEps = 1e-5

// A Block is x + mixer(norm(x)), then x + mlp(norm(x)).
type Block struct {
	Name     string
	Norm1    nn.LayerNorm
	Mixer    mixer.Mixer
	Norm2    nn.LayerNorm
	MLP      nn.MLP
	Dropout  float64
	DropPath float64
	// Recompute keeps x alone for the backward pass, which changes no bit.
	Recompute bool
}

// Forward maps x [T, D] to [T, D].
func (b *Block) Forward(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets) *autograd.Node {
	defer t.Enter(b.Name)()
	if b.Recompute {
		return t.Recompute(x, func(x *autograd.Node) *autograd.Node { return b.forward(t, x, seq) })
	}
	return b.forward(t, x, seq)
}

func (b *Block) forward(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets) *autograd.Node {
	return t.Temporary(func() *autograd.Node {
		x := b.branch(t, x, seq, "mixer", func() *autograd.Node { return b.Mixer.Forward(t, b.Norm1.Forward(t, x), seq) })
		return b.branch(t, x, seq, "mlp", func() *autograd.Node { return b.MLP.Forward(t, b.Norm2.Forward(t, x)) })
	})
}

// branch returns x + f().
func (b *Block) branch(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets, name string, f func() *autograd.Node) *autograd.Node {
	return t.Temporary(func() *autograd.Node {
		leave := t.Enter(name)
		y := t.DropPath(t.Dropout(t.Temporary(f), b.Dropout), seq, b.DropPath)
		leave()
		return t.Add(x, y)
	})
}

// Params lists the parameters.
func (b *Block) Params() []*autograd.Param {
	list := append(b.Norm1.Params(), b.Mixer.Params()...)
	return append(append(list, b.Norm2.Params()...), b.MLP.Params()...)
}

// An Encoder is a stack of blocks and a last LayerNorm.
type Encoder struct {
	Blocks []*Block
	Norm   nn.LayerNorm
}

// newEncoder builds the stack; c has been validated.
func newEncoder(c Config, maxLength int) (*Encoder, error) {
	e := &Encoder{Norm: nn.NewLayerNorm("norm", c.Width, normEps)}
	for i := range c.Depth {
		name := fmt.Sprint("blocks.", i)
		dropPath := c.DropPath
		if c.Depth > 1 {
			dropPath = c.DropPath * float64(i) / float64(c.Depth-1)
		}
		m, err := mixer.New(c.Mixer, name+".mixer.", c.Width, maxLength)
		if err != nil {
			return nil, err
		}
		e.Blocks = append(e.Blocks, &Block{
			Name:     name,
			Norm1:    nn.NewLayerNorm(name+".norm1", c.Width, normEps),
			Mixer:    m,
			Norm2:    nn.NewLayerNorm(name+".norm2", c.Width, normEps),
			MLP:      nn.NewMLP(name+".mlp", c.Width, c.Expand*c.Width, c.MLPBlocks, c.Dropout),
			Dropout:  c.Dropout,
			DropPath: dropPath,
			// What the last block holds is wanted at once, and nothing held it longer.
			Recompute: c.Recompute && i < c.Depth-1,
		})
	}
	return e, nil
}

// Forward maps x [T, D] to [T, D].
func (e *Encoder) Forward(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets) *autograd.Node {
	x = forward(t, e.Blocks, x, seq)
	defer t.Enter("norm")()
	return e.Norm.Forward(t, x)
}

// forward runs x through the blocks. The last one stands outermost, so that
// without gradients what enters a block goes when its result is there.
func forward(t *autograd.Tape, blocks []*Block, x *autograd.Node, seq tensor.Offsets) *autograd.Node {
	last := len(blocks) - 1
	if last < 0 {
		return x
	}
	return t.Temporary(func() *autograd.Node {
		return blocks[last].Forward(t, forward(t, blocks[:last], x, seq), seq)
	})
}

// Params lists the parameters.
func (e *Encoder) Params() (list []*autograd.Param) {
	for _, b := range e.Blocks {
		list = append(list, b.Params()...)
	}
	return append(list, e.Norm.Params()...)
}
