package autograd

import (
	"fmt"
	"testing"

	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/tensor"
)

// decomposed is Chain made of the ops that it replaces.
func decomposed(t *Tape, c ChainOperands, seq tensor.Offsets, f Transform, pad int) *Node {
	D := c.P.Cols() / 3
	conv := t.Conv(c.P, c.Taps, c.Bias, seq, Causal)
	z := t.Gate(t.Slice(conv, 2*D, D), conv, 1)
	y := t.Gate(t.SpectralConv(z, c.H, c.S, c.Skip, seq, f, pad), conv, 0)
	if c.U != nil {
		y = t.Add(y, t.SpectralConv(c.U, nil, c.Static, c.Direct, seq, f, pad))
	}
	return y
}

// TestChainEqualsItsOps compares values and gradients with those of the single
// ops: whole tiles and parts of them, lengths of one chunk of rows and of
// several, and lengths where a transform is shared among threads.
func TestChainEqualsItsOps(t *testing.T) {
	type chain = func(*Tape, ChainOperands, tensor.Offsets, Transform, int) *Node
	for _, c := range []struct {
		D, taps int
		f       Transform
		pad     int
		seq     tensor.Offsets
		missing string
	}{
		{32, 3, dft, 1, tensor.Pack(1, 2, 3, 50, 64, 50), ""},
		{64, 3, dct, 1, tensor.Pack(16, 100, 17, 1), ""},
		{40, 3, dft, 1, tensor.Pack(5, 33), "h"},
		{3, 1, dct, 1, tensor.Pack(7, 7, 7), "s"},
		{32, 4, dft, 2, tensor.Pack(30, 4097), "residual"},
		{33, 3, dft, 1, tensor.Pack(9000), "direct"},
		{32, 3, dct, 1, tensor.Pack(32768), ""},
		{33, 3, dft, 1, tensor.Pack(32768, 5), "h"},
		{32, 2, dft, 2, tensor.Pack(16500, 16384), "residual"}, // of which the transforms of one are long
		{544, 3, dft, 1, tensor.Pack(6, 5, 6, 7), ""},          // more tiles than groups
		{32, 2, dct1, 1, tensor.Pack(2, 9, 9, 30), ""},
	} {
		for _, level := range cpu.Levels {
			if level > cpu.Best() || c.seq.Total() > 10000 && testing.Short() || c.seq.Total() > 4000 && level < cpu.Best() {
				continue
			}
			t.Run(fmt.Sprintf("D=%d, %d taps, %v, pad %d, %v, without %q, %v", c.D, c.taps, c.f.Kind, c.pad, c.seq, c.missing, level), func(t *testing.T) {
				defer cpu.Limit(level)()
				lengths, _ := c.seq.Lengths()
				T, W := c.seq.Total(), c.f.Width(c.D)
				bins, shared := c.f.Bins(c.seq, c.pad).Total(), c.f.Bins(tensor.Pack(lengths...), c.pad).Total()
				run := func(f chain) (y []float32, grads [][]float32) {
					var tape Tape
					seed := uint64(0)
					variable := func(shape ...int) *Node {
						seed++
						x := numtest.Normal(seed, tensor.Size(shape))
						grads = append(grads, make([]float32, len(x)))
						return tape.Variable(x, grads[len(grads)-1], shape...)
					}
					// Inner nodes, not leaves: their gradients start with any content.
					inner := func(shape ...int) *Node { return tape.Apply(variable(shape...), Activation{Name: "tanh"}) }
					o := ChainOperands{P: inner(T, 3*c.D), Taps: variable(3*c.D, 1, c.taps), Bias: variable(3 * c.D), Skip: variable(c.D)}
					if c.missing != "h" {
						o.H = inner(bins, W)
					}
					if c.missing != "s" {
						o.S = inner(shared, W)
					}
					if c.missing != "residual" {
						o.U, o.Static = inner(T, c.D), variable(shared, W)
						if c.missing != "direct" {
							o.Direct = variable(c.D)
						}
					}
					n := f(&tape, o, c.seq, c.f, c.pad)
					y = append(y, n.Data...)
					tape.Backward(n, numtest.Normal(99, len(y)), 1)
					return y, grads
				}
				y, grads := run((*Tape).Chain)
				wantY, wantGrads := run(decomposed)
				// Both round each step alike but for where sums are fused; gradients of
				// shared operands are sums over all rows.
				numtest.Close(t, "value", y, widen(wantY), 1e-5)
				for i := range grads {
					numtest.Close(t, fmt.Sprint("gradient ", i), grads[i], widen(wantGrads[i]), 2e-5)
				}
			})
		}
	}
}

// TestConvNormEqualsItsOps compares with Conv and LayerNorm over several blocks
// of rows and chunks of sums.
func TestConvNormEqualsItsOps(t *testing.T) {
	seq := tensor.Pack(1100, 1, 3, 260)
	for _, c := range []struct{ G, in, out, taps int }{{32, 1, 1, 3}, {64, 1, 2, 7}, {96, 2, 2, 3}} {
		run := func(fused bool) (y []float32, grads [][]float32) {
			var tape Tape
			seed := uint64(0)
			variable := func(shape ...int) *Node {
				seed++
				x := numtest.Normal(seed, tensor.Size(shape))
				grads = append(grads, make([]float32, len(x)))
				return tape.Variable(x, grads[len(grads)-1], shape...)
			}
			C := c.out * c.G
			x := tape.Apply(variable(seq.Total(), c.in*c.G), Activation{Name: "tanh"})
			w, b, gain, bias := variable(C, c.in, c.taps), variable(C), variable(C), variable(C)
			var n *Node
			if fused {
				n = tape.ConvNorm(ConvNormOperands{X: x, G: c.G, W: w, B: b, Gain: gain, Bias: bias, Eps: 1e-5}, seq)
			} else {
				n = tape.LayerNorm(tape.Conv(x, w, b, seq, Zeros), gain, bias, 1e-5)
			}
			y = append(y, n.Data...)
			tape.Backward(n, numtest.Normal(99, len(y)), 1)
			return y, grads
		}
		y, grads := run(true)
		wantY, wantGrads := run(false)
		numtest.Close(t, "value", y, widen(wantY), 1e-5)
		for i := range grads {
			numtest.Close(t, fmt.Sprint("gradient ", i), grads[i], widen(wantGrads[i]), 2e-5)
		}
	}
}
