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
	} {
		b.Run(f.name, func(b *testing.B) { benchmark(b, f.slices, f.call) })
	}
}

// BenchmarkRows measures the norms on 16 rows, which stay in L1 or L2.
func BenchmarkRows(b *testing.B) {
	const n = 16
	for _, f := range []struct {
		name string
		call func(y, dy, x []float32, cols int, c [][]float32, mean, rstd []float32)
	}{
		{"LayerNorm", func(y, _, x []float32, cols int, c [][]float32, mean, rstd []float32) {
			LayerNormRows(y, x, n, cols, c[0], c[1], mean, rstd, normEps)
		}},
		{"LayerNormBack", func(y, dy, x []float32, cols int, c [][]float32, mean, rstd []float32) {
			LayerNormBackRows(y, dy, x, n, cols, c[0], c[1], c[2], mean, rstd, true)
		}},
	} {
		for _, cols := range []int{32, 64, 128, 256, 768} {
			for _, l := range cpu.Levels {
				if l > cpu.Best() {
					continue
				}
				b.Run(fmt.Sprintf("%s/cols=%d/%v", f.name, cols, l), func(b *testing.B) {
					defer cpu.Limit(l)()
					rng := rand.New(rand.NewPCG(5, 6))
					draw := func(size int) []float32 {
						s, value := make([]float32, size), uniform(rng)
						for i := range s {
							s[i] = value(i)
						}
						return s
					}
					y, dy, x, mean, rstd := draw(n*cols), draw(n*cols), draw(n*cols), make([]float32, n), make([]float32, n)
					c := [][]float32{draw(cols), draw(cols), draw(cols)}
					for b.Loop() {
						f.call(y, dy, x, cols, c, mean, rstd)
					}
					rows := float64(b.N) * n
					b.ReportMetric(b.Elapsed().Seconds()*1e9/rows, "ns/row")
					b.ReportMetric(rows*float64(cols)/1e9/b.Elapsed().Seconds(), "Gelement/s")
				})
			}
		}
	}
}
