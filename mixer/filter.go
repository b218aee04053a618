package mixer

import (
	"fmt"
	"math"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/nn"
	"github.com/orchid-seq/orchid/tensor"
)

// A filter is an implicit long filter: a small network from positions to
// taps, damped over time (paper, remark 3.2; Hyena, section 3.3).
type filter struct {
	c         FilterConfig
	maxLength int
	layers    []nn.Linear     // E -> W -> ... -> W -> C, the last without bias
	reverse   []nn.Linear     // the same for taps before lag 0; nil for none
	freq      *autograd.Param // [W], one vector for all sines
	z         *autograd.Param // [maxLength, E]; nil if positions are relative
	time      *autograd.Param // [maxLength], the same
	delta     *autograd.Param // [C]
	skip      *autograd.Param // [C], used beside the convolution
	kept      *kept           // spectra, or nil
}

func newFilter(c FilterConfig, prefix string, C, maxLength int) *filter {
	f := &filter{c: c, maxLength: maxLength, skip: newSkip(prefix+".bias", C)}
	f.layers = newFilterNetwork(c, prefix+".implicit_filter.", C)
	if !c.Linear {
		f.freq = autograd.NewParam(prefix+".implicit_filter.1.freq", 1, c.Width)
		f.freq.Init, f.freq.NoDecay = autograd.Init{Rule: autograd.InitConstant, Value: c.Frequency}, true
	}
	if f.freq != nil {
		f.freq.Group = autograd.Filter
	}
	if c.Positions != "relative" {
		f.z = autograd.NewParam(prefix+".pos_emb.z", 1, maxLength, c.Features)
		f.time = autograd.NewParam(prefix+".pos_emb.t", 1, maxLength, 1)
		f.z.Group, f.z.NoDecay, f.z.Frozen, f.time.Frozen = autograd.Positions, true, c.Positions == "fixed", true
		positions(f.z.Data, f.time.Data, maxLength, c.Features)
	}
	if c.Modulate {
		f.delta = autograd.NewParam(prefix+".modulation.deltas", 1, 1, C)
		f.delta.NoDecay, f.delta.Frozen = true, !c.TrainDecay
		slow, fast := math.Log(c.DecayTarget)/c.SlowDecay, math.Log(c.DecayTarget)/c.FastDecay
		for i := range C {
			f.delta.Data[i] = float32(slow + (fast-slow)*float64(i)/float64(max(C-1, 1)))
		}
	}
	return f
}

// newFilterNetwork makes the layers of a network.
func newFilterNetwork(c FilterConfig, prefix string, C int) (layers []nn.Linear) {
	in := c.Features
	if !c.Linear {
		for i := range c.Inner + 1 {
			layers = append(layers, nn.NewLinear(fmt.Sprint(prefix, 2*i), in, c.Width, 1, true))
			in = c.Width
		}
	}
	layers = append(layers, nn.NewLinear(fmt.Sprint(prefix, 2*len(layers)), in, C, 1, false))
	for _, l := range layers {
		for _, p := range l.Params() {
			p.Group = autograd.Filter
		}
	}
	return layers
}

// positions fills z [L, E] with t, cosines and minus sines, and time [L] with
// t = n/(L-1): z[n] = [t, cos(f_i w_n)..., -sin(f_i w_n)...], w_n = 2 pi n/L, f
// from 1e-4 to the number of bands less one.
func positions(z, time []float32, L, E int) {
	bands := (E - 1) / 2
	for n := range L {
		t := float64(n) / float64(max(L-1, 1))
		time[n], z[n*E] = float32(t), float32(t)
		for i := range bands {
			f := 1e-4
			if bands > 1 {
				f += (float64(bands-1) - 1e-4) * float64(i) / float64(bands-1)
			}
			sin, cos := math.Sincos(f * 2 * math.Pi * float64(n) / float64(L))
			z[n*E+1+i], z[n*E+1+bands+i] = float32(cos), float32(-sin)
		}
	}
}

// network lists the parameters of the network, in their order.
func (f *filter) network() (list []*autograd.Param) {
	for i, l := range f.layers {
		list = append(list, l.Params()...)
		if i == 0 && f.freq != nil {
			list = append(list, f.freq)
		}
	}
	return list
}

func (f *filter) params() []*autograd.Param {
	list := append(nn.Present(f.skip, f.z, f.time, f.delta), f.network()...)
	for _, l := range f.reverse {
		list = append(list, l.Params()...)
	}
	return list
}

// spectra returns the spectra of the kernels for several lengths, one below the
// other.
func (f *filter) spectra(t *autograd.Tape, lengths []int, tr autograd.Transform, pad int) *autograd.Node {
	return t.Temporary(func() *autograd.Node {
		seq := tensor.Pack(lengths...)
		h := f.forward(t, f.layers, lengths)
		if f.reverse != nil {
			// 2 L taps, as many rows as a sequence has with its zeros.
			h = t.TwoSided(h, f.forward(t, f.reverse, lengths), seq)
			seq, pad = twice(seq), pad/2
		}
		s := t.Spectrum(h, seq, tr, pad)
		t.Forget(h)
		return s
	})
}

// twice returns sequences of twice the lengths.
func twice(seq tensor.Offsets) tensor.Offsets {
	double := make(tensor.Offsets, len(seq))
	for i, at := range seq {
		double[i] = 2 * at
	}
	return double
}

// forward returns the kernels that a network makes for several lengths, one below
// the other [sum of lengths, C]. Unless positions are relative, a length takes the first
// rows of the kernel of maxLength, and a larger one is filled up with zeros.
func (f *filter) forward(t *autograd.Tape, network []nn.Linear, lengths []int) *autograd.Node {
	defer t.Enter("filter")()
	if f.z != nil {
		rows := min(lengths[len(lengths)-1], f.maxLength)
		E := f.c.Features
		return t.Temporary(func() *autograd.Node {
			return t.Prefixes(f.kernel(t, network, t.ParamPart(f.z, rows*E, rows, E), f.time.Data[:rows]), lengths)
		})
	}
	total := 0
	for _, L := range lengths {
		total += L
	}
	z, time := make([]float32, total*f.c.Features), make([]float32, total)
	at := 0
	for _, L := range lengths {
		positions(z[at*f.c.Features:], time[at:], L, f.c.Features)
		at += L
	}
	return f.kernel(t, network, t.Input(z, total, f.c.Features), time)
}

// kernel maps positions z [n, E] to taps [n, C].
func (f *filter) kernel(t *autograd.Tape, network []nn.Linear, z *autograd.Node, time []float32) *autograd.Node {
	net := autograd.FilterNetwork{Freq: nn.Optional(t, f.freq), Scale: float32(f.c.FrequencyScale), Delta: nn.Optional(t, f.delta), Shift: float32(f.c.Shift)}
	for _, l := range network {
		net.Weights, net.Biases = append(net.Weights, t.Param(l.Weight)), append(net.Biases, nn.Optional(t, l.Bias))
	}
	return t.Temporary(func() *autograd.Node {
		h := t.ImplicitFilter(z, time, net)
		if f.c.Normalize {
			h = t.NormalizeL1(h)
		}
		return h
	})
}
