package autograd

import (
	"math"

	"github.com/orchid-seq/orchid/internal/fft"
	"github.com/orchid-seq/orchid/tensor"
)

// This file holds the plain float64 versions of the ops, written from their
// definitions: sums over every term, no transforms, no blocks.

func each(x []float64, f func(i int, v float64) float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = f(i, v)
	}
	return y
}

func make12(f func(i int) float64) []float64 {
	return each(make([]float64, 12), func(i int, _ float64) float64 { return f(i) })
}

func ones(n int) []float64 {
	return each(make([]float64, n), func(int, float64) float64 { return 1 })
}

// counting returns 0, 1, 2...
func counting(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i)
	}
	return x
}

// pair returns the complex number i of [4, 2 x 3], real parts first.
func pair(x []float64, i int) (re, im float64) { return x[i/3*6+i%3], x[i/3*6+3+i%3] }

func perSequence(C int, f func(lo, hi, c int) float64) []float64 {
	var out []float64
	for i := range seqs.Count() {
		for c := range C {
			out = append(out, f(seqs[i], seqs[i+1], c))
		}
	}
	return out
}

func perColumn(x []float64, seq tensor.Offsets, C int, f func(x []float64) []float64) []float64 {
	out := make([]float64, len(x))
	for i := range seq.Count() {
		for c := range C {
			column := make([]float64, seq.Len(i))
			for l := range column {
				column[l] = x[(seq[i]+l)*C+c]
			}
			for l, v := range f(column) {
				out[(seq[i]+l)*C+c] = v
			}
		}
	}
	return out
}

func moments(x []float64) (mean, sd float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		sd += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, math.Sqrt(sd)
}

// layerNorm normalises rows of len(gain), or of 5 without one.
func layerNorm(x, gain, bias []float64, eps float64) []float64 {
	C := len(gain)
	if gain == nil {
		C = 5
		gain, bias = ones(C), make([]float64, C)
	}
	var mean, sd float64
	return each(x, func(i int, v float64) float64 {
		if i%C == 0 {
			mean, sd = moments(x[i : i+C])
		}
		return (v-mean)/math.Sqrt(sd*sd+eps)*gain[i%C] + bias[i%C]
	})
}

// transposed returns the transpose of x [R, C]; with a gain and a bias, one for
// each row of x, it applies them.
func transposed(x []float64, R, C int, affine ...[]float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		if affine != nil {
			v = v*affine[0][i/C] + affine[1][i/C]
		}
		out[i%C*R+i/C] = v
	}
	return out
}

// batchNorm is the op with running statistics that are not neutral.
func batchNorm(t *Tape, in []*Node) *Node {
	s := BatchStats{Mean: NewParam("mean", 6), Variance: NewParam("variance", 6), Momentum: 0.1}
	for i := range s.Mean.Data {
		s.Mean.Data[i], s.Variance.Data[i] = 0.3, 1.7
	}
	return t.BatchNorm(in[0], in[1], in[2], s, 1e-5)
}

func blockLinear(x, w, b []float64, T, in, out, n int) []float64 {
	y := make([]float64, T*out)
	for i := range y {
		r, o := i/out, i%out
		block := o / (out / n)
		for k := range in / n {
			y[i] += x[r*in+block*in/n+k] * w[o*in/n+k]
		}
		if b != nil {
			y[i] += b[o]
		}
	}
	return y
}

func times(n int) []float32 {
	t := make([]float32, n)
	for i := range t {
		t[i] = float32(i) / float32(n)
	}
	return t
}

func implicitFilter(z []float64, time []float32, weights, biases [][]float64, freq []float64, scale float64, delta []float64, shift float64) []float64 {
	L := len(time)
	for i, w := range weights {
		in := len(z) / L
		out := len(w) / in
		z = blockLinear(z, w, biases[i], L, in, out, 1)
		if i < len(weights)-1 {
			z = each(z, func(j int, v float64) float64 { return math.Sin(scale * freq[j%out] * v) })
		}
	}
	C := len(delta)
	return each(z, func(i int, v float64) float64 {
		return v * (math.Exp(-float64(time[i/C])*math.Abs(delta[i%C])) + shift)
	})
}

func crossEntropy(x []float64, V int, labels []int, smoothing float64) []float64 {
	sum, n := 0.0, 0.0
	for r, label := range labels {
		if label < 0 {
			continue
		}
		n++
		z := 0.0
		for _, v := range x[r*V : (r+1)*V] {
			z += math.Exp(v)
		}
		for c, v := range x[r*V : (r+1)*V] {
			target := smoothing / float64(V)
			if c == label {
				target += 1 - smoothing
			}
			sum -= target * (v - math.Log(z))
		}
	}
	return []float64{sum / n}
}

// conv is the grouped convolution; channel i of group g stands at i G + g.
func conv(x, w, b []float64, seq tensor.Offsets, G, in, out, K int, pad Padding) []float64 {
	y := make([]float64, seq.Total()*G*out)
	for s := range seq.Count() {
		L := seq.Len(s)
		for l := range L {
			for c := range G * out {
				g, j := c/out, c%out
				sum := 0.0
				if b != nil {
					sum = b[c]
				}
				for i := range in {
					for k := range K {
						at := l + k - (K-1)/2
						if pad == Causal {
							at = l + k - (K - 1)
						}
						switch {
						case at >= 0 && at < L:
						case pad == Reflect && at < 0:
							at = -at
						case pad == Reflect:
							at = 2*L - 2 - at
						case pad == Replicate:
							at = max(0, min(at, L-1))
						case pad == Circular:
							at = (at + 8*L) % L
						default:
							continue
						}
						sum += w[(c*in+i)*K+k] * x[(seq[s]+at)*G*in+i*G+g]
					}
				}
				y[(seq[s]+l)*G*out+j*G+g] = sum
			}
		}
	}
	return y
}

// spectrumOf is the transform of one real column, filled up to n.
func spectrumOf(x []float64, f Transform, n int) []complex128 {
	w, _ := f.Weights(n)
	switch f.Kind {
	case fft.DFT:
		out := make([]complex128, n/2+1)
		for k := range out {
			for j, v := range x {
				s, c := math.Sincos(-2 * math.Pi * float64(j*k%n) / float64(n))
				out[k] += complex(v*c, v*s) * complex(float64(w.Inner), 0)
			}
		}
		return out
	case fft.DCT2: // orthonormal
		out := make([]complex128, n)
		for k := range out {
			scale := math.Sqrt(2 / float64(n))
			if k == 0 {
				scale = math.Sqrt(1 / float64(n))
			}
			for j, v := range x {
				out[k] += complex(scale*v*math.Cos(math.Pi*float64(k*(2*j+1))/float64(2*n)), 0)
			}
		}
		return out
	}
	out := make([]complex128, n) // DCT-I
	for k := range out {
		for j, v := range x {
			scale := 2.0
			if j == 0 || j == n-1 {
				scale = 1
			}
			out[k] += complex(scale*v*math.Cos(math.Pi*float64(k*j)/float64(n-1)), 0)
		}
	}
	return out
}

// timeOf is the inverse of spectrumOf, the imaginary parts of real bins ignored.
func timeOf(X []complex128, f Transform, n int) []float64 {
	x := make([]float64, n)
	for j := range x {
		for k, v := range X {
			switch f.Kind {
			case fft.DFT:
				s, c := math.Sincos(2 * math.Pi * float64(j*k%n) / float64(n))
				weight := 2.0
				if k == 0 || 2*k == n {
					weight = 1
				}
				x[j] += weight * (real(v)*c - imag(v)*s)
			case fft.DCT2:
				scale := math.Sqrt(2 / float64(n))
				if k == 0 {
					scale = math.Sqrt(1 / float64(n))
				}
				x[j] += scale * real(v) * math.Cos(math.Pi*float64(k*(2*j+1))/float64(2*n))
			case fft.DCT1:
				scale := 2.0
				if k == 0 || k == n-1 {
					scale = 1
				}
				x[j] += scale / float64(2*(n-1)) * real(v) * math.Cos(math.Pi*float64(k*j)/float64(n-1))
			}
		}
	}
	return x
}

// column reads column c of rows lo to hi of [T, D].
func column(x []float64, lo, hi, D, c int) []float64 {
	out := make([]float64, hi-lo)
	for i := range out {
		out[i] = x[(lo+i)*D+c]
	}
	return out
}

// bins reads the spectrum of channel c of rows lo to hi.
func bins(x []float64, lo, hi, D, c int, f Transform) []complex128 {
	out := make([]complex128, hi-lo)
	w := f.Width(D)
	for i := range out {
		im := 0.0
		if f.Kind == fft.DFT {
			im = x[(lo+i)*w+D+c]
		}
		out[i] = complex(x[(lo+i)*w+c], im)
	}
	return out
}

func spectrum(x []float64, seq tensor.Offsets, D int, f Transform, pad int) []float64 {
	at := f.Bins(seq, pad)
	w := f.Width(D)
	out := make([]float64, at.Total()*w)
	for i := range seq.Count() {
		for c := range D {
			for k, v := range spectrumOf(column(x, seq[i], seq[i+1], D, c), f, pad*seq.Len(i)) {
				out[(at[i]+k)*w+c] = real(v)
				if f.Kind == fft.DFT {
					out[(at[i]+k)*w+D+c] = imag(v)
				}
			}
		}
	}
	return out
}

func fromSpectrum(x []float64, seq tensor.Offsets, D int, f Transform, pad int) []float64 {
	at := f.Bins(seq, pad)
	out := make([]float64, seq.Total()*D)
	for i := range seq.Count() {
		for c := range D {
			y := timeOf(bins(x, at[i], at[i+1], D, c, f), f, pad*seq.Len(i))
			for l := range seq.Len(i) {
				out[(seq[i]+l)*D+c] = y[l]
			}
		}
	}
	return out
}

// spectralConv takes z, h, s, skip; h, s and skip may be nil.
func spectralConv(in [][]float64, seq tensor.Offsets, D int, f Transform, pad int) []float64 {
	z, h, s, skip := in[0], in[1], in[2], in[3]
	at := f.Bins(seq, pad)
	lengths, which := seq.Lengths()
	shared := f.Bins(tensor.Pack(lengths...), pad)
	out := make([]float64, len(z))
	for i := range seq.Count() {
		for c := range D {
			x := column(z, seq[i], seq[i+1], D, c)
			Z := spectrumOf(x, f, pad*len(x))
			for k := range Z {
				kernel := complex128(0)
				if h != nil {
					kernel += bins(h, at[i], at[i+1], D, c, f)[k]
				}
				if s != nil {
					kernel += bins(s, shared[which[i]], shared[which[i]+1], D, c, f)[k]
				}
				Z[k] *= kernel
			}
			for l, v := range timeOf(Z, f, pad*len(x))[:len(x)] {
				if skip != nil {
					v += skip[c] * x[l]
				}
				out[(seq[i]+l)*D+c] = v
			}
		}
	}
	return out
}

func attention(qkv []float64, seq tensor.Offsets, D, heads int) []float64 {
	out := make([]float64, seq.Total()*D)
	d := D / heads
	for s := range seq.Count() {
		for h := range heads {
			for i := seq[s]; i < seq[s+1]; i++ {
				p, sum := make([]float64, seq.Len(s)), 0.0
				for j := range p {
					dot := 0.0
					for c := range d {
						dot += qkv[i*3*D+h*d+c] * qkv[(seq[s]+j)*3*D+D+h*d+c]
					}
					p[j] = math.Exp(dot / math.Sqrt(float64(d)))
					sum += p[j]
				}
				for j := range p {
					for c := range d {
						out[i*D+h*d+c] += p[j] / sum * qkv[(seq[s]+j)*3*D+2*D+h*d+c]
					}
				}
			}
		}
	}
	return out
}
