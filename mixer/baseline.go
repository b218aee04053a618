package mixer

import (
	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/nn"
	"github.com/orchid-seq/orchid/tensor"
)

// Attention is exact multi-head softmax attention over the whole sequence
// (Vaswani et al., 2017), in time L^2 and memory L.
type Attention struct {
	heads   int
	in, out nn.Linear
}

func newAttention(c Config, prefix string, D int) *Attention {
	return &Attention{c.Heads, nn.NewLinear(prefix+"in_linear", D, 3*D, 1, true), nn.NewLinear(prefix+"out_linear", D, D, 1, true)}
}

// Params implements Mixer.
func (m *Attention) Params() []*autograd.Param { return append(m.in.Params(), m.out.Params()...) }

// Forward implements Mixer.
func (m *Attention) Forward(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets) *autograd.Node {
	return t.Temporary(func() *autograd.Node {
		return m.out.Forward(t, t.Attention(m.in.Forward(t, x), seq, m.heads))
	})
}

// Hyena is the chain of Orchid with a static kernel only, and the exact linear
// convolution in place of the circular one (Poli et al., 2023). Unlike Orchid
// it is causal.
type Hyena struct {
	D       int
	in, out nn.Linear
	short   conv
	static  *filter
}

func newHyena(c Config, prefix string, D, maxLength int) *Hyena {
	return &Hyena{
		D:      D,
		in:     nn.NewLinear(prefix+"in_linear", D, 3*D, 1, true),
		out:    nn.NewLinear(prefix+"out_linear", D, D, 1, true),
		short:  newConv(prefix+"conv1d_short", 3*D, 1, c.ShortTaps, true),
		static: newFilter(c.Filter, prefix+"fixed_conv", D, maxLength),
	}
}

// Params implements Mixer.
func (m *Hyena) Params() []*autograd.Param {
	list := append(m.in.Params(), m.out.Params()...)
	return append(append(list, m.short.params()...), m.static.params()...)
}

// Forward implements Mixer.
func (m *Hyena) Forward(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets) *autograd.Node {
	checkSequences("hyena", x, seq)
	return t.Temporary(func() *autograd.Node {
		p := m.in.Forward(t, x)
		k := m.static.spectrum(t, seq, exactDFT, 2)
		c := autograd.ChainOperands{P: p, Taps: t.Param(m.short.weight), Bias: t.Param(m.short.bias), S: k, Skip: t.Param(m.static.skip)}
		return m.out.Forward(t, t.Chain(c, seq, exactDFT, 2))
	})
}

// M2 is the sequence mixer of Monarch Mixer BERT (Fu et al., 2023): the chain of
// Hyena with kernels that reach both ways, and a residual long convolution of
// the input of the same kind.
type M2 struct {
	in, out          nn.Linear
	short            conv
	static, residual *filter
}

func newM2(c Config, prefix string, D, maxLength int) *M2 {
	both := func(name string) *filter {
		f := newFilter(c.Filter, prefix+name, D, maxLength)
		f.reverse = newFilterNetwork(c.Filter, prefix+name+".implicit_filter_rev.", D)
		return f
	}
	return &M2{
		in:       nn.NewLinear(prefix+"in_linear", D, 3*D, 1, true),
		out:      nn.NewLinear(prefix+"out_linear", D, D, 1, true),
		short:    newConv(prefix+"conv1d_short", 3*D, 1, c.ShortTaps, true),
		static:   both("fixed_conv"),
		residual: both("fixed_conv_res"),
	}
}

// Params implements Mixer.
func (m *M2) Params() []*autograd.Param {
	list := append(m.in.Params(), m.out.Params()...)
	list = append(list, m.short.params()...)
	return append(append(list, m.static.params()...), m.residual.params()...)
}

// Forward implements Mixer.
func (m *M2) Forward(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets) *autograd.Node {
	checkSequences("m2", x, seq)
	return t.Temporary(func() *autograd.Node {
		return m.out.Forward(t, t.Chain(autograd.ChainOperands{
			P: m.in.Forward(t, x), Taps: t.Param(m.short.weight), Bias: t.Param(m.short.bias),
			S: m.static.spectrum(t, seq, exactDFT, 2), Skip: t.Param(m.static.skip),
			U: x, Static: m.residual.spectrum(t, seq, exactDFT, 2), Direct: t.Param(m.residual.skip),
		}, seq, exactDFT, 2))
	})
}
