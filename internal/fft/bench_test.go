package fft

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/orchid-seq/orchid/internal/cpu"
)

// BenchmarkDFT measures Forward and Adjoint, together, of an [n, C] matrix on
// one core. An element is counted once for the pair.
func BenchmarkDFT(b *testing.B) {
	benchmark(b, DFT, 128, 256, 512, 1000, 1009, 1024, 2048, 4096, 16384, 65536, 131072)
}

// BenchmarkDCT2 is BenchmarkDFT of the DCT-II.
func BenchmarkDCT2(b *testing.B) { benchmark(b, DCT2, 1024, 65536) }

func benchmark(b *testing.B, kind Kind, sizes ...int) {
	for _, l := range cpu.Levels {
		if l > cpu.Best() {
			continue
		}
		for _, n := range sizes {
			b.Run(fmt.Sprintf("level=%v/n=%d", l, n), func(b *testing.B) {
				defer cpu.Limit(l)()
				cols := 256
				if n >= 65536 {
					cols = 64
				}
				p := New(kind, n)
				rng := rand.New(rand.NewPCG(1, 2))
				x, y := make([]float32, n*cols), make([]float32, n*cols)
				for i := range x {
					x[i] = rng.Float32() - 0.5
				}
				s := make([]float32, p.Bins()*2*cols)
				scratch := make([]float32, p.Scratch())
				w := Weights{1 / float32(n), 2 / float32(n)}
				for b.Loop() {
					p.Forward(Spectrum{s, 2 * cols, cols}, Block{x, cols}, n, cols, Weights{1, 1}, false, scratch)
					p.Adjoint(Block{y, cols}, Spectrum{s, 2 * cols, cols}, n, cols, w, false, scratch)
				}
				b.ReportMetric(float64(n*cols)*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gelem/s")
			})
		}
	}
}
