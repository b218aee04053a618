package vec

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/orchid-seq/orchid/internal/cpu"
)

const eps = 1.0 / (1 << 24) // half an ulp of 1

var (
	nan = float32(math.NaN())
	inf = float32(math.Inf(1))
)

// levels runs a test on every kernel level that this CPU has.
func levels(t *testing.T, f func(t *testing.T)) {
	for _, l := range cpu.Levels {
		t.Run(l.String(), func(t *testing.T) {
			if l > cpu.Best() {
				t.Skip("not on this CPU")
			}
			defer cpu.Limit(l)()
			f(t)
		})
	}
}

// lengths are those that a suite runs: every small one, for the tails, and
// some beyond a block.
var lengths = func() (n []int) {
	for i := range 101 {
		n = append(n, i)
	}
	return append(n, 1000, block, block+1, 2*block+77)
}()

const guard = 19

// guarded returns a slice of n values between guards of NaN: what reads past
// an end meets NaN, what writes past it removes one.
func guarded(n, offset int, value func(i int) float32) (s, all []float32) {
	all = make([]float32, guard+offset+n+guard)
	for i := range all {
		all[i] = nan
	}
	s = all[guard+offset : guard+offset+n]
	for i := range s {
		s[i] = value(i)
	}
	return s, all
}

func checkGuards(t *testing.T, all []float32, n, offset int) {
	t.Helper()
	for i, v := range all {
		if inside := i >= guard+offset && i < guard+offset+n; !inside && v == v {
			t.Fatalf("wrote %v at %d of %d", v, i-guard-offset, n)
		}
	}
}

// uniform returns values in (-2, 2), never 0.
func uniform(rng *rand.Rand) func(int) float32 {
	return func(int) float32 { return 4*rng.Float32() - 2 + 1e-7 }
}

func same(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

func TestShortSlicePanics(t *testing.T) {
	for _, op := range elementwise {
		for short := 1; short < op.slices; short++ {
			s := make([][]float32, op.slices)
			for i := range s {
				s[i] = make([]float32, 8)
			}
			s[short] = s[short][:7] // its capacity is still 8
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: no panic with slice %d too short", op.name, short)
					}
				}()
				op.call(s)
			}()
		}
	}
}
