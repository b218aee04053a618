package gemm

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/par"
)

// BenchmarkMul reports GFLOP/s and the share of the peak of the cores used.
// The names give M, N and K, and say which operand is transposed.
func BenchmarkMul(b *testing.B) {
	shapes := []struct {
		name    string
		m, n, k int
		ta, tb  bool
	}{
		{"square", 1024, 1024, 1024, false, false},
		{"y=xW^T", 8192, 768, 256, false, true},
		{"dx=dyW", 8192, 256, 768, false, false},
		{"dW=dy^Tx", 768, 256, 8192, true, false},
		{"y=xW^T", 131072, 64, 64, false, true},
		{"dx=dyW", 131072, 64, 64, false, false},
		{"dW=dy^Tx", 64, 64, 131072, true, false},
		{"y=xW^T", 2112, 192, 64, false, true},
		{"y=xW^T", 1, 768, 768, false, true},
		{"y=xW^T", 8, 768, 768, false, true},
		{"y=xW^T", 32, 768, 768, false, true},
		{"QK^T", 256, 256, 64, false, true},
		{"AV", 256, 64, 256, false, false},
	}
	for _, l := range cpu.Levels {
		if l > cpu.Best() {
			continue
		}
		for _, s := range shapes {
			for _, threads := range []int{1, 2} {
				b.Run(fmt.Sprintf("%v/%s/%dx%dx%d/threads=%d", l, s.name, s.m, s.n, s.k, threads), func(b *testing.B) {
					defer cpu.Limit(l)()
					defer par.SetThreads(par.SetThreads(threads))
					x, w := dense(s.m, s.k, s.ta), dense(s.k, s.n, s.tb)
					y := dense(s.m, s.n, false)
					peak := PeakFMA() * float64(threads)
					Mul(y, x, w, Epilogue{})
					b.ResetTimer()
					for b.Loop() {
						Mul(y, x, w, Epilogue{})
					}
					gflops := 2 * float64(s.m) * float64(s.n) * float64(s.k) * float64(b.N) / float64(b.Elapsed().Nanoseconds())
					b.ReportMetric(gflops, "GFLOP/s")
					b.ReportMetric(100*gflops/peak, "%peak")
					b.ReportMetric(0, "ns/op")
				})
			}
		}
	}
}

func dense(rows, cols int, trans bool) Matrix {
	if trans {
		return dense(cols, rows, false).T()
	}
	x := make([]float32, rows*cols)
	for i := range x {
		x[i] = rand.Float32() - 0.5
	}
	return Of(x, rows, cols, cols)
}
