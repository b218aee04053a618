package vec

import (
	"fmt"
	"testing"

	"github.com/orchid-seq/orchid/internal/cpu"
)

func TestInterleave(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, n := range lengths {
			off := n % 5
			blank := func(int) float32 { return -1 }
			x, _ := guarded(2*n, off, func(i int) float32 { return float32(i) })
			even, allEven := guarded(n, off+1, blank)
			odd, allOdd := guarded(n, off+2, blank)
			Deinterleave(even, odd, x)
			for i := range n {
				if even[i] != float32(2*i) || odd[i] != float32(2*i+1) {
					t.Fatalf("n=%d: even[%d] = %v, odd %v", n, i, even[i], odd[i])
				}
			}
			checkGuards(t, allEven, n, off+1)
			checkGuards(t, allOdd, n, off+2)
			back, all := guarded(2*n, off+3, blank)
			Interleave(back, even, odd)
			wantBits(t, "x", back, x)
			checkGuards(t, all, 2*n, off+3)
		}
	})
}

func TestInterleaveShortPanics(t *testing.T) {
	sizes := []int{3, 3, 6}
	for short := 1; short < len(sizes); short++ { // the first gives the length
		s := make([][]float32, len(sizes))
		for i, size := range sizes {
			s[i] = make([]float32, size)
		}
		s[short] = s[short][:sizes[short]-1] // its capacity is still enough
		for name, f := range map[string]func(){
			"Deinterleave": func() { Deinterleave(s[0], s[1], s[2]) },
			"Interleave":   func() { Interleave(s[2], s[0], s[1]) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: no panic with slice %d too short", name, short)
					}
				}()
				f()
			}()
		}
	}
}

func BenchmarkInterleave(b *testing.B) {
	for _, n := range []int{64, 256} {
		for _, l := range cpu.Levels {
			if l > cpu.Best() {
				continue
			}
			b.Run(fmt.Sprintf("n=%d/%v", n, l), func(b *testing.B) {
				defer cpu.Limit(l)()
				x, even, odd := make([]float32, 2*n), make([]float32, n), make([]float32, n)
				for b.Loop() {
					Deinterleave(even, odd, x)
					Interleave(x, even, odd)
				}
				b.ReportMetric(float64(b.N)*16*float64(2*n)/1e9/b.Elapsed().Seconds(), "GB/s")
			})
		}
	}
}
