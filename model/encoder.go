// Package model holds architectures: a Config, a struct of layers, Forward.
//
// Letters: T rows of all sequences of a batch, B sequences, L the length of
// one, D channels, V words.
package model

import (
	"fmt"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/nn"
	"github.com/orchid-seq/orchid/tensor"
)

// Config shapes an encoder: a stack of blocks, each a mixer and an MLP.
type Config struct {
	Width     int             `yaml:"width"`      // D
	Depth     int             `yaml:"depth"`      // blocks
	Expand    int             `yaml:"expand"`     // inner channels of the MLP, in widths
	Inner     int             `yaml:"inner"`      // the same in channels, in place of expand; 0 for expand
	MLPBlocks int             `yaml:"mlp-blocks"` // block-diagonal MLP above 1
	Dropout   float64         `yaml:"dropout"`    // of embeddings, branches and MLP
	DropPath  float64         `yaml:"drop-path"`  // stochastic depth: rate of the last block, growing linearly from 0 in the first of several
	Init      autograd.Scheme `yaml:"init"`       // of linear layers: uniform, normal or truncated
	// Norm says where LayerNorm stands: pre, before mixer and MLP with one more at
	// the end, or post, after each sum, as in BERT.
	Norm    string  `yaml:"norm"`
	NormEps float64 `yaml:"norm-eps"`
	// MixerResidual adds a block's input to what its mixer gives. Orchid-BERT and
	// M2-BERT do without, since their mixer holds a long convolution of the input.
	MixerResidual bool `yaml:"mixer-residual"`
	// InputNorm puts a LayerNorm before a mixer without residual under norm=post,
	// as the released M2-BERT weights have it.
	InputNorm bool `yaml:"input-norm"`
	Gated     bool `yaml:"gated-mlp"` // GELU(a) b in place of GELU(a)
	Recompute bool `yaml:"recompute"` // less memory, more time: the backward pass computes the inner values of blocks again

	Mixer mixer.Config `yaml:",inline"`
}

// Describe says in one line what the configuration builds.
func (c Config) Describe() string {
	return fmt.Sprintf("%s, %s, width %d", c.Mixer.Describe(), numeral.Plural(c.Depth, "layer"), c.Width)
}

// inner is the number of inner channels of the MLP.
func (c Config) inner() int {
	if c.Inner > 0 {
		return c.Inner
	}
	return c.Expand * c.Width
}

// Validate returns every fault, for sequences of at most maxLength rows.
func (c Config) Validate(maxLength int) error {
	var f fault.List
	f.Check(c.Depth >= 1, "depth=%d: want at least 1", c.Depth)
	f.Check(c.Expand >= 1, "expand=%d: want at least 1", c.Expand)
	f.Check(c.Inner >= 0 && c.Inner <= 1<<24, "inner=%d: want at least 0", c.Inner)
	f.Check(c.MLPBlocks >= 1 && c.Width%max(c.MLPBlocks, 1) == 0 && c.inner()%max(c.MLPBlocks, 1) == 0,
		"mlp-blocks=%d: want a divisor of the width %d and of the MLP's %d inner channels", c.MLPBlocks, c.Width, c.inner())
	f.Check(c.Dropout >= 0 && c.Dropout < 1, "dropout=%g: want at least 0 and below 1", c.Dropout)
	f.Check(c.DropPath >= 0 && c.DropPath < 1, "drop-path=%g: want at least 0 and below 1", c.DropPath)
	f.OneOf("norm", c.Norm, "pre", "post")
	f.Check(c.NormEps > 0, "norm-eps=%g: want above 0", c.NormEps)
	f.Check(c.Norm != "pre" || c.MixerResidual, "mixer-residual=false with norm=pre: what leaves the block out of a sum needs norm=post")
	f.Check(!c.InputNorm || !c.MixerResidual, "input-norm=true with mixer-residual=true: norm=pre has that norm, norm=post none there")
	f.OneOf("init", string(c.Init), string(autograd.SchemeUniform), string(autograd.SchemeNormal), string(autograd.SchemeTruncated))
	f.Add(c.Mixer.Validate(c.Width, maxLength))
	return f.Err()
}

// A Block mixes along the sequence, then works on each row. With norms before,
// it is x + mixer(norm1(x)), then x + mlp(norm2(x)). With norms after, it is
// norm1(x + mixer(x)), then norm2(x + mlp(x)). Without the residual around
// the mixer, the first half is mixer(x) or mixer(norm1(x)).
type Block struct {
	Name       string
	Norm1      *nn.LayerNorm // nil for none
	Mixer      mixer.Mixer
	Norm2      nn.LayerNorm
	MLP        nn.MLP
	Post       bool    // norms after the sums
	Residual   bool    // around the mixer
	Dropout    float64 // of what the mixer gives
	MLPDropout float64 // of what the MLP gives
	DropPath   float64
	// Recompute keeps x alone for the backward pass, which changes no bit.
	Recompute bool

	ears ears
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
		mix := func(x *autograd.Node) *autograd.Node {
			b.ears.hear(t, x, seq)
			return b.Mixer.Forward(t, x, seq)
		}
		mlp := func(x *autograd.Node) *autograd.Node { return b.MLP.Forward(t, x) }
		if b.Residual {
			x = b.branch(t, x, seq, "mixer", b.Norm1, b.Dropout, mix)
		} else {
			x = b.alone(t, x, mix)
		}
		return b.branch(t, x, seq, "mlp", &b.Norm2, b.MLPDropout, mlp)
	})
}

// branch returns x + f(norm(x)), or norm(x + f(x)).
func (b *Block) branch(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets, name string, norm *nn.LayerNorm, dropout float64, f func(x *autograd.Node) *autograd.Node) *autograd.Node {
	return t.Temporary(func() *autograd.Node {
		leave := t.Enter(name)
		y := t.Temporary(func() *autograd.Node {
			if b.Post {
				return f(x)
			}
			return f(norm.Forward(t, x))
		})
		y = t.DropPath(t.Dropout(y, dropout), seq, b.DropPath)
		leave()
		if y = t.Add(x, y); b.Post {
			y = norm.Forward(t, y)
		}
		return y
	})
}

// alone returns the mixer's result without a sum.
func (b *Block) alone(t *autograd.Tape, x *autograd.Node, mix func(x *autograd.Node) *autograd.Node) *autograd.Node {
	return t.Temporary(func() *autograd.Node {
		defer t.Enter("mixer")()
		if b.Norm1 != nil {
			x = b.Norm1.Forward(t, x)
		}
		return mix(x)
	})
}

// Params lists the parameters.
func (b *Block) Params() (list []*autograd.Param) {
	if b.Norm1 != nil {
		list = b.Norm1.Params()
	}
	list = append(list, b.Mixer.Params()...)
	return append(append(list, b.Norm2.Params()...), b.MLP.Params()...)
}

// An Encoder is a stack of blocks and, with norms before, a last LayerNorm.
type Encoder struct {
	Blocks []*Block
	Norm   *nn.LayerNorm // nil for none
}

// newEncoder builds the stack; c has been validated.
func newEncoder(c Config, maxLength int) (*Encoder, error) {
	norm := func(name string) *nn.LayerNorm {
		n := nn.NewLayerNorm(name, c.Width, c.NormEps)
		return &n
	}
	e := &Encoder{}
	if c.Norm == "pre" {
		e.Norm = norm("norm")
	}
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
		b := &Block{
			Name:     name,
			Mixer:    m,
			Norm2:    *norm(name + ".norm2"),
			MLP:      nn.NewMLP(name+".mlp", c.Width, c.inner(), c.MLPBlocks, c.Gated),
			Post:     c.Norm == "post",
			Residual: c.MixerResidual,
			Dropout:  c.Dropout,
			DropPath: dropPath,
			// What the last block holds is wanted at once, and nothing held it longer.
			Recompute: c.Recompute && i < c.Depth-1,
		}
		if c.MixerResidual || c.InputNorm {
			b.Norm1 = norm(name + ".norm1")
		}
		// BERT drops what an MLP gives, M2-BERT what it holds, ViT both.
		if c.Norm == "pre" || c.Gated {
			b.MLP.Dropout = c.Dropout
		}
		if c.Norm == "pre" || !c.Gated {
			b.MLPDropout = c.Dropout
		}
		e.Blocks = append(e.Blocks, b)
	}
	return e, nil
}

// Forward maps x [T, D] to [T, D].
func (e *Encoder) Forward(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets) *autograd.Node {
	x = forward(t, e.Blocks, x, seq)
	if e.Norm == nil {
		return x
	}
	defer t.Enter("norm")()
	return e.Norm.Forward(t, x)
}

// Keep lets the mixers keep what static kernels give, up to so many bytes in all;
// see mixer.Keeper.
func (e *Encoder) Keep(bytes int) {
	for _, b := range e.Blocks {
		if k, ok := b.Mixer.(mixer.Keeper); ok {
			k.Keep(bytes / len(e.Blocks))
		}
	}
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
	if e.Norm != nil {
		list = append(list, e.Norm.Params()...)
	}
	return list
}
