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

// attend returns the output of attention and the gradient of qkv for dy. If
// inner, qkv is no variable but the result of an op, whose gradient nobody has
// set to zero.
func attend(qkv, dy []float32, seq tensor.Offsets, heads int, inner bool) (y, g []float32) {
	var tape Tape
	g = make([]float32, len(qkv))
	x := tape.Variable(qkv, g, seq.Total(), len(qkv)/seq.Total())
	if inner {
		x = tape.ScaleRows(x, slices.Repeat([]float32{1}, seq.Total()))
	}
	out := tape.Attention(x, seq, heads)
	y = slices.Clone(out.Data)
	tape.Backward(out, dy, 1)
	return y, g
}

// TestAttentionGradient holds the gradient over several groups of keys to the
// definition, and results to the same bits for a sequence alone, among others,
// in a batch of its like, and on any number of threads.
func TestAttentionGradient(t *testing.T) {
	const D = 5
	lengths := []int{2*attentionKeys + 37, 3, attentionLong, attentionShort + 1}
	seq := tensor.Pack(lengths...)
	qkv, dy := numtest.Normal(3, seq.Total()*3*D), numtest.Normal(4, seq.Total()*D)
	defer par.SetThreads(par.Threads())
	counts := []int{1, 2, 4}
	if testing.Short() {
		counts = counts[2:]
	}
	y, g := attend(qkv, dy, seq, 1, false)
	for i, L := range lengths {
		lo, hi := seq.Span(i)
		qkv, dy, y, g := qkv[lo*3*D:hi*3*D], dy[lo*D:hi*D], y[lo*D:hi*D], g[lo*3*D:hi*3*D]
		// As the results and the gradients of the op table.
		numtest.Close(t, fmt.Sprint("length ", L), y, attention(widen(qkv), tensor.Pack(L), D, 1), 2e-6)
		numtest.Close(t, fmt.Sprint("gradient, length ", L), g, attentionGradient(widen(qkv), widen(dy), L, D), 4e-5)
		for _, threads := range counts {
			par.SetThreads(threads)
			what := fmt.Sprintf("length %d on %d threads, ", L, threads)
			y1, g1 := attend(qkv, dy, tensor.Pack(L), 1, true)
			numtest.BitEqual(t, what+"alone", y1, y)
			numtest.BitEqual(t, what+"gradient alone", g1, g)
			y3, g3 := attend(slices.Repeat(qkv, 3), slices.Repeat(dy, 3), tensor.Uniform(3, L), 1, false)
			numtest.BitEqual(t, what+"in a batch", y3, slices.Repeat(y, 3))
			numtest.BitEqual(t, what+"gradient in a batch", g3, slices.Repeat(g, 3))
		}
	}
}

// TestAttentionHeads holds each of two heads to attention over its columns
// alone, bit for bit.
func TestAttentionHeads(t *testing.T) {
	const L, head = 2*attentionKeys + 5, 7
	qkv, dy := numtest.Normal(5, L*6*head), numtest.Normal(6, L*2*head)
	y, g := attend(qkv, dy, tensor.Pack(L), 2, false)
	columns := func(x []float32, h int) (part []float32) {
		for at := h * head; at < len(x); at += 2 * head {
			part = append(part, x[at:at+head]...)
		}
		return part
	}
	for h := range 2 {
		y1, g1 := attend(columns(qkv, h), columns(dy, h), tensor.Pack(L), 1, false)
		numtest.BitEqual(t, fmt.Sprint("head ", h), columns(y, h), y1)
		numtest.BitEqual(t, fmt.Sprint("gradient of head ", h), columns(g, h), g1)
	}
}

// TestAttentionNaN puts a NaN into a query, a key and a value in turn: it takes
// the row of the query, all rows of the sequence, and a column of them.
func TestAttentionNaN(t *testing.T) {
	const L, D, at = attentionLong + 9, 3, attentionLong + 2
	seq := tensor.Pack(L, 4)
	for part, reaches := range []func(row, col int) bool{
		func(row, _ int) bool { return row == at },
		func(row, _ int) bool { return row < L },
		func(row, col int) bool { return row < L && col == 1 },
	} {
		qkv := numtest.Normal(7, seq.Total()*3*D)
		qkv[(at*3+part)*D+1] = float32(math.NaN())
		y, _ := attend(qkv, make([]float32, seq.Total()*D), seq, 1, false)
		for i, v := range y {
			if got, want := v != v, reaches(i/D, i%D); got != want {
				t.Fatalf("NaN in part %d: y[%d, %d] = %v", part, i/D, i%D, v)
			}
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
