//go:build !noasm

package gemm

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/par"
)

func TestBest(t *testing.T) {
	if os.Getenv("BEST") == "" {
		t.Skip()
	}
	type sh struct {
		m, n, k int
		ta, tb  bool
	}
	for _, l := range []cpu.Level{cpu.AVX512, cpu.AVX2} {
		restore := cpu.Limit(l)
		peak := 0.
		for range 5 {
			peak = max(peak, PeakFMA())
		}
		for _, s := range []sh{
			{1024, 1024, 1024, false, false},
			{8192, 768, 256, false, true},
			{8192, 256, 768, false, false},
			{768, 256, 8192, true, false},
			{131072, 64, 64, false, true},
			{131072, 64, 64, false, false},
			{64, 64, 131072, true, false},
			{2112, 192, 64, false, true},
			{1, 768, 768, false, true},
			{8, 768, 768, false, true},
			{32, 768, 768, false, true},
			{256, 256, 64, false, true},
			{256, 64, 256, false, false},
		} {
			x, w, y := dense(s.m, s.k, s.ta), dense(s.k, s.n, s.tb), dense(s.m, s.n, false)
			line := ""
			for th := 1; th <= 2; th++ {
				old := par.SetThreads(th)
				best := time.Hour
				for start := time.Now(); time.Since(start) < 250*time.Millisecond; {
					t0 := time.Now()
					Mul(y, x, w, Epilogue{})
					best = min(best, time.Since(t0))
				}
				par.SetThreads(old)
				line += fmt.Sprintf(" %6.1f%%", 100*2*float64(s.m)*float64(s.n)*float64(s.k)/float64(best)/peak)
			}
			fmt.Printf("%v %-8v %s\n", l, s, line)
		}
		restore()
	}
}
