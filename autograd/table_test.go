package autograd

import (
	"math"

	"github.com/orchid-seq/orchid/internal/fft"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/tensor"
)

// The sequences of the table: a length of one, a prime, an even length, and
// two equal ones.
var (
	seqs   = tensor.Pack(1, 7, 4, 7)
	longer = tensor.Pack(5, 7, 5)
	rows   = seqs.Total()
)

var (
	dft = Transform{fft.DFT, func(n int) (f, b fft.Weights) {
		return fft.Weights{Ends: 1 / float32(n), Inner: 1 / float32(n)}, fft.Weights{Ends: 1, Inner: 2}
	}}
	dct = Transform{fft.DCT2, func(n int) (f, b fft.Weights) {
		w := fft.Weights{Ends: float32(math.Sqrt(1 / float64(n))), Inner: float32(math.Sqrt(2 / float64(n)))}
		return w, w
	}}
	dct1 = Transform{fft.DCT1, func(n int) (f, b fft.Weights) {
		s := 1 / float32(2*(n-1))
		return fft.Weights{Ends: 1, Inner: 2}, fft.Weights{Ends: s, Inner: 2 * s}
	}}
)

var ops = []row{
	{
		name: "add", in: [][]int{{3, 5}, {3, 5}}, f: func(t *Tape, in []*Node) *Node { return t.Add(in[0], in[1]) },
		naive: func(in [][]float64) []float64 {
			return each(in[0], func(i int, v float64) float64 { return v + in[1][i] })
		},
	},
	{
		name: "mul", in: [][]int{{3, 5}, {3, 5}}, f: func(t *Tape, in []*Node) *Node { return t.Mul(in[0], in[1]) },
		naive: func(in [][]float64) []float64 {
			return each(in[0], func(i int, v float64) float64 { return v * in[1][i] })
		},
	},
	{
		name: "gate", in: [][]int{{4, 3}, {4, 9}}, f: func(t *Tape, in []*Node) *Node { return t.Gate(in[0], in[1], 1) },
		naive: func(in [][]float64) []float64 {
			return each(in[0], func(i int, v float64) float64 { return v * in[1][i/3*9+3+i%3] })
		},
	},
	{
		name: "glu", in: [][]int{{4, 38}}, f: func(t *Tape, in []*Node) *Node { return t.GLU(in[0], GELU) },
		naive: func(in [][]float64) []float64 {
			out := make([]float64, 4*19)
			for i := range out {
				v := in[0][i/19*38+i%19]
				out[i] = v / 2 * (1 + math.Erf(v/math.Sqrt2)) * in[0][i/19*38+19+i%19]
			}
			return out
		},
	},
	{
		name: "two-sided", in: [][]int{{rows, 3}, {rows, 3}}, f: func(t *Tape, in []*Node) *Node { return t.TwoSided(in[0], in[1], seqs) },
		naive: func(in [][]float64) (out []float64) {
			for s := range seqs.Count() {
				lo, hi := seqs.Span(s)
				out = append(out, in[0][3*lo:3*hi]...)
				for i := hi - 1; i >= lo; i-- {
					out = append(out, in[1][3*i:3*i+3]...)
				}
			}
			return out
		},
	},
	{
		name: "dropout", in: [][]int{{5, 7}}, train: true, f: func(t *Tape, in []*Node) *Node { return t.Dropout(in[0], 0.25) },
		naive: func(in [][]float64) []float64 {
			s := random.New(0, "dropout", 0, 2) // of the second node of the tape
			return each(in[0], func(i int, v float64) float64 {
				word, _ := s.Block(uint64(i / 8))
				if i%8 >= 4 {
					_, word = s.Block(uint64(i / 8))
				}
				if word>>(16*(i%4))&0xffff < 1<<14 {
					return 0
				}
				return v / 0.75
			})
		},
	},
	{
		name: "slice", in: [][]int{{4, 9}}, f: func(t *Tape, in []*Node) *Node { return t.Slice(in[0], 6, 3) },
		naive: func(in [][]float64) []float64 {
			return make12(func(i int) float64 { return in[0][i/3*9+6+i%3] })
		},
	},
	{
		name: "columns", in: [][]int{{4, 9}}, f: func(t *Tape, in []*Node) *Node { return t.Columns(in[0], []int{8, 2, 8}) },
		naive: func(in [][]float64) []float64 {
			return make12(func(i int) float64 { return in[0][i/3*9+[]int{8, 2, 8}[i%3]] })
		},
	},
	{
		name: "planar", in: [][]int{{4, 6}}, f: func(t *Tape, in []*Node) *Node { return t.Planar(in[0]) },
		naive: func(in [][]float64) []float64 {
			return each(in[0], func(i int, _ float64) float64 { return in[0][i/6*6+i%6%3*2+i%6/3] })
		},
	},
	{
		name: "planar, twice", in: [][]int{{4, 38}}, f: func(t *Tape, in []*Node) *Node { return t.Mul(in[0], t.Planar(in[0])) },
		naive: func(in [][]float64) []float64 {
			return each(in[0], func(i int, v float64) float64 { return v * in[0][i/38*38+i%38%19*2+i%38/19] })
		},
	},
	{
		name: "interleaved", in: [][]int{{4, 6}}, f: func(t *Tape, in []*Node) *Node { return t.Interleaved(in[0]) },
		naive: func(in [][]float64) []float64 {
			return each(in[0], func(i int, _ float64) float64 { return in[0][i/6*6+i%6%2*3+i%6/2] })
		},
	},
	{
		name: "interleaved, twice", in: [][]int{{4, 38}}, f: func(t *Tape, in []*Node) *Node { return t.Mul(in[0], t.Interleaved(in[0])) },
		naive: func(in [][]float64) []float64 {
			return each(in[0], func(i int, v float64) float64 { return v * in[0][i/38*38+i%38%2*19+i%38/2] })
		},
	},
	{
		name: "complex", in: [][]int{{4, 3}}, f: func(t *Tape, in []*Node) *Node { return t.Complex(in[0]) },
		naive: func(in [][]float64) []float64 {
			out := make([]float64, 24)
			for i, v := range in[0] {
				out[i/3*6+i%3] = v
			}
			return out
		},
	},
	{
		name: "scale-rows", in: [][]int{{4, 3}}, f: func(t *Tape, in []*Node) *Node { return t.ScaleRows(in[0], []float32{0, 1, 2, -3}) },
		naive: func(in [][]float64) []float64 {
			return each(in[0], func(i int, v float64) float64 { return v * []float64{0, 1, 2, -3}[i/3] })
		},
	},
	{
		name: "linear", in: [][]int{{5, 6}, {7, 6}, {7}}, f: func(t *Tape, in []*Node) *Node { return t.Linear(in[0], in[1], in[2]) },
		naive: func(in [][]float64) []float64 { return blockLinear(in[0], in[1], in[2], 5, 6, 7, 1) },
	},
	{
		name: "linear without bias, 2 blocks", in: [][]int{{5, 6}, {2, 4, 3}}, f: func(t *Tape, in []*Node) *Node { return t.BlockLinear(in[0], in[1], nil, 2) },
		naive: func(in [][]float64) []float64 { return blockLinear(in[0], in[1], nil, 5, 6, 8, 2) },
	},
	{
		name: "layer-norm", in: [][]int{{5, 6}, {6}, {6}}, f: func(t *Tape, in []*Node) *Node { return t.LayerNorm(in[0], in[1], in[2], 1e-5) },
		naive: func(in [][]float64) []float64 { return layerNorm(in[0], in[1], in[2], 1e-5) },
	},
	{
		name: "batch-norm in training", in: [][]int{{5, 6}, {6}, {6}}, train: true, f: batchNorm,
		naive: func(in [][]float64) []float64 {
			return transposed(layerNorm(transposed(in[0], 5, 6), nil, nil, 1e-5), 6, 5, in[1], in[2])
		},
	},
	{
		name: "batch-norm", in: [][]int{{5, 6}, {6}, {6}}, f: batchNorm,
		naive: func(in [][]float64) []float64 {
			return each(in[0], func(i int, v float64) float64 {
				return (v-0.3)/math.Sqrt(1.7+1e-5)*in[1][i%6] + in[2][i%6]
			})
		},
	},
	{
		name: "implicit-filter", in: [][]int{{300, 3}, {4}, {5}, {4, 3}, {4}, {4, 4}, {4}, {5, 4}}, tol: 3e-5, // three layers in a row
		f: func(t *Tape, in []*Node) *Node {
			return t.ImplicitFilter(in[0], times(300), FilterNetwork{
				Weights: []*Node{in[3], in[5], in[7]}, Biases: []*Node{in[4], in[6], nil}, Freq: in[1], Scale: 0.5, Delta: in[2], Shift: 0.125,
			})
		},
		naive: func(in [][]float64) []float64 {
			return implicitFilter(in[0], times(300), [][]float64{in[3], in[5], in[7]}, [][]float64{in[4], in[6], nil}, in[1], 0.5, in[2], 0.125)
		},
	},
	{
		name: "implicit-filter, linear", in: [][]int{{7, 3}, {5, 3}},
		f: func(t *Tape, in []*Node) *Node {
			return t.ImplicitFilter(in[0], times(7), FilterNetwork{Weights: []*Node{in[1]}, Biases: []*Node{nil}})
		},
		naive: func(in [][]float64) []float64 { return blockLinear(in[0], in[1], nil, 7, 3, 5, 1) },
	},
	{
		name: "normalize-l1", in: [][]int{{4, 3}}, f: func(t *Tape, in []*Node) *Node { return t.NormalizeL1(in[0]) },
		naive: func(in [][]float64) []float64 {
			return each(in[0], func(i int, v float64) float64 {
				r := in[0][i/3*3 : i/3*3+3]
				return v / (math.Abs(r[0]) + math.Abs(r[1]) + math.Abs(r[2]))
			})
		},
	},
	{
		name: "prefixes", in: [][]int{{4, 3}}, f: func(t *Tape, in []*Node) *Node { return t.Prefixes(in[0], []int{2, 4, 5}) },
		naive: func(in [][]float64) []float64 {
			out := append([]float64{}, in[0][:6]...)
			return append(append(append(out, in[0]...), in[0]...), 0, 0, 0)
		},
	},
	{name: "resize", in: [][]int{{rows, 3}}, f: func(t *Tape, in []*Node) *Node {
		return t.Resize(in[0], seqs, tensor.Pack(2, 5, 4, 7))
	}, naive: func(in [][]float64) []float64 {
		out := append([]float64{}, in[0][:3]...)
		return append(append(append(out, 0, 0, 0), in[0][3:18]...), in[0][24:]...)
	}},
	{
		name: "pool-mean", in: [][]int{{rows, 3}}, f: func(t *Tape, in []*Node) *Node { return t.Pool(in[0], seqs, MeanPool) },
		naive: func(in [][]float64) []float64 {
			return perSequence(3, func(lo, hi, c int) float64 {
				sum := 0.0
				for r := lo; r < hi; r++ {
					sum += in[0][r*3+c]
				}
				return sum / float64(hi-lo)
			})
		},
	},
	{
		name: "pool-max", in: [][]int{{rows, 3}}, f: func(t *Tape, in []*Node) *Node { return t.Pool(in[0], seqs, MaxPool) },
		naive: func(in [][]float64) []float64 {
			return perSequence(3, func(lo, hi, c int) float64 {
				most := math.Inf(-1)
				for r := lo; r < hi; r++ {
					most = max(most, in[0][r*3+c])
				}
				return most
			})
		},
	},
	{
		name: "pool last", in: [][]int{{rows, 3}}, f: func(t *Tape, in []*Node) *Node { return t.Pool(in[0], seqs, LastPool) },
		naive: func(in [][]float64) []float64 {
			return perSequence(3, func(lo, hi, c int) float64 { return in[0][(hi-1)*3+c] })
		},
	},
	{
		name: "pool first", in: [][]int{{rows, 3}}, f: func(t *Tape, in []*Node) *Node { return t.Pool(in[0], seqs, FirstPool) },
		naive: func(in [][]float64) []float64 {
			return perSequence(3, func(lo, hi, c int) float64 { return in[0][lo*3+c] })
		},
	},
	{
		name: "rows", in: [][]int{{5, 3}}, f: func(t *Tape, in []*Node) *Node { return t.Rows(in[0], []int{4, 0, 4, 1}) },
		naive: func(in [][]float64) []float64 {
			return make12(func(i int) float64 { return in[0][[]int{4, 0, 4, 1}[i/3]*3+i%3] })
		},
	},
	{
		name: "embedding", in: [][]int{{5, 3}}, f: func(t *Tape, in []*Node) *Node { return t.Embedding(in[0], []int{4, 0, 4, 1}) },
		naive: func(in [][]float64) []float64 {
			return make12(func(i int) float64 { return in[0][[]int{4, 0, 4, 1}[i/3]*3+i%3] })
		},
	},
	{name: "patches", in: [][]int{{4, 8}}, f: func(t *Tape, in []*Node) *Node { // times a variable, since it has no gradient itself
		return t.Mul(t.Patches(counting(32), 1, 4, 4, 2, 2), in[0])
	}, naive: func(in [][]float64) []float64 {
		return each(in[0], func(i int, v float64) float64 {
			patch, r, c, channel := i/8, i/4%2, i/2%2, i%2
			return v * float64(((patch/2*2+r)*4+patch%2*2+c)*2+channel)
		})
	}},
	{
		name: "cross-entropy", in: [][]int{{4, 5}}, f: func(t *Tape, in []*Node) *Node { return t.CrossEntropy(in[0], []int{3, -1, 0, 3}, 0) },
		naive: func(in [][]float64) []float64 { return crossEntropy(in[0], 5, []int{3, -1, 0, 3}, 0) },
	},
	{
		name: "cross-entropy, smoothed", in: [][]int{{4, 5}}, f: func(t *Tape, in []*Node) *Node { return t.CrossEntropy(in[0], []int{3, 2, 0, 3}, 0.1) },
		naive: func(in [][]float64) []float64 { return crossEntropy(in[0], 5, []int{3, 2, 0, 3}, 0.1) },
	},
	{
		name: "mixed-cross-entropy, smoothed", in: [][]int{{4, 5}}, f: func(t *Tape, in []*Node) *Node {
			return t.MixedCrossEntropy(in[0], []int{3, 2, 0, 3}, []int{1, 4, 0, 0}, 0.7, 0.1)
		},
		naive: func(in [][]float64) []float64 {
			a, b := crossEntropy(in[0], 5, []int{3, 2, 0, 3}, 0.1), crossEntropy(in[0], 5, []int{1, 4, 0, 0}, 0.1)
			return []float64{0.7*a[0] + 0.3*b[0]}
		},
	},
	{
		name: "squared-error", in: [][]int{{3, 2}}, f: func(t *Tape, in []*Node) *Node { return t.SquaredError(in[0], []float32{1, -2, 0.5, 0, 3, 1}) },
		naive: func(in [][]float64) []float64 {
			sum := 0.0
			for i, y := range []float64{1, -2, 0.5, 0, 3, 1} {
				sum += (in[0][i] - y) * (in[0][i] - y) / 6
			}
			return []float64{sum}
		},
	},
	{
		name: "binary-cross-entropy", in: [][]int{{3, 2}}, f: func(t *Tape, in []*Node) *Node { return t.BinaryCrossEntropy(in[0], []float32{1, 0, 0.5, 0, 1, 1}) },
		naive: func(in [][]float64) []float64 {
			sum := 0.0
			for i, y := range []float64{1, 0, 0.5, 0, 1, 1} {
				p := 1 / (1 + math.Exp(-in[0][i]))
				sum -= (y*math.Log(p) + (1-y)*math.Log(1-p)) / 6
			}
			return []float64{sum}
		},
	},
	{
		name: "sequence-softmax", in: [][]int{{rows, 3}}, f: func(t *Tape, in []*Node) *Node { return t.SequenceSoftmax(in[0], seqs) },
		naive: func(in [][]float64) []float64 {
			return perColumn(in[0], seqs, 3, func(x []float64) []float64 {
				sum := 0.0
				for _, v := range x {
					sum += math.Exp(v)
				}
				return each(x, func(_ int, v float64) float64 { return math.Exp(v) / sum })
			})
		},
	},
	{name: "sequence-norm", in: [][]int{{longer.Total(), 3}, {1}, {1}}, f: func(t *Tape, in []*Node) *Node {
		return t.SequenceNorm(in[0], in[1], in[2], longer)
	}, naive: func(in [][]float64) []float64 {
		return perColumn(in[0], longer, 3, func(x []float64) []float64 {
			return each(layerNorm(x, ones(len(x)), make([]float64, len(x)), 0), func(i int, v float64) float64 {
				_, sd := moments(x)
				return in[1][0] * (v + in[2][0]/sd)
			})
		})
	}},
	{
		name: "conv, causal depthwise", in: [][]int{{rows, 3}, {3, 1, 4}, {3}}, f: func(t *Tape, in []*Node) *Node { return t.Conv(in[0], in[1], in[2], seqs, Causal) },
		naive: func(in [][]float64) []float64 { return conv(in[0], in[1], in[2], seqs, 3, 1, 1, 4, Causal) },
	},
	{
		name: "conv, zeros", in: [][]int{{rows, 3}, {6, 1, 3}, {6}}, f: func(t *Tape, in []*Node) *Node { return t.Conv(in[0], in[1], in[2], seqs, Zeros) },
		naive: func(in [][]float64) []float64 { return conv(in[0], in[1], in[2], seqs, 3, 1, 2, 3, Zeros) },
	},
	{
		name: "conv, circular, groups of two", in: [][]int{{rows, 6}, {6, 2, 5}}, f: func(t *Tape, in []*Node) *Node { return t.Conv(in[0], in[1], nil, seqs, Circular) },
		naive: func(in [][]float64) []float64 { return conv(in[0], in[1], nil, seqs, 3, 2, 2, 5, Circular) },
	},
	{
		name: "conv, reflect", in: [][]int{{longer.Total(), 3}, {3, 1, 5}, {3}}, f: func(t *Tape, in []*Node) *Node { return t.Conv(in[0], in[1], in[2], longer, Reflect) },
		naive: func(in [][]float64) []float64 { return conv(in[0], in[1], in[2], longer, 3, 1, 1, 5, Reflect) },
	},
	{
		name: "conv, replicate", in: [][]int{{rows, 3}, {3, 1, 7}, {3}}, f: func(t *Tape, in []*Node) *Node { return t.Conv(in[0], in[1], in[2], seqs, Replicate) },
		naive: func(in [][]float64) []float64 { return conv(in[0], in[1], in[2], seqs, 3, 1, 1, 7, Replicate) },
	},
	convNormRow("conv-norm", 1, 1, 3),
	convNormRow("conv-norm, two outputs of two channels, five taps", 2, 2, 5),
	{
		name: "spectrum, dft", in: [][]int{{rows, 3}}, f: func(t *Tape, in []*Node) *Node { return t.Spectrum(in[0], seqs, dft, 1) },
		naive: func(in [][]float64) []float64 { return spectrum(in[0], seqs, 3, dft, 1) },
	},
	{
		name: "spectrum, dft of twice the length", in: [][]int{{rows, 3}}, f: func(t *Tape, in []*Node) *Node { return t.Spectrum(in[0], seqs, dft, 2) },
		naive: func(in [][]float64) []float64 { return spectrum(in[0], seqs, 3, dft, 2) },
	},
	{
		name: "spectrum, dct", in: [][]int{{rows, 3}}, f: func(t *Tape, in []*Node) *Node { return t.Spectrum(in[0], seqs, dct, 1) },
		naive: func(in [][]float64) []float64 { return spectrum(in[0], seqs, 3, dct, 1) },
	},
	{
		name: "spectrum, dct1", in: [][]int{{longer.Total(), 3}}, f: func(t *Tape, in []*Node) *Node { return t.Spectrum(in[0], longer, dct1, 1) },
		naive: func(in [][]float64) []float64 { return spectrum(in[0], longer, 3, dct1, 1) },
	},
	{
		name: "from-spectrum, dft", in: [][]int{{1 + 4 + 3 + 4, 6}}, f: func(t *Tape, in []*Node) *Node { return t.FromSpectrum(in[0], seqs, dft, 1) },
		naive: func(in [][]float64) []float64 { return fromSpectrum(in[0], seqs, 3, dft, 1) },
	},
	{
		name: "from-spectrum, dft of twice the length", in: [][]int{{2 + 8 + 5 + 8, 6}}, f: func(t *Tape, in []*Node) *Node { return t.FromSpectrum(in[0], seqs, dft, 2) },
		naive: func(in [][]float64) []float64 { return fromSpectrum(in[0], seqs, 3, dft, 2) },
	},
	{
		name: "from-spectrum, dct", in: [][]int{{rows, 3}}, f: func(t *Tape, in []*Node) *Node { return t.FromSpectrum(in[0], seqs, dct, 1) },
		naive: func(in [][]float64) []float64 { return fromSpectrum(in[0], seqs, 3, dct, 1) },
	},
	{
		name: "from-spectrum, dct1", in: [][]int{{longer.Total(), 3}}, f: func(t *Tape, in []*Node) *Node { return t.FromSpectrum(in[0], longer, dct1, 1) },
		naive: func(in [][]float64) []float64 { return fromSpectrum(in[0], longer, 3, dct1, 1) },
	},
	{name: "spectral-conv, dft", in: [][]int{{rows, 3}, {12, 6}, {8, 6}, {3}}, f: func(t *Tape, in []*Node) *Node {
		return t.SpectralConv(in[0], in[1], in[2], in[3], seqs, dft, 1)
	}, naive: func(in [][]float64) []float64 { return spectralConv(in, seqs, 3, dft, 1) }},
	{name: "spectral-conv, dct", in: [][]int{{rows, 3}, {rows, 3}, {12, 3}, {3}}, f: func(t *Tape, in []*Node) *Node {
		return t.SpectralConv(in[0], in[1], in[2], in[3], seqs, dct, 1)
	}, naive: func(in [][]float64) []float64 { return spectralConv(in, seqs, 3, dct, 1) }},
	{name: "spectral-conv, dct1", in: [][]int{{longer.Total(), 3}, {longer.Total(), 3}, {12, 3}, {3}}, f: func(t *Tape, in []*Node) *Node {
		return t.SpectralConv(in[0], in[1], in[2], in[3], longer, dct1, 1)
	}, naive: func(in [][]float64) []float64 { return spectralConv(in, longer, 3, dct1, 1) }},
	{name: "spectral-conv, static and linear", in: [][]int{{rows, 3}, {15, 6}}, f: func(t *Tape, in []*Node) *Node {
		return t.SpectralConv(in[0], nil, in[1], nil, seqs, dft, 2)
	}, naive: func(in [][]float64) []float64 {
		return spectralConv([][]float64{in[0], nil, in[1], nil}, seqs, 3, dft, 2)
	}},
	chainRow("chain, dft", seqs, dft, 1, 3, true),
	chainRow("chain, dct, four taps", seqs, dct, 1, 4, true),
	chainRow("chain, dct1", longer, dct1, 1, 2, true),
	chainRow("chain, linear, static", seqs, dft, 2, 3, false),
	{
		name: "power-spectrum, dft", in: [][]int{{rows, 3}}, f: func(t *Tape, in []*Node) *Node { return t.PowerSpectrum(in[0], seqs, dft, 1) },
		naive: func(in [][]float64) []float64 {
			X := spectrum(in[0], seqs, 3, dft, 1)
			return each(make([]float64, len(X)/2), func(i int, _ float64) float64 { re, im := pair(X, i); return re*re + im*im })
		},
	},
	{
		name: "power-spectrum, dct", in: [][]int{{rows, 3}}, f: func(t *Tape, in []*Node) *Node { return t.PowerSpectrum(in[0], seqs, dct, 1) },
		naive: func(in [][]float64) []float64 {
			return each(spectrum(in[0], seqs, 3, dct, 1), func(_ int, v float64) float64 { return math.Abs(v) })
		},
	},
	{
		name: "cross-spectra, dft of twice the length", in: [][]int{{rows, 3}, {rows, 3}}, f: func(t *Tape, in []*Node) *Node { return t.CrossSpectra(in[0], in[1], seqs, dft, 2) },
		naive: func(in [][]float64) []float64 {
			K, Q := spectrum(in[0], seqs, 3, dft, 2), spectrum(in[1], seqs, 3, dft, 2)
			return each(K, func(i int, v float64) float64 {
				if c := i % 6; c < 3 {
					return v*Q[i] + K[i+3]*Q[i+3]
				}
				return K[i-3]*Q[i] - v*Q[i-3]
			})
		},
	},
	{
		name: "cross-spectra of one operand", in: [][]int{{rows, 3}}, f: func(t *Tape, in []*Node) *Node {
			x := t.Apply(in[0], Activation{Name: "tanh"}) // an inner node, whose gradient starts with any content
			return t.CrossSpectra(x, x, seqs, dct, 1)
		},
		naive: func(in [][]float64) []float64 {
			return each(spectrum(each(in[0], func(_ int, v float64) float64 { return math.Tanh(v) }), seqs, 3, dct, 1), func(_ int, v float64) float64 { return v * v })
		},
	},
	{
		name: "cross-spectra, dct", in: [][]int{{rows, 3}, {rows, 3}}, f: func(t *Tape, in []*Node) *Node { return t.CrossSpectra(in[0], in[1], seqs, dct, 1) },
		naive: func(in [][]float64) []float64 {
			Q := spectrum(in[1], seqs, 3, dct, 1)
			return each(spectrum(in[0], seqs, 3, dct, 1), func(i int, v float64) float64 { return v * Q[i] })
		},
	},
	{
		name: "magnitude, complex", in: [][]int{{4, 6}}, f: func(t *Tape, in []*Node) *Node { return t.Magnitude(in[0], true) },
		naive: func(in [][]float64) []float64 {
			return make12(func(i int) float64 { return math.Hypot(pair(in[0], i)) })
		},
	},
	{
		name: "magnitude, real", in: [][]int{{4, 3}}, f: func(t *Tape, in []*Node) *Node { return t.Magnitude(in[0], false) },
		naive: func(in [][]float64) []float64 {
			return each(in[0], func(_ int, v float64) float64 { return math.Abs(v) })
		},
	},
	{
		name: "rescale, complex", in: [][]int{{4, 6}}, f: func(t *Tape, in []*Node) *Node { return t.ScaleMagnitude(in[0], Activation{Name: "tanh"}, true) },
		naive: func(in [][]float64) []float64 {
			return each(in[0], func(i int, v float64) float64 {
				m := math.Hypot(pair(in[0], i/6*3+i%3))
				return math.Tanh(m) / m * v
			})
		},
	},
	{
		name: "rescale, real", in: [][]int{{4, 3}}, f: func(t *Tape, in []*Node) *Node { return t.ScaleMagnitude(in[0], Activation{Name: "sigmoid"}, false) },
		naive: func(in [][]float64) []float64 {
			return each(in[0], func(_ int, v float64) float64 {
				return math.Copysign(1/(1+math.Exp(-math.Abs(v))), v)
			})
		},
	},
	{
		name: "rescale, each operand by itself", in: [][]int{{4, 6}, {4, 3}, {4, 3}}, positive: true,
		f: func(t *Tape, in []*Node) *Node { return t.Rescale(in[0], in[1], in[2]) },
		naive: func(in [][]float64) []float64 {
			return each(in[0], func(i int, v float64) float64 { at := i/6*3 + i%3; return in[1][at] * v / in[2][at] })
		},
	},
	{
		name: "cross-spectrum", in: [][]int{{4, 6}, {4, 6}}, f: func(t *Tape, in []*Node) *Node { return t.CrossSpectrum(in[0], in[1], true) },
		naive: func(in [][]float64) []float64 {
			out := make([]float64, 24)
			for i := range 12 {
				kr, ki := pair(in[0], i)
				qr, qi := pair(in[1], i)
				out[i/3*6+i%3], out[i/3*6+3+i%3] = kr*qr+ki*qi, kr*qi-ki*qr
			}
			return out
		},
	},
	{
		name: "attention", in: [][]int{{rows, 12}}, f: func(t *Tape, in []*Node) *Node { return t.Attention(in[0], seqs, 2) },
		naive: func(in [][]float64) []float64 { return attention(in[0], seqs, 4, 2) },
	},
	{name: "attention beyond one block", in: [][]int{{attentionLong + 5, 3}}, f: func(t *Tape, in []*Node) *Node {
		return t.Attention(in[0], tensor.Pack(attentionLong+5), 1)
	}, naive: func(in [][]float64) []float64 { return attention(in[0], tensor.Pack(attentionLong+5), 1, 1) }},
	activation("tanh", math.Tanh, false),
	activation("relu", func(x float64) float64 { return max(x, 0) }, false),
	activation("gelu", func(x float64) float64 { return x / 2 * (1 + math.Erf(x/math.Sqrt2)) }, false),
	activation("silu", func(x float64) float64 { return x / (1 + math.Exp(-x)) }, false),
	activation("sigmoid", func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, false),
	activation("sigmoid+0.5", func(x float64) float64 { return 1 / (1 + math.Exp(0.5-x)) }, false),
	activation("log", func(x float64) float64 { return math.Copysign(math.Log1p(math.Abs(x)), x) }, false),
	activation("softplus", func(x float64) float64 { return math.Log1p(math.Exp(x)) }, false),
	activation("rational", func(x float64) float64 { return x / (x + 1) }, true),
	activation("softshrink+0.25", func(x float64) float64 {
		return math.Copysign(max(math.Abs(x)-float64(float32(0.25)), 0), x)
	}, false),
}

// convNormRow is a row of ConvNorm of 32 groups, from column 4 of x on.
func convNormRow(name string, in, out, taps int) row {
	const G = 32
	X := 4 + in*G
	return row{
		name: name, in: [][]int{{rows, X}, {G * out, in, taps}, {G * out}, {G * out}, {G * out}},
		f: func(t *Tape, n []*Node) *Node {
			return t.ConvNorm(ConvNormOperands{X: n[0], First: 4, G: G, W: n[1], B: n[2], Gain: n[3], Bias: n[4], Eps: 1e-5}, seqs)
		},
		naive: func(n [][]float64) []float64 {
			x := make([]float64, rows*in*G)
			for i := range x {
				x[i] = n[0][i/(in*G)*X+4+i%(in*G)]
			}
			return layerNorm(conv(x, n[1], n[2], seqs, G, in, out, taps, Zeros), n[3], n[4], 1e-5)
		},
	}
}

// chainRow is a row of the chain of 3 channels: with all operands, or without
// kernels of each sequence and without a residual.
func chainRow(name string, seq tensor.Offsets, f Transform, pad, taps int, all bool) row {
	lengths, _ := seq.Lengths()
	T, D := seq.Total(), 3
	bins, shared := f.Bins(seq, pad).Total(), f.Bins(tensor.Pack(lengths...), pad).Total()
	in := [][]int{{T, 3 * D}, {3 * D, 1, taps}, {3 * D}, {shared, f.Width(D)}, {D}}
	if all {
		in = append(in, []int{bins, f.Width(D)}, []int{T, D}, []int{shared, f.Width(D)}, []int{D})
	}
	return row{
		name: name, in: in, tol: 2e-5, // products of five factors
		f: func(t *Tape, in []*Node) *Node {
			c := ChainOperands{P: in[0], Taps: in[1], Bias: in[2], S: in[3], Skip: in[4]}
			if all {
				c.H, c.U, c.Static, c.Direct = in[5], in[6], in[7], in[8]
			}
			return t.Chain(c, seq, f, pad)
		},
		naive: func(in [][]float64) []float64 {
			c := conv(in[0], in[1], in[2], seq, 3*D, 1, 1, taps, Causal)
			part := func(n int) []float64 {
				return each(make([]float64, T*D), func(i int, _ float64) float64 { return c[i/D*3*D+n*D+i%D] })
			}
			x0, x1, v := part(0), part(1), part(2)
			var h []float64
			if all {
				h = in[5]
			}
			z := each(v, func(i int, v float64) float64 { return v * x1[i] })
			y := each(spectralConv([][]float64{z, h, in[3], in[4]}, seq, D, f, pad), func(i int, v float64) float64 { return v * x0[i] })
			if !all {
				return y
			}
			r := spectralConv([][]float64{in[6], nil, in[7], in[8]}, seq, D, f, pad)
			return each(y, func(i int, v float64) float64 { return v + r[i] })
		},
	}
}

// activation is the row of an activation.
func activation(name string, f func(float64) float64, positive bool) row {
	a, err := ParseActivation(name)
	if err != nil {
		panic(err)
	}
	return row{
		name: name, in: [][]int{{5, 7}}, positive: positive,
		f:     func(t *Tape, in []*Node) *Node { return t.Apply(in[0], a) },
		naive: func(in [][]float64) []float64 { return each(in[0], func(_ int, v float64) float64 { return f(v) }) },
	}
}
