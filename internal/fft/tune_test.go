package fft

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/orchid-seq/orchid/internal/cpu"
)

func TestTune(t *testing.T) {
	if os.Getenv("TUNE") == "" {
		t.Skip()
	}
	for _, l := range cpu.Levels[1:] {
		restore := cpu.Limit(l)
		for _, n := range []int{128, 256, 512, 1000, 1009, 1024, 2048, 4096, 8192, 16384, 65536} {
			cols := 256
			if n >= 65536 {
				cols = 64
			}
			p := New(DFT, n)
			x, y := make([]float32, n*cols), make([]float32, n*cols)
			for i := range x {
				x[i] = float32(i%17) - 8
			}
			s := make([]float32, p.Bins()*2*cols)
			scratch := make([]float32, p.Scratch())
			w := Weights{1 / float32(n), 2 / float32(n)}
			best, bf := time.Hour, time.Hour
			for end := time.Now().Add(1500 * time.Millisecond); time.Now().Before(end); {
				t0 := time.Now()
				p.Forward(Spectrum{s, 2 * cols, cols}, Block{x, cols}, n, cols, Weights{1, 1}, false, scratch)
				t1 := time.Now()
				p.Adjoint(Block{y, cols}, Spectrum{s, 2 * cols, cols}, n, cols, w, false, scratch)
				best = min(best, time.Since(t0))
				bf = min(bf, t1.Sub(t0))
			}
			g := func(d time.Duration) float64 { return float64(n*cols) / d.Seconds() / 1e9 }
			fmt.Printf("%v n=%d: pair %.3f, forward alone %.3f Gelem/s\n", l, n, g(best), g(bf))
		}
		restore()
	}
}
