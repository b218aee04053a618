package autograd

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/tensor"
)

// attentionGradient is the gradient of sum(y dy) for one head of one sequence,
// written from the definition: with P the probabilities and dP = dy v^T,
// dS = P (dP - sum over keys of P dP).
func attentionGradient(qkv, dy []float64, L, D int) []float64 {
	g, scale := make([]float64, len(qkv)), 1/math.Sqrt(float64(D))
	at := func(x []float64, row, part int) []float64 { return x[(row*3+part)*D : (row*3+part+1)*D] }
	dot := func(a, b []float64) (sum float64) {
		for c := range a {
			sum += a[c] * b[c]
		}
		return sum
	}
	for i := range L {
		p, dp, sum, mean := make([]float64, L), make([]float64, L), 0.0, 0.0
		for j := range L {
			p[j] = math.Exp(scale * dot(at(qkv, i, 0), at(qkv, j, 1)))
			dp[j] = dot(dy[i*D:(i+1)*D], at(qkv, j, 2))
			sum += p[j]
		}
		for j := range L {
			p[j] /= sum
			mean += p[j] * dp[j]
		}
		for j := range L {
			ds := scale * p[j] * (dp[j] - mean)
			for c := range D {
				at(g, i, 0)[c] += ds * at(qkv, j, 1)[c]
				at(g, j, 1)[c] += ds * at(qkv, i, 0)[c]
				at(g, j, 2)[c] += p[j] * dy[i*D+c]
			}
		}
	}
	return g
}

// TestAttentionGradient holds the gradient beyond two blocks to the
// definition, and to the same bits for sequences alone (a worker a block), in
// a batch of many (a worker a sequence) and on any number of threads.
func TestAttentionGradient(t *testing.T) {
	const D = 5
	lengths := []int{2*attentionKeys + 37, 3, attentionLong}
	seq := tensor.Pack(lengths...)
	qkv, dy := numtest.Normal(3, seq.Total()*3*D), numtest.Normal(4, seq.Total()*D)
	gradient := func(lo, hi, copies int, seq tensor.Offsets) []float32 {
		var tape Tape
		x, d := slices.Repeat(qkv[lo*3*D:hi*3*D], copies), slices.Repeat(dy[lo*D:hi*D], copies)
		g := make([]float32, len(x))
		tape.Backward(tape.Attention(tape.Variable(x, g, len(x)/(3*D), 3*D), seq, 1), d, 1)
		return g
	}
	defer par.SetThreads(par.Threads())
	few := gradient(0, seq.Total(), 1, seq)
	for i, L := range lengths {
		lo, hi := seq.Span(i)
		want := attentionGradient(widen(qkv[lo*3*D:hi*3*D]), widen(dy[lo*D:hi*D]), L, D)
		// As the gradients of the op table.
		numtest.Close(t, fmt.Sprint("length ", L), few[lo*3*D:hi*3*D], want, 4e-5)
		for _, threads := range []int{1, 2, 4} {
			par.SetThreads(threads)
			alone := gradient(lo, hi, 1, tensor.Pack(L))
			numtest.BitEqual(t, fmt.Sprintf("length %d alone on %d threads", L, threads), alone, few[lo*3*D:hi*3*D])
			many := gradient(lo, hi, 3, tensor.Uniform(3, L))
			numtest.BitEqual(t, fmt.Sprintf("length %d in a batch on %d threads", L, threads), many, slices.Repeat(alone, 3))
		}
	}
}

// BenchmarkAttentionBack is one head of one sequence, which a single worker a
// head would leave to one core.
func BenchmarkAttentionBack(b *testing.B) {
	const L, D = 2048, 64
	qkv, dy := numtest.Normal(3, L*3*D), numtest.Normal(4, L*D)
	g := make([]float32, len(qkv))
	var tape Tape
	for b.Loop() {
		tape.Reset()
		y := tape.Attention(tape.Variable(qkv, g, L, 3*D), tensor.Pack(L), 1)
		tape.Backward(y, dy, 1)
	}
	// Two products of L L D forward, five of them backward.
	b.ReportMetric(7*2*L*L*D/b.Elapsed().Seconds()*float64(b.N)/1e9, "GFLOP/s")
}
