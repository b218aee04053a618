package nn

import "github.com/orchid-seq/orchid/autograd"

// MLP is the position-wise network of a Transformer block: D to inner
// channels, GELU, and back. A gated one makes twice the inner channels, without
// bias, and multiplies the second half by GELU of the first (M2-BERT).
type MLP struct {
	Up, Down Linear
	Gated    bool
	Dropout  float64 // of the inner channels, while training; 0 as it is made
}

// NewMLP makes a network whose two matrices have the given number of blocks.
func NewMLP(name string, D, inner, blocks int, gated bool) MLP {
	up := inner
	if gated {
		up *= 2
	}
	return MLP{Up: NewLinear(name+".up", D, up, blocks, !gated), Down: NewLinear(name+".down", inner, D, blocks, true), Gated: gated}
}

// rowsAtATime is how many rows are computed together where no gradient is
// wanted: enough for the products to run at full speed, and few enough for the
// inner channels, eight widths of them in a gated network, to take little memory.
const rowsAtATime = 2048

// Forward maps x [T, D] to [T, D].
func (m MLP) Forward(t *autograd.Tape, x *autograd.Node) *autograd.Node {
	return t.ByRows(x, rowsAtATime, func(x *autograd.Node) *autograd.Node {
		h := m.Up.Forward(t, x)
		if m.Gated {
			h = t.GLU(h, autograd.GELU)
		} else {
			h = t.Apply(h, autograd.GELU)
		}
		return m.Down.Forward(t, t.Dropout(h, m.Dropout))
	})
}

// Params lists the parameters.
func (m MLP) Params() []*autograd.Param { return append(m.Up.Params(), m.Down.Params()...) }
