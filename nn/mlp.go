package nn

import "github.com/orchid-seq/orchid/autograd"

// MLP is the position-wise network of a Transformer block: D to inner
// channels, GELU, and back.
type MLP struct {
	Up, Down Linear
	Dropout  float64 // of the inner channels, while training
}

// NewMLP makes a network whose two matrices have the given number of blocks.
func NewMLP(name string, D, inner, blocks int, dropout float64) MLP {
	return MLP{NewLinear(name+".up", D, inner, blocks, true), NewLinear(name+".down", inner, D, blocks, true), dropout}
}

// Forward maps x [T, D] to [T, D].
func (m MLP) Forward(t *autograd.Tape, x *autograd.Node) *autograd.Node {
	h := t.Apply(m.Up.Forward(t, x), autograd.GELU)
	return m.Down.Forward(t, t.Dropout(h, m.Dropout))
}

// Params lists the parameters.
func (m MLP) Params() []*autograd.Param { return append(m.Up.Params(), m.Down.Params()...) }
