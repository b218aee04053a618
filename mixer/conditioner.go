package mixer

import (
	"fmt"
	"slices"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/tile"
	"github.com/orchid-seq/orchid/nn"
	"github.com/orchid-seq/orchid/tensor"
)

// A conditioner makes the spectra of a sequence's own kernels from the
// sequence (paper, section 3.2).
type conditioner struct {
	c        Config
	D, steps int // channels; long convolutions of the chain
	f        autograd.Transform
	time     *stage // Type I; the key branch of Type II
	query    *stage // the other branch of Type II
	freq     *stage
	across   *across // in the place of Config's nonlinearity, or nil
}

// newConditioner names the networks as the release does.
func newConditioner(c Config, prefix string, D int) *conditioner {
	n := &conditioner{c: c, D: D, steps: c.Order - 1, f: transforms[c.Transform]}
	in, out := c.parts()
	name := ".nn_model"
	switch {
	case c.Conditioner == "correlation":
		n.time = newStage(c, prefix+".nn_model_k", D, 1, 1)
		n.query = newStage(c, prefix+".nn_model_q", D, 1, 1)
		name = ".nn_model_frq"
	case c.time():
		n.time = newStage(c, prefix+".nn_model", D, 1, 1)
		name = ".nn_model2"
	}
	if c.frequency() {
		n.freq = newStage(c, prefix+name, D*n.steps, in*D/(D*n.steps), out)
	}
	return n
}

// parts returns how many numbers a channel's bin has before and after the
// frequency stage: 2 where it is complex.
func (c Config) parts() (in, out int) {
	switch {
	case !c.complex():
		return 1, 1
	case c.Conditioner == "magnitude":
		return 1, 2
	}
	return 2, 2
}

func (n *conditioner) params() (list []*autograd.Param) {
	for _, s := range []*stage{n.time, n.query, n.freq} {
		if s != nil {
			list = append(list, s.params()...)
		}
	}
	if n.across != nil {
		list = append(list, nn.Present(n.across.scale, n.across.mid)...)
	}
	return list
}

// pad is how many lengths the transform of the conditioning network spans.
func (n *conditioner) pad() int {
	if n.c.DoubleKernel && n.c.complex() {
		return 2
	}
	return 1 // a DCT has as many bins as samples and cannot be lengthened
}

// forward is the conditioning network: the spectra that the sequences v, the
// columns of p from first on, [T, D], ask for, of all steps of the chain
// [bins, Width(D steps)].
func (n *conditioner) forward(t *autograd.Tape, p *autograd.Node, first int, seq tensor.Offsets) *autograd.Node {
	defer t.Enter("conditioner")()
	return t.Temporary(func() *autograd.Node { return n.spectrum(t, p, first, seq) })
}

// kernel returns the spectra h of one step, for sequences of the lengths in
// out. Where those differ from the conditioning sequences' own, a kernel goes
// through time, cut or filled up with zeros.
func (n *conditioner) kernel(t *autograd.Tape, h *autograd.Node, step int, seq, out tensor.Offsets) *autograd.Node {
	defer t.Enter("conditioner")()
	return t.Temporary(func() *autograd.Node {
		k := n.step(t, h, step)
		if pad := n.pad(); pad == 2 || !slices.Equal(seq, out) {
			k = t.Resize(t.FromSpectrum(k, seq, n.f, pad), seq, out)
			k = t.Spectrum(k, out, n.f, 1)
		}
		return k
	})
}

func (n *conditioner) spectrum(t *autograd.Tape, p *autograd.Node, first int, seq tensor.Offsets) *autograd.Node {
	pad, complex := n.pad(), n.c.complex()
	bins := n.f.Bins(seq, pad)
	var h *autograd.Node
	switch n.c.Conditioner {
	case "correlation": // Type II, equation 3: conj(F k) a(F q)
		k, q := n.time.forward(t, p, first, seq), n.query.forward(t, p, first, seq)
		if n.c.softmax() {
			q = t.SequenceSoftmax(q, seq)
		}
		if n.across == nil && (n.c.softmax() || n.c.Nonlinearity == "id") {
			h = t.CrossSpectra(k, q, seq, n.f, pad)
			break
		}
		K, Q := t.Spectrum(k, seq, n.f, pad), t.Spectrum(q, seq, n.f, pad)
		switch {
		case n.across != nil:
			Q = n.across.forward(t, Q, bins, complex)
		case n.c.NonlinearityForm == "magnitude":
			Q = t.ScaleMagnitude(Q, mustActivation(n.c.Nonlinearity), complex)
		default:
			Q = t.Apply(Q, mustActivation(n.c.Nonlinearity))
		}
		h = t.CrossSpectrum(K, Q, complex)
	default:
		var v *autograd.Node
		if n.time != nil {
			v = n.time.forward(t, p, first, seq)
		} else {
			v = t.Slice(p, first, n.D)
		}
		if n.c.Conditioner != "magnitude" {
			h = t.Spectrum(v, seq, n.f, pad)
		} else { // Type I, equation 2
			switch {
			case complex == n.c.squared():
				h = t.PowerSpectrum(v, seq, n.f, pad)
			case complex:
				h = t.Magnitude(t.Spectrum(v, seq, n.f, pad), true)
			default:
				h = t.Spectrum(v, seq, n.f, pad)
				h = t.Mul(h, h)
			}
			if n.freq == nil && complex {
				return t.Complex(h)
			}
		}
	}
	if n.freq == nil {
		return h
	}
	// With the DFT the release hands the frequency stage the real parts of all
	// channels, then the imaginary parts, and its groups take neighbours of
	// that list: channels 2g and 2g+1 of it make group g.
	mixes := complex && n.freq.in == 2
	if mixes {
		h = t.Planar(h)
	}
	h = n.freq.forward(t, h, 0, bins)
	if mixes && n.c.Conditioner == "correlation" {
		// Type II reads the result in halves, the others interleaved, which is
		// the order that groups already stand in.
		h = t.Interleaved(h)
	}
	return h
}

// step picks the kernels of one step: column v steps + o is channel v of step o.
func (n *conditioner) step(t *autograd.Tape, h *autograd.Node, o int) *autograd.Node {
	if n.steps == 1 {
		return h
	}
	return t.Columns(h, stepColumns(h.Cols(), n.steps, o))
}

// stepColumns lists the columns of step o among C.
func stepColumns(C, steps, o int) (list []int) {
	for c := o; c < C; c += steps {
		list = append(list, c)
	}
	return list
}

// planar lists, for each column i G + g, the channel g n + i that stands there
// when the channels of G groups of n are laid out for autograd's Conv.
func planar(G, n int) []int {
	list := make([]int, G*n)
	for c := range list {
		list[c] = c%G*n + c/G
	}
	return list
}

// inverse returns the inverse of a permutation.
func inverse(p []int) []int {
	list := make([]int, len(p))
	for i, c := range p {
		list[c] = i
	}
	return list
}

// mustActivation parses a name that Validate has accepted.
func mustActivation(name string) autograd.Activation {
	a, err := autograd.ParseActivation(name)
	if err != nil {
		panic(err)
	}
	return a
}

// A stage is one small network of the conditioner: layers of a grouped
// convolution, an activation (not after the last) and a norm.
type stage struct {
	c          Config
	G, in, out int // groups, channels in and out of each
	convs      []conv
	norms      []norm
	scale, mid *autograd.Param // of the activation "ln"
}

func newStage(c Config, prefix string, G, in, out int) *stage {
	s := &stage{c: c, G: G, in: in, out: out}
	for i := range c.ConditionerLayers {
		v := newConv(fmt.Sprint(prefix, ".conv1d_ls.", i), G*out, in, c.ConditionerTaps, c.ConditionerBias)
		for _, p := range v.params() {
			p.Group = autograd.Conditioner
		}
		s.convs = append(s.convs, v)
		s.norms = append(s.norms, newNorm(c.ConditionerNorm, fmt.Sprint(prefix, ".norm_ls.", i, ".norm_conv_kernel"), G, out))
		in = out
	}
	if c.ConditionerActivation == "ln" {
		s.scale, s.mid = newLn(prefix + ".activation")
	}
	return s
}

// newLn returns the parameters of the release's activation "ln".
func newLn(name string) (scale, mid *autograd.Param) {
	scale, mid = autograd.NewParam(name+".s", 1), autograd.NewParam(name+".m", 1)
	scale.Init = autograd.Init{Rule: autograd.InitConstant, Value: 1}
	scale.NoDecay, mid.NoDecay = true, true
	return scale, mid
}

func (s *stage) params() (list []*autograd.Param) {
	for i := range s.convs {
		list = append(list, s.convs[i].params()...)
		list = append(list, s.norms[i].params()...)
	}
	return append(list, nn.Present(s.scale, s.mid)...)
}

// forward maps in G columns of x, from first on, to [T, out G]; seq marks the
// sequences, or their spectra when it runs along the bins.
func (s *stage) forward(t *autograd.Tape, x *autograd.Node, first int, seq tensor.Offsets) *autograd.Node {
	return t.Temporary(func() *autograd.Node {
		for i, conv := range s.convs {
			last := i == len(s.convs)-1
			if last && s.fits() {
				return s.norms[i].after(t, conv, x, first, s.G, seq)
			}
			if x.Cols() > s.channels(i) {
				x = t.Slice(x, first, s.channels(i))
			}
			first = 0
			x = conv.forward(t, x, seq, s.c.ConditionerPadding)
			if !last {
				x = s.activate(t, x, seq)
			}
			x = s.norms[i].forward(t, x)
		}
		return x
	})
}

// channels returns how many channels layer i reads.
func (s *stage) channels(i int) int { return s.G * s.convs[i].weight.Shape[1] }

// fits says whether autograd's ConvNorm can do the last layer.
func (s *stage) fits() bool {
	return s.c.ConditionerNorm == "layer" && s.c.ConditionerPadding == autograd.Zeros && s.G%tile.Cols == 0
}

func (s *stage) activate(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets) *autograd.Node {
	switch s.c.ConditionerActivation {
	case "softmax":
		return t.SequenceSoftmax(x, seq)
	case "ln":
		return t.SequenceNorm(x, t.Param(s.scale), t.Param(s.mid), seq)
	}
	return t.Apply(x, mustActivation(s.c.ConditionerActivation))
}

// normEps is PyTorch's default.
const normEps = 1e-5

// A norm normalises a position or bin over its channels (layer), or a channel
// over the batch (batch), or does nothing (none).
type norm struct {
	gain, bias *autograd.Param
	stats      *autograd.BatchStats
	order      []int // which parameter a column has; nil: the same
}

func newNorm(kind, name string, G, out int) norm {
	if kind == "none" {
		return norm{}
	}
	C := G * out
	n := norm{gain: autograd.NewParam(name+".weight", C), bias: autograd.NewParam(name+".bias", C)}
	n.gain.Init = autograd.Init{Rule: autograd.InitConstant, Value: 1}
	n.bias.Init = autograd.Init{Rule: autograd.InitConstant}
	n.gain.NoDecay, n.bias.NoDecay = true, true
	if out > 1 {
		n.order = planar(G, out)
	}
	if kind == "batch" {
		n.stats = &autograd.BatchStats{Mean: autograd.NewParam(name+".running_mean", C), Variance: autograd.NewParam(name+".running_var", C), Momentum: 0.1, Order: n.order}
		n.stats.Mean.Frozen, n.stats.Variance.Frozen = true, true
		n.stats.Variance.Init = autograd.Init{Rule: autograd.InitConstant, Value: 1}
	}
	return n
}

func (n norm) params() []*autograd.Param {
	if n.stats != nil {
		return nn.Present(n.gain, n.bias, n.stats.Mean, n.stats.Variance)
	}
	return nn.Present(n.gain, n.bias)
}

func (n norm) forward(t *autograd.Tape, x *autograd.Node) *autograd.Node {
	if n.gain == nil {
		return x
	}
	gain, bias := n.affine(t)
	if n.stats != nil {
		return t.BatchNorm(x, gain, bias, *n.stats, normEps)
	}
	return t.LayerNorm(x, gain, bias, normEps)
}

// affine returns the gain and the bias in the order of the columns.
func (n norm) affine(t *autograd.Tape) (gain, bias *autograd.Node) {
	if n.order == nil {
		return t.Param(n.gain), t.Param(n.bias)
	}
	C := len(n.order)
	return t.Columns(t.ParamPart(n.gain, C, 1, C), n.order), t.Columns(t.ParamPart(n.bias, C, 1, C), n.order)
}

// after normalises the convolution of in G columns of x.
func (n norm) after(t *autograd.Tape, c conv, x *autograd.Node, first, G int, seq tensor.Offsets) *autograd.Node {
	gain, bias := n.affine(t)
	return t.ConvNorm(autograd.ConvNormOperands{
		X: x, First: first, G: G, W: t.Param(c.weight), B: nn.Optional(t, c.bias), Gain: gain, Bias: bias, Eps: normEps,
	}, seq)
}
