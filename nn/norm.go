package nn

import "github.com/orchid-seq/orchid/autograd"

// LayerNorm normalises a row to mean 0 and variance 1, then applies a gain and
// a bias.
type LayerNorm struct {
	Gain, Bias *autograd.Param
	Eps        float64
}

// NewLayerNorm makes a layer for rows of D channels.
func NewLayerNorm(name string, D int, eps float64) LayerNorm {
	n := LayerNorm{autograd.NewParam(name+".weight", D), autograd.NewParam(name+".bias", D), eps}
	n.Gain.Init = autograd.Init{Rule: autograd.InitConstant, Value: 1}
	n.Bias.Init = autograd.Init{Rule: autograd.InitConstant}
	n.Gain.NoDecay, n.Bias.NoDecay = true, true
	return n
}

// Forward maps x [T, D] to [T, D].
func (n LayerNorm) Forward(t *autograd.Tape, x *autograd.Node) *autograd.Node {
	return t.LayerNorm(x, t.Param(n.Gain), t.Param(n.Bias), n.Eps)
}

// Params lists the parameters.
func (n LayerNorm) Params() []*autograd.Param { return []*autograd.Param{n.Gain, n.Bias} }
