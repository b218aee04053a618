package mixer

import (
	"fmt"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/nn"
	"github.com/orchid-seq/orchid/tensor"
)

// Orchid is the operator of the paper (section 3): a chain of gates and of
// long convolutions whose kernels depend on the input. It is safe for
// concurrent use by several tapes as long as its parameters do not change; batch
// normalisation changes its running statistics while training.
type Orchid struct {
	c           Config
	D           int
	f           autograd.Transform
	in, out     nn.Linear
	short       conv
	conditioner *conditioner
	static      *filter // h0; its skip is used even without the kernel
	residual    *filter // h1, or nil
}

func newOrchid(c Config, prefix string, D, maxLength int) *Orchid {
	steps := c.Order - 1
	m := &Orchid{
		c: c, D: D, f: transforms[c.Transform],
		in:          nn.NewLinear(prefix+"in_linear", D, c.projections()*D, 1, true),
		out:         nn.NewLinear(prefix+"out_linear", D, D, 1, true),
		short:       newConv(prefix+"conv1d_short", c.projections()*D, 1, c.ShortTaps, true),
		conditioner: newConditioner(c, prefix+"conv_kernel_nn", D),
		static:      newFilter(c.Filter, prefix+"fixed_conv", D*steps, maxLength),
	}
	if c.Residual {
		m.residual = newFilter(c.Filter, prefix+"fixed_conv_res", D*steps, maxLength)
	}
	return m
}

// Params lists the parameters under the names of the authors' release.
func (m *Orchid) Params() []*autograd.Param {
	list := append(m.in.Params(), m.out.Params()...)
	list = append(list, m.short.params()...)
	if m.c.StaticKernel {
		list = append(list, m.static.params()...)
	} else {
		list = append(list, m.static.skip)
	}
	if m.residual != nil {
		list = append(list, m.residual.params()...)
	}
	return append(list, m.conditioner.params()...)
}

// Forward implements Mixer.
func (m *Orchid) Forward(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets) *autograd.Node {
	return m.ForwardOn(t, x, seq, x, seq)
}

// ForwardOn mixes x with kernels conditioned on another sequence each, which
// takes the place of cross-attention (paper, remark 3.3). There are as many
// context sequences as sequences; where lengths differ, a kernel is cut or
// filled up with zeros in time.
//
//	x [T, D], context [T', D]
//	y [T, D]
func (m *Orchid) ForwardOn(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets, context *autograd.Node, contextSeq tensor.Offsets) *autograd.Node {
	m.check(x, seq)
	m.check(context, contextSeq)
	m.checkKernel(seq)
	return t.Temporary(func() *autograd.Node {
		p := m.in.Forward(t, x) // [T, projections D]: last gate, ..., first gate, value
		h := t.Temporary(func() *autograd.Node {
			v := p
			if context != x {
				v = m.in.Forward(t, context)
			}
			return m.conditioner.forward(t, v, m.value(), contextSeq)
		})
		var y *autograd.Node
		switch {
		case m.c.Order > 2:
			y = m.longChain(t, p, h, seq, contextSeq)
		case m.c.Gates:
			y = m.chain(t, x, p, m.conditioner.kernel(t, h, 0, contextSeq, seq), seq)
		default:
			y = m.ungated(t, x, p, m.conditioner.kernel(t, h, 0, contextSeq, seq), seq)
		}
		return m.out.Forward(t, y)
	})
}

// value is the first column of the value in the projections.
func (m *Orchid) value() int { return (m.c.projections() - 1) * m.D }

// ungated is chain with nothing in the place of its two gates.
func (m *Orchid) ungated(t *autograd.Tape, x, v, h *autograd.Node, seq tensor.Offsets) *autograd.Node {
	return t.Temporary(func() *autograd.Node {
		var static *autograd.Node
		if m.c.StaticKernel {
			static = m.static.spectrum(t, seq, m.f, 1)
		}
		y := t.SpectralConv(m.short.forward(t, v, seq, autograd.Causal), h, static, t.Param(m.static.skip), seq, m.f, 1)
		if m.residual == nil {
			return y
		}
		var skip *autograd.Node
		if m.c.ResidualSkip {
			skip = t.Param(m.residual.skip)
		}
		return t.Add(y, t.SpectralConv(x, nil, m.residual.spectrum(t, seq, m.f, 1), skip, seq, m.f, 1))
	})
}

// chain is the usual chain of order 2, with the residual convolution.
func (m *Orchid) chain(t *autograd.Tape, x, p, h *autograd.Node, seq tensor.Offsets) *autograd.Node {
	c := autograd.ChainOperands{P: p, Taps: t.Param(m.short.weight), Bias: t.Param(m.short.bias), H: h, Skip: t.Param(m.static.skip)}
	if m.c.StaticKernel {
		c.S = m.static.spectrum(t, seq, m.f, 1)
	}
	if m.residual != nil {
		c.U, c.Static = x, m.residual.spectrum(t, seq, m.f, 1)
		if m.c.ResidualSkip {
			c.Direct = t.Param(m.residual.skip)
		}
	}
	return t.Chain(c, seq, m.f, 1)
}

// longChain is a chain of more than one convolution, gates between them.
func (m *Orchid) longChain(t *autograd.Tape, p, h *autograd.Node, seq, contextSeq tensor.Offsets) *autograd.Node {
	D, steps := m.D, m.c.Order-1
	lengths, _ := seq.Lengths()
	return t.Temporary(func() *autograd.Node {
		var static *autograd.Node
		if m.c.StaticKernel {
			static = m.static.forward(t, m.static.layers, lengths)
		}
		skip := t.ParamPart(m.static.skip, D*steps, 1, D*steps)
		c := m.short.forward(t, p, seq, autograd.Causal)
		y := t.Slice(c, m.c.Order*D, D)
		for o := range steps {
			y = t.Temporary(func() *autograd.Node {
				columns := stepColumns(D*steps, steps, o)
				k, s := static, t.Columns(skip, columns)
				if k != nil {
					k = t.Spectrum(t.Columns(static, columns), tensor.Pack(lengths...), m.f, 1)
				}
				return t.SpectralConv(t.Gate(y, c, steps-o), m.conditioner.kernel(t, h, o, contextSeq, seq), k, s, seq, m.f, 1)
			})
		}
		return t.Gate(y, c, 0)
	})
}

// check panics with a *autograd.ShapeError unless seq marks sequences of x that
// the transform can serve.
func (m *Orchid) check(x *autograd.Node, seq tensor.Offsets) {
	checkSequences("orchid", x, seq)
	if m.c.Transform != "dct1" {
		return
	}
	for i := range seq.Count() {
		if seq.Len(i) < 2 {
			panic(&autograd.ShapeError{Op: "orchid", Want: "sequences of at least 2 rows for transform=dct1", Got: [][]int{{seq.Len(i), m.D}}})
		}
	}
}

// checkKernel panics with a *autograd.ShapeError on sequences longer than a
// static kernel that cannot grow: it has the taps it was made with, and a DCT
// needs as many as the sequence has rows.
func (m *Orchid) checkKernel(seq tensor.Offsets) {
	longest := seq.MaxLen()
	if fixed := m.static.z != nil && (m.c.StaticKernel || m.c.Residual); fixed && !m.c.complex() && longest > m.static.maxLength {
		panic(&autograd.ShapeError{Op: "orchid", Want: fmt.Sprintf("sequences of at most %d rows, the length its static kernel was made for (filter-positions=relative serves any length)", m.static.maxLength), Got: [][]int{{longest, m.D}}})
	}
}
