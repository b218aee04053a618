package vec

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestSums holds the sums to float64 ones and to the same bits at every
// alignment.
func TestSums(t *testing.T) {
	sums := []struct {
		name string
		call func(x, y []float32) float64
		term func(x, y float64) float64
	}{
		{"Dot", Dot, func(x, y float64) float64 { return x * y }},
		{"Sum", func(x, _ []float32) float64 { return Sum(x) }, func(x, _ float64) float64 { return x }},
		{"SumSquares", func(x, _ []float32) float64 { return SumSquares(x) }, func(x, _ float64) float64 { return x * x }},
	}
	for _, f := range sums {
		t.Run(f.name, func(t *testing.T) {
			levels(t, func(t *testing.T) {
				for _, n := range append(lengths, 100_000) {
					var first float64
					for offset := range 5 {
						rng := rand.New(rand.NewPCG(7, uint64(n)))
						x, _ := guarded(n, offset, uniform(rng))
						y, _ := guarded(n, 2*offset, uniform(rng))
						var want, scale float64
						for i := range x {
							term := f.term(float64(x[i]), float64(y[i]))
							want += term
							scale += math.Abs(term)
						}
						got := f.call(x, y)
						if !(math.Abs(got-want) <= 3e-6*scale) {
							t.Fatalf("n=%d offset=%d: got %v, want %v", n, offset, got, want)
						}
						if offset == 0 {
							first = got
						}
						if got != first {
							t.Fatalf("n=%d: %v at offset %d, %v at 0", n, got, offset, first)
						}
					}
				}
			})
		})
	}
}

// TestSpecialReductions puts one special value at every place in turn.
func TestSpecialReductions(t *testing.T) {
	levels(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(8, 9))
		if got := Max(nil); got != -inf {
			t.Errorf("Max of nothing is %v", got)
		}
		if !AllFinite(nil) {
			t.Error("nothing is not finite")
		}
		for _, n := range lengths[1:] {
			x, _ := guarded(n, n%5, func(int) float32 { return -1 - rng.Float32() })
			if !AllFinite(x) {
				t.Fatalf("n=%d: not finite", n)
			}
			for at := 0; at < n; at += 1 + n/90 {
				old := x[at]
				for _, v := range []float32{-0.5, math.MaxFloat32, inf} {
					x[at] = v
					if got := Max(x); got != v {
						t.Fatalf("n=%d: largest is %v at %d, got %v", n, v, at, got)
					}
				}
				for _, v := range []float32{nan, inf, -inf} {
					x[at] = v
					if AllFinite(x) {
						t.Fatalf("n=%d: missed %v at %d", n, v, at)
					}
					if math.Abs(Sum(x)) < math.MaxFloat32 || math.Abs(Dot(x, x)) < math.MaxFloat32 {
						t.Fatalf("n=%d: %v at %d lost in a sum", n, v, at)
					}
				}
				x[at] = nan
				if got := Max(x); got == got {
					t.Fatalf("n=%d: NaN at %d, got %v", n, at, got)
				}
				x[at] = old
			}
		}
	})
}

func TestSoftmax(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, n := range lengths[1:] {
			for _, alias := range []bool{false, true} {
				rng := rand.New(rand.NewPCG(10, uint64(n)))
				offset := n % 4
				x, _ := guarded(n, offset, func(int) float32 { return 500 + 10*rng.Float32() })
				dst, all := guarded(n, offset+1, uniform(rng))
				sum := 0.0
				want := make([]float64, n)
				for i, v := range x {
					want[i] = math.Exp(float64(v) - 500)
					sum += want[i]
				}
				if alias {
					dst = x
				}
				lse := Softmax(dst, x)
				if w := 500 + math.Log(sum); !(math.Abs(lse-w) <= 1e-5) {
					t.Fatalf("n=%d: logsumexp %v, want %v", n, lse, w)
				}
				for i, got := range dst {
					// exp, the sum and the product are each good to 1e-5 or better.
					if w := want[i] / sum; !(math.Abs(float64(got)-w) <= 2e-5*w) {
						t.Fatalf("n=%d: dst[%d] = %v, want %v", n, i, got, w)
					}
				}
				checkGuards(t, all, n, offset+1)
			}
		}
	})
}

func TestExpSubSum(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, n := range lengths {
			rng := rand.New(rand.NewPCG(11, uint64(n)))
			x, _ := guarded(n, n%3, uniform(rng))
			want := 0.0
			for _, v := range x {
				want += math.Exp(float64(v - shift))
			}
			dst := make([]float32, n)
			if got := ExpSub(dst, x, shift); !(math.Abs(got-want) <= 1e-5*want) {
				t.Fatalf("n=%d: got %v, want %v", n, got, want)
			}
		}
	})
}
