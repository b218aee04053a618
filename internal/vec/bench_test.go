package vec

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/orchid-seq/orchid/internal/cpu"
)

// benchmarks calls f on every level and several lengths and reports how fast
// it goes through its slices.
func benchmark(b *testing.B, slices int, f func(s [][]float32)) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{32, 768, 3072} {
		for _, l := range cpu.Levels {
			if l > cpu.Best() {
				continue
			}
			b.Run(fmt.Sprintf("n=%d/%v", n, l), func(b *testing.B) {
				defer cpu.Limit(l)()
				s := make([][]float32, slices)
				for i := range s {
					s[i], _ = guarded(n, 0, uniform(rng))
				}
				for b.Loop() {
					f(s)
				}
				elements := float64(b.N) * float64(n) / 1e9 / b.Elapsed().Seconds()
				b.ReportMetric(elements, "Gelement/s")
				b.ReportMetric(4*float64(slices)*elements, "GB/s")
			})
		}
	}
}

func BenchmarkElementwise(b *testing.B) {
	for _, op := range elementwise {
		b.Run(op.name, func(b *testing.B) { benchmark(b, op.slices, op.call) })
	}
}

func BenchmarkRow(b *testing.B) {
	for _, f := range []struct {
		name   string
		slices int
		call   func(s [][]float32)
	}{
		{"Dot", 2, func(s [][]float32) { Dot(s[0], s[1]) }},
		{"Sum", 1, func(s [][]float32) { Sum(s[0]) }},
		{"Max", 1, func(s [][]float32) { Max(s[0]) }},
		{"MaxNumber", 1, func(s [][]float32) { MaxNumber(s[0]) }},
		{"AllFinite", 1, func(s [][]float32) { AllFinite(s[0]) }},
		{"Softmax", 2, func(s [][]float32) { Softmax(s[0], s[1]) }},
		{"LayerNorm", 4, func(s [][]float32) { LayerNorm(s[0], s[1], s[2], s[3], normEps) }},
		{"LayerNormBack", 6, func(s [][]float32) { LayerNormBack(s[0], s[1], s[2], s[3], s[4], s[5], 0.1, 0.9) }},
	} {
		b.Run(f.name, func(b *testing.B) { benchmark(b, f.slices, f.call) })
	}
}
