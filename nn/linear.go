// Package nn holds the layers that work on one row at a time.
//
// A layer is a struct of parameters with a Forward; it owns them, and Forward
// only reads them. Letters: T rows of all sequences of a batch, D channels, V
// words.
package nn

import (
	"github.com/orchid-seq/orchid/autograd"
)

// Linear is y = x W^T + b; with Blocks above 1, W is block-diagonal and stored
// as [Blocks, out/Blocks, in/Blocks]: part i of x gives part i of y.
type Linear struct {
	Weight, Bias *autograd.Param // Bias may be nil
	Blocks       int
}

// NewLinear makes a layer from in to out channels. It panics unless both are
// multiples of blocks.
func NewLinear(name string, in, out, blocks int, bias bool) Linear {
	if blocks < 1 || in%blocks != 0 || out%blocks != 0 {
		panic(&autograd.ShapeError{Op: "nn.NewLinear", Want: "in and out multiples of blocks", Got: [][]int{{out, in}, {blocks}}})
	}
	shape := []int{out, in}
	if blocks > 1 {
		shape = []int{blocks, out / blocks, in / blocks}
	}
	l := Linear{Weight: autograd.NewParam(name+".weight", shape...), Blocks: blocks}
	l.Weight.Init = autograd.Init{Rule: autograd.InitLinearWeight, FanIn: in / blocks}
	if bias {
		l.Bias = autograd.NewParam(name+".bias", out)
		l.Bias.Init, l.Bias.NoDecay = autograd.Init{Rule: autograd.InitLinearBias, FanIn: in / blocks}, true
	}
	return l
}

// Forward maps x [T, in] to [T, out].
func (l Linear) Forward(t *autograd.Tape, x *autograd.Node) *autograd.Node {
	return t.BlockLinear(x, t.Param(l.Weight), Optional(t, l.Bias), l.Blocks)
}

// Params lists the parameters.
func (l Linear) Params() []*autograd.Param { return Present(l.Weight, l.Bias) }

// Optional puts a parameter on the tape if there is one.
func Optional(t *autograd.Tape, p *autograd.Param) *autograd.Node {
	if p == nil {
		return nil
	}
	return t.Param(p)
}

// Present returns the parameters that are not nil.
func Present(params ...*autograd.Param) (list []*autograd.Param) {
	for _, p := range params {
		if p != nil {
			list = append(list, p)
		}
	}
	return list
}
