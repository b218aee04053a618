package mixer

import (
	"fmt"
	"math"
	"math/cmplx"
	"strconv"
	"strings"

	"github.com/orchid-seq/orchid/autograd"
)

// This file is the operator once more, in float64 and from its definition
// (paper, section 3, and the authors' release): sums over every term, no fast
// transform, convolutions in time, channels in the release's own order.
// Sections are those of the specification, shared/spec/operator.md.

// rows is a sequence or a real spectrum: rows of channels.
type rows [][]float64

func newRows(L, C int) rows {
	x := make(rows, L)
	for l := range x {
		x[l] = make([]float64, C)
	}
	return x
}

// columns returns the columns [first, first+n).
func (x rows) columns(first, n int) rows {
	y := make(rows, len(x))
	for l := range x {
		y[l] = x[l][first : first+n]
	}
	return y
}

// every returns n columns, from the column first on each step-th.
func (x rows) every(first, step, n int) rows {
	y := newRows(len(x), n)
	for l := range x {
		for c := range n {
			y[l][c] = x[l][first+c*step]
		}
	}
	return y
}

// zip combines two sequences element by element.
func zip(a, b rows, f func(a, b float64) float64) rows {
	y := newRows(len(a), len(a[0]))
	for l := range y {
		for c := range y[l] {
			y[l][c] = f(a[l][c], b[l][c])
		}
	}
	return y
}

func times(a, b float64) float64 { return a * b }
func plus(a, b float64) float64  { return a + b }

// each maps every sequence.
func each(xs []rows, f func(x rows) rows) []rows {
	ys := make([]rows, len(xs))
	for i, x := range xs {
		ys[i] = f(x)
	}
	return ys
}

// bins is a spectrum; that of a cosine transform is real.
type bins [][]complex128

// A reference holds the parameters of a mixer by name.
type reference struct {
	c            Config
	D, maxLength int
	training     bool
	p            map[string][]float64
}

func newReference(c Config, D, maxLength int, params []*autograd.Param) *reference {
	r := &reference{c: c, D: D, maxLength: maxLength, p: map[string][]float64{}}
	for _, p := range params {
		r.p[p.Name] = widen(p.Data)
	}
	return r
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func (r *reference) forward(xs []rows) []rows {
	switch r.c.Mixer {
	case "attention":
		return each(xs, r.attention)
	case "hyena":
		return each(xs, r.hyena)
	case "m2":
		return each(xs, r.m2)
	}
	return r.orchid(xs, xs)
}

// orchid is the formula of section 1; kernels are conditioned on contexts.
func (r *reference) orchid(xs, contexts []rows) []rows {
	D, steps, value := r.D, r.c.Order-1, r.c.Order*r.D
	if !r.c.Gates {
		value = 0
	}
	adaptive := r.condition(each(contexts, func(u rows) rows {
		return r.linear("in_linear", u).columns(value, D)
	}))
	ys := make([]rows, len(xs))
	for i, u := range xs {
		p := r.short(r.linear("in_linear", u))
		y := p.columns(value, D)
		for o := range steps {
			z := y
			if r.c.Gates {
				z = zip(y, p.columns((steps-o)*D, D), times)
			}
			k := resize(adaptive[i][o], len(u))
			if r.c.StaticKernel {
				k = zip(k, r.filter("fixed_conv", len(u)).every(o, steps, D), plus)
			}
			y = skip(r.globalConv(z, k), z, r.p["fixed_conv.bias"], o, steps)
		}
		if r.c.Gates {
			y = zip(y, p.columns(0, D), times)
		}
		if r.c.Residual {
			c := r.globalConv(u, r.filter("fixed_conv_res", len(u)))
			if r.c.ResidualSkip {
				c = skip(c, u, r.p["fixed_conv_res.bias"], 0, 1)
			}
			y = zip(y, c, plus)
		}
		ys[i] = r.linear("out_linear", y)
	}
	return ys
}

func (r *reference) hyena(u rows) rows {
	D := r.D
	p := r.short(r.linear("in_linear", u))
	z, k := zip(p.columns(2*D, D), p.columns(D, D), times), r.filter("fixed_conv", len(u))
	y := newRows(len(u), D)
	for l := range y {
		for s := range l + 1 {
			for c := range D {
				y[l][c] += k[l-s][c] * z[s][c]
			}
		}
	}
	return r.linear("out_linear", zip(skip(y, z, r.p["fixed_conv.bias"], 0, 1), p.columns(0, D), times))
}

// m2 sums over the whole sequence, with taps for both directions.
func (r *reference) m2(u rows) rows {
	D := r.D
	conv := func(x rows, name string) rows {
		k, before, y := r.filter(name, len(u)), r.network(name, "implicit_filter_rev", len(u)), newRows(len(u), D)
		for l := range y {
			for s := range u {
				for c := range D {
					if s <= l {
						y[l][c] += k[l-s][c] * x[s][c]
					} else {
						y[l][c] += before[s-l-1][c] * x[s][c]
					}
				}
			}
		}
		return skip(y, x, r.p[name+".bias"], 0, 1)
	}
	p := r.short(r.linear("in_linear", u))
	y := zip(conv(zip(p.columns(2*D, D), p.columns(D, D), times), "fixed_conv"), p.columns(0, D), times)
	return r.linear("out_linear", zip(y, conv(u, "fixed_conv_res"), plus))
}

func (r *reference) attention(u rows) rows {
	D, n := r.D, r.D/r.c.Heads
	p, y := r.linear("in_linear", u), newRows(len(u), r.D)
	for h := range r.c.Heads {
		q, k, v := p.columns(h*n, n), p.columns(D+h*n, n), p.columns(2*D+h*n, n)
		for l := range u {
			weight, sum := make([]float64, len(u)), 0.0
			for s := range u {
				for c := range n {
					weight[s] += q[l][c] * k[s][c] / math.Sqrt(float64(n))
				}
				weight[s] = math.Exp(weight[s])
				sum += weight[s]
			}
			for s := range u {
				for c := range n {
					y[l][h*n+c] += weight[s] / sum * v[s][c]
				}
			}
		}
	}
	return r.linear("out_linear", y)
}

// linear is x W^T + b; a layer without a bias has none.
func (r *reference) linear(name string, x rows) rows {
	w, b, in := r.p[name+".weight"], r.p[name+".bias"], len(x[0])
	y := newRows(len(x), len(w)/in)
	for l := range y {
		for o := range y[l] {
			if b != nil {
				y[l][o] = b[o]
			}
			for i, v := range x[l] {
				y[l][o] += w[o*in+i] * v
			}
		}
	}
	return y
}

// short is the causal depthwise convolution.
func (r *reference) short(x rows) rows {
	w, b, K := r.p["conv1d_short.weight"], r.p["conv1d_short.bias"], r.c.ShortTaps
	y := newRows(len(x), len(x[0]))
	for l := range y {
		for c := range y[l] {
			y[l][c] = b[c]
			for k := range K {
				if s := l + k - (K - 1); s >= 0 {
					y[l][c] += w[c*K+k] * x[s][c]
				}
			}
		}
	}
	return y
}

// skip adds gain z to y; the gains of one step stand steps apart.
func skip(y, z rows, gain []float64, o, steps int) rows {
	for l := range y {
		for c := range y[l] {
			y[l][c] += gain[c*steps+o] * z[l][c]
		}
	}
	return y
}

// resize cuts a kernel to L taps or fills it up with zeros.
func resize(k rows, L int) rows {
	y := newRows(L, len(k[0]))
	for l := range min(L, len(k)) {
		copy(y[l], k[l])
	}
	return y
}

// globalConv is the circular convolution by the taps k, as the DFT's scaling
// leaves it, or the product of cosine spectra.
func (r *reference) globalConv(z, k rows) rows {
	L := len(z)
	if !r.c.complex() {
		Z, K := r.analyse(z, L), r.analyse(k, L)
		for b := range Z {
			for c := range Z[b] {
				Z[b][c] *= K[b][c]
			}
		}
		return r.synthesise(Z, L)
	}
	scale := 1 / float64(L)
	if r.c.Transform == "dft-ortho" {
		scale = 1 / math.Sqrt(float64(L))
	}
	y := newRows(L, len(z[0]))
	for l := range L {
		for s := range L {
			for c, v := range z[s] {
				y[l][c] += scale * k[(l-s+L)%L][c] * v
			}
		}
	}
	return y
}

// analyse is the transform to the spectrum of x, filled up with zeros to n.
func (r *reference) analyse(x rows, n int) bins {
	count := n
	if r.c.complex() {
		count = n/2 + 1
	}
	root := r.roots(n)
	y := make(bins, count)
	for k := range y {
		y[k] = make([]complex128, len(x[0]))
		for j := range x {
			w, double := root(k, j), 1.0
			switch r.c.Transform {
			case "dft":
				w /= complex(float64(n), 0)
			case "dft-ortho":
				w /= complex(math.Sqrt(float64(n)), 0)
			case "dct-ortho":
				double = orthonormal(k, n)
			case "dct":
				double = 2
			case "dct1":
				if j > 0 && j < n-1 {
					double = 2
				}
			}
			for c, v := range x[j] {
				y[k][c] += w * complex(double*v, 0)
			}
		}
	}
	return y
}

// synthesise is the inverse of analyse for n rows. The imaginary parts of the
// DFT's bins 0 and n/2 have no effect.
func (r *reference) synthesise(x bins, n int) rows {
	y, root := newRows(n, len(x[0])), r.roots(n)
	for j := range y {
		for k := range x {
			w, N := root(k, j), float64(n)
			scale := 0.0
			switch r.c.Transform {
			case "dft", "dft-ortho":
				if scale = 2; k == 0 || 2*k == n { // stands for no second bin
					scale = 1
				}
				if r.c.Transform == "dft-ortho" {
					scale /= math.Sqrt(N)
				}
			case "dct-ortho":
				scale = orthonormal(k, n)
			case "dct":
				if scale = 1 / N; k == 0 {
					scale /= 2
				}
			case "dct1":
				if scale = 1 / (N - 1); k == 0 || k == n-1 {
					scale /= 2
				}
			}
			for c, v := range x[k] {
				y[j][c] += scale * real(v*cmplx.Conj(w))
			}
		}
	}
	return y
}

func orthonormal(k, n int) float64 {
	if k == 0 {
		return math.Sqrt(1 / float64(n))
	}
	return math.Sqrt(2 / float64(n))
}

// roots returns what bin k has at row j: exp(-2 pi i jk/n) or a cosine.
func (r *reference) roots(n int) func(k, j int) complex128 {
	table := func(period int) []complex128 {
		t := make([]complex128, period)
		for i := range t {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(period))
			if t[i] = complex(cos, -sin); !r.c.complex() {
				t[i] = complex(cos, 0)
			}
		}
		return t
	}
	switch r.c.Transform {
	case "dct1":
		t := table(2 * (n - 1))
		return func(k, j int) complex128 { return t[k*j%len(t)] }
	case "dct-ortho", "dct":
		t := table(4 * n)
		return func(k, j int) complex128 { return t[k*(2*j+1)%len(t)] }
	}
	t := table(n)
	return func(k, j int) complex128 { return t[k*j%n] }
}

// filter is the implicit filter of section 3, its first L taps; beyond the
// length it was made for it is zero.
func (r *reference) filter(name string, L int) rows { return r.network(name, "implicit_filter", L) }

// network is the filter that one network of it makes.
func (r *reference) network(name, network string, L int) rows {
	c, E := r.c.Filter, r.c.Filter.Features
	var z rows
	var time []float64
	if c.Positions == "relative" {
		z, time = features(L, E)
	} else {
		time = r.p[name+".pos_emb.t"]
		z = newRows(min(L, r.maxLength), E)
		for l := range z {
			copy(z[l], r.p[name+".pos_emb.z"][l*E:])
		}
	}
	h := r.linear(name+"."+network+".0", z)
	if !c.Linear {
		freq := r.p[name+".implicit_filter.1.freq"]
		for i := range c.Inner + 1 {
			for l := range h {
				for w := range h[l] {
					h[l][w] = math.Sin(c.FrequencyScale * freq[w] * h[l][w])
				}
			}
			h = r.linear(fmt.Sprint(name, ".", network, ".", 2*i+2), h)
		}
	}
	for l := range h {
		sum := 0.0
		for i := range h[l] {
			if c.Modulate {
				h[l][i] *= math.Exp(-time[l]*math.Abs(r.p[name+".modulation.deltas"][i])) + c.Shift
			}
			sum += math.Abs(h[l][i])
		}
		if c.Normalize {
			for i := range h[l] {
				h[l][i] /= sum
			}
		}
	}
	return resize(h, L)
}

// features are the positions [t, cos(f w), -sin(f w)] of section 3.
func features(L, E int) (z rows, time []float64) {
	z, time = newRows(L, E), make([]float64, L)
	K := (E - 1) / 2
	for n := range L {
		if L > 1 {
			time[n] = float64(n) / float64(L-1)
		}
		z[n][0] = time[n]
		for i := range K {
			f := 1e-4
			if i > 0 {
				f += (float64(K-1) - 1e-4) * float64(i) / float64(K-1)
			}
			z[n][1+i] = math.Cos(f * 2 * math.Pi * float64(n) / float64(L))
			z[n][1+K+i] = -math.Sin(f * 2 * math.Pi * float64(n) / float64(L))
		}
	}
	return z, time
}

// condition is the conditioning network of section 5: for each sequence and
// step, the taps of the kernel that it asks for.
func (r *reference) condition(vs []rows) [][]rows {
	D, steps := r.D, r.c.Order-1
	size := func(L int) int {
		if r.c.DoubleKernel && r.c.complex() {
			return 2 * L
		}
		return L
	}
	spectra := func(xs []rows) []bins {
		ys := make([]bins, len(xs))
		for i, x := range xs {
			ys[i] = r.analyse(x, size(len(x)))
		}
		return ys
	}
	var H []bins
	frequency := "conv_kernel_nn.nn_model2"
	switch r.c.Conditioner {
	case "correlation":
		frequency = "conv_kernel_nn.nn_model_frq"
		q := r.stage("conv_kernel_nn.nn_model_q", vs, 1, 1)
		if r.c.Nonlinearity == "softmax" {
			q = each(q, softmax)
		}
		Q := spectra(q)
		H = spectra(r.stage("conv_kernel_nn.nn_model_k", vs, 1, 1))
		for i := range H {
			for b := range H[i] {
				for c := range H[i][b] {
					H[i][b][c] = cmplx.Conj(H[i][b][c]) * r.nonlinear(Q[i][b][c])
				}
			}
		}
	default:
		if r.c.Stages == "frequency" {
			frequency = "conv_kernel_nn.nn_model"
		} else {
			vs = r.stage("conv_kernel_nn.nn_model", vs, 1, 1)
		}
		H = spectra(vs)
		if r.c.Conditioner == "magnitude" {
			for i := range H {
				for b := range H[i] {
					for c, v := range H[i][b] {
						m := cmplx.Abs(v)
						if r.c.squared() {
							m *= m
						}
						H[i][b][c] = complex(m, 0)
					}
				}
			}
		}
	}
	if r.c.Stages != "time" {
		H = r.frequencyStage(frequency, H)
	}
	kernels := make([][]rows, len(vs))
	for i, v := range vs {
		k := r.synthesise(H[i], size(len(v)))[:len(v)]
		for o := range steps {
			kernels[i] = append(kernels[i], k.every(o, steps, D))
		}
	}
	return kernels
}

// frequencyStage runs the network along the bins. With the DFT, channels go in
// as magnitudes or as all real parts, then all imaginary parts; they come out
// interleaved, or in halves for Type II.
func (r *reference) frequencyStage(name string, H []bins) []bins {
	in := make([]rows, len(H))
	parts := r.c.complex() && r.c.Conditioner != "magnitude"
	for i, h := range H {
		for _, bin := range h {
			var re, im []float64
			for _, v := range bin {
				re, im = append(re, real(v)), append(im, imag(v))
			}
			if parts {
				re = append(re, im...)
			}
			in[i] = append(in[i], re)
		}
	}
	out := make([]bins, len(H))
	groups, b := r.D*(r.c.Order-1), 1
	if r.c.complex() {
		b = 2
	}
	for i, y := range r.stage(name, in, len(in[0][0])/groups, b) {
		for _, bin := range y {
			n := len(bin) / b
			h := make([]complex128, n)
			for c := range h {
				switch {
				case b == 1:
					h[c] = complex(bin[c], 0)
				case r.c.Conditioner == "correlation":
					h[c] = complex(bin[c], bin[n+c])
				default:
					h[c] = complex(bin[2*c], bin[2*c+1])
				}
			}
			out[i] = append(out[i], h)
		}
	}
	return out
}

// nonlinear is Type II's function of one factor.
func (r *reference) nonlinear(q complex128) complex128 {
	switch a := r.c.Nonlinearity; {
	case a == "softmax" || a == "id":
		return q
	case r.c.NonlinearityForm == "magnitude":
		m := cmplx.Abs(q)
		return complex(activate(a, m)/max(m, 1e-6), 0) * q
	case r.c.complex():
		return complex(activate(a, real(q)), activate(a, imag(q)))
	default:
		return complex(activate(a, real(q)), 0)
	}
}

// stage runs layers of a grouped convolution, an activation (not after the
// last) and a norm; output channel g b + j reads input channels g a to
// g a + a - 1.
func (r *reference) stage(name string, xs []rows, a, b int) []rows {
	for i := range r.c.ConditionerLayers {
		layer := fmt.Sprint(name, ".conv1d_ls.", i)
		w, bias := r.p[layer+".weight"], r.p[layer+".bias"]
		xs = each(xs, func(x rows) rows { return r.grouped(x, w, bias, a, b) })
		if i < r.c.ConditionerLayers-1 {
			xs = each(xs, func(x rows) rows { return r.activate(name, x) })
		}
		xs = r.norm(fmt.Sprint(name, ".norm_ls.", i, ".norm_conv_kernel"), xs)
		a = b
	}
	return xs
}

func (r *reference) grouped(x rows, w, bias []float64, a, b int) rows {
	K, L := r.c.ConditionerTaps, len(x)
	y := newRows(L, len(x[0])/a*b)
	for l := range y {
		for o := range y[l] {
			if bias != nil {
				y[l][o] = bias[o]
			}
			for k := range K {
				s := l + k - (K-1)/2
				if s < 0 || s >= L {
					switch r.c.ConditionerPadding {
					case autograd.Zeros:
						continue
					case autograd.Circular:
						s = (s%L + L) % L
					case autograd.Replicate:
						s = min(max(s, 0), L-1)
					case autograd.Reflect:
						if s = max(s, -s); s >= L {
							s = 2*(L-1) - s
						}
					}
				}
				for i := range a {
					y[l][o] += w[(o*a+i)*K+k] * x[s][o/b*a+i]
				}
			}
		}
	}
	return y
}

func (r *reference) activate(name string, x rows) rows {
	switch r.c.ConditionerActivation {
	case "softmax":
		return softmax(x)
	case "ln":
		scale, shift := r.p[name+".activation.s"][0], r.p[name+".activation.m"][0]
		y := newRows(len(x), len(x[0]))
		for c := range x[0] {
			mean, variance := moments(x, c)
			for l := range x {
				y[l][c] = scale * (x[l][c] - mean + shift) / math.Sqrt(variance)
			}
		}
		return y
	}
	return zip(x, x, func(v, _ float64) float64 { return activate(r.c.ConditionerActivation, v) })
}

func (r *reference) norm(name string, xs []rows) []rows {
	gain, bias := r.p[name+".weight"], r.p[name+".bias"]
	switch r.c.ConditionerNorm {
	case "layer":
		return each(xs, func(x rows) rows {
			y := newRows(len(x), len(x[0]))
			for l := range x {
				mean, variance := moments(rows{x[l]}.transposed(), 0)
				for c, v := range x[l] {
					y[l][c] = (v-mean)/math.Sqrt(variance+1e-5)*gain[c] + bias[c]
				}
			}
			return y
		})
	case "batch":
		var all rows
		for _, x := range xs {
			all = append(all, x...)
		}
		return each(xs, func(x rows) rows {
			y := newRows(len(x), len(x[0]))
			for c := range x[0] {
				mean, variance := r.p[name+".running_mean"][c], r.p[name+".running_var"][c]
				if r.training {
					mean, variance = moments(all, c)
				}
				for l := range x {
					y[l][c] = (x[l][c]-mean)/math.Sqrt(variance+1e-5)*gain[c] + bias[c]
				}
			}
			return y
		})
	}
	return xs
}

func (x rows) transposed() rows {
	y := newRows(len(x[0]), len(x))
	for l := range x {
		for c := range x[l] {
			y[c][l] = x[l][c]
		}
	}
	return y
}

// moments returns mean and (biased) variance of a column.
func moments(x rows, c int) (mean, variance float64) {
	for l := range x {
		mean += x[l][c] / float64(len(x))
	}
	for l := range x {
		variance += (x[l][c] - mean) * (x[l][c] - mean) / float64(len(x))
	}
	return mean, variance
}

// softmax over time, channel by channel.
func softmax(x rows) rows {
	y := newRows(len(x), len(x[0]))
	for c := range x[0] {
		sum := 0.0
		for l := range x {
			sum += math.Exp(x[l][c])
		}
		for l := range x {
			y[l][c] = math.Exp(x[l][c]) / sum
		}
	}
	return y
}

func activate(name string, x float64) float64 {
	name, text, _ := strings.Cut(name, "+")
	shift, _ := strconv.ParseFloat(text, 64)
	switch name {
	case "id":
		return x
	case "tanh":
		return math.Tanh(x)
	case "relu":
		return max(x, 0)
	case "gelu":
		return x / 2 * (1 + math.Erf(x/math.Sqrt2))
	case "silu":
		return x / (1 + math.Exp(-x))
	case "sigmoid":
		return 1 / (1 + math.Exp(shift-x))
	case "log":
		return math.Copysign(math.Log1p(math.Abs(x)), x)
	case "softplus":
		return math.Log1p(math.Exp(x))
	case "softshrink":
		return x - min(max(x, -shift), shift)
	case "rational":
		return x / (x + 1)
	}
	panic("no activation " + name)
}
