package vec

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestExp2SubSum(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, n := range lengths {
			rng := rand.New(rand.NewPCG(14, uint64(n)))
			x, _ := guarded(n, n%3, uniform(rng))
			want := 0.0
			for _, v := range x {
				want += math.Exp2(float64(v - shift))
			}
			dst := make([]float32, n)
			if got := Exp2Sub(dst, x, shift); !(math.Abs(got-want) <= 1e-5*want) {
				t.Fatalf("n=%d: got %v, want %v", n, got, want)
			}
		}
	})
}

// TestMaxNumber puts the largest number, and NaN beside it, at every place.
func TestMaxNumber(t *testing.T) {
	levels(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(15, 16))
		for _, n := range lengths {
			x, _ := guarded(n, n%5, func(int) float32 { return -1 - rng.Float32() })
			for at := 0; at < n; at += 1 + n/90 {
				old := x[at]
				for _, v := range []float32{-0.5, math.MaxFloat32, inf} {
					x[at] = v
					if got := MaxNumber(x); got != v {
						t.Fatalf("n=%d: largest is %v at %d, got %v", n, v, at, got)
					}
				}
				x[at] = nan
				want := -inf
				for i, v := range x {
					if i != at {
						want = max(want, v)
					}
				}
				if got := MaxNumber(x); got != want {
					t.Fatalf("n=%d: NaN at %d, got %v, want %v", n, at, got, want)
				}
				x[at] = old
			}
		}
	})
}

// TestScoresNaN wants NaN and Inf to travel as the formulas say.
func TestScoresNaN(t *testing.T) {
	levels(t, func(t *testing.T) {
		for n := 1; n < 40; n++ {
			for at := range n {
				for _, bad := range []float32{nan, inf, -inf} {
					x := make([]float32, n)
					x[at] = bad
					Exp2Sub(x, x, 1)
					for i, v := range x {
						want := float32(0.5)
						if i == at {
							want = float32(math.Exp2(float64(bad)))
						}
						if !same(v, want) {
							t.Fatalf("n=%d: 2^%v at %d: [%d] is %v, want %v", n, bad, at, i, v, want)
						}
					}
				}
				s, dp, lse, delta := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
				lse[at] = nan
				ScoresBack(s, dp, lse, delta)
				for i := range n {
					if (s[i] != s[i]) != (i == at) || (dp[i] != dp[i]) != (i == at) {
						t.Fatalf("n=%d: NaN at %d: [%d] is %v, %v", n, at, i, s[i], dp[i])
					}
				}
			}
		}
	})
}
