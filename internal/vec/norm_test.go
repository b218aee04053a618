package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

const normEps = 1e-5

// layerNorm is LayerNorm in float64.
func layerNorm(x, gain, bias []float32) (y []float64, mean, rstd float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += float64(v) / n
	}
	variance := 0.0
	for _, v := range x {
		d := float64(v) - mean
		variance += d * d / n
	}
	rstd = 1 / math.Sqrt(variance+normEps)
	y = make([]float64, len(x))
	for i, v := range x {
		y[i] = (float64(v)-mean)*rstd*float64(gain[i]) + float64(bias[i])
	}
	return y, mean, rstd
}

func TestLayerNorm(t *testing.T) {
	for _, centre := range []float32{0.3, -300} {
		t.Run(fmt.Sprint("centre=", centre), func(t *testing.T) {
			levels(t, func(t *testing.T) {
				for _, n := range lengths[1:] {
					for _, alias := range []bool{false, true} {
						rng := rand.New(rand.NewPCG(12, uint64(n)))
						off := n % 4
						value := uniform(rng)
						x, _ := guarded(n, off, func(i int) float32 { return centre + value(i) })
						gain, _ := guarded(n, off+1, value)
						bias, _ := guarded(n, off+2, value)
						dst, all := guarded(n, off+3, value)
						y, wantMean, wantRstd := layerNorm(x, gain, bias)
						if alias {
							dst = x
						}
						mean, rstd := LayerNorm(dst, x, gain, bias, normEps)
						c := math.Abs(float64(centre)) + 2
						if d := math.Abs(float64(mean) - wantMean); !(d <= 2*c*eps) {
							t.Fatalf("n=%d: mean %v, want %v", n, mean, wantMean)
						}
						if d := math.Abs(float64(rstd) - wantRstd); !(d <= 1e-5*wantRstd) {
							t.Fatalf("n=%d: rstd %v, want %v", n, rstd, wantRstd)
						}
						for i := range y {
							// A rounded mean shifts the row by rstd*c*eps; |x-mean|*rstd < √n.
							tol := 2*wantRstd*2*c*eps + 4e-5*min(math.Sqrt(float64(n)), 4*wantRstd)
							if got := float64(dst[i]); !(math.Abs(got-y[i]) <= tol) {
								t.Fatalf("n=%d alias=%v: dst[%d] = %v, want %v ± %v", n, alias, i, got, y[i], tol)
							}
						}
						checkGuards(t, all, n, off+3)
					}
				}
			})
		})
	}
}

func TestLayerNormBack(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, n := range lengths[1:] {
			rng := rand.New(rand.NewPCG(13, uint64(n)))
			s, all := make([][]float32, 6), make([][]float32, 6)
			for i := range s {
				s[i], all[i] = guarded(n, (n+i)%4, uniform(rng))
			}
			dx, dy, x, gain, dgain, dbias := s[0], s[1], s[2], s[3], s[4], s[5]
			_, mean, rstd := layerNorm(x, gain, dbias)
			var sum, dot float64
			for i := range x {
				g := float64(dy[i]) * float64(gain[i])
				sum += g / float64(n)
				dot += g * (float64(x[i]) - mean) * rstd / float64(n)
			}
			wantX, wantGain, wantBias := make([]float64, n), make([]float64, n), make([]float64, n)
			for i := range x {
				h := (float64(x[i]) - mean) * rstd
				wantGain[i] = float64(dgain[i]) + float64(dy[i])*h
				wantBias[i] = float64(dbias[i]) + float64(dy[i])
				wantX[i] = float64(dx[i]) + rstd*(float64(dy[i])*float64(gain[i])-sum-h*dot)
			}
			LayerNormBack(dx, dy, x, gain, dgain, dbias, float32(mean), float32(rstd))
			// |h| < √n and |g| < 4; the sums are good to 1e-5.
			h := min(math.Sqrt(float64(n)), 4*rstd)
			for i := range x {
				if !(math.Abs(float64(dgain[i])-wantGain[i]) <= (2+8*h+4*rstd)*eps) {
					t.Fatalf("n=%d: dgain[%d] = %v, want %v", n, i, dgain[i], wantGain[i])
				}
				if !(math.Abs(float64(dbias[i])-wantBias[i]) <= 4*eps) {
					t.Fatalf("n=%d: dbias[%d] = %v, want %v", n, i, dbias[i], wantBias[i])
				}
				if !(math.Abs(float64(dx[i])-wantX[i]) <= 1e-5*(1+rstd*(4+4*h*h))) {
					t.Fatalf("n=%d: dx[%d] = %v, want %v", n, i, dx[i], wantX[i])
				}
			}
			for i := range all {
				checkGuards(t, all[i], n, (n+i)%4)
			}
		}
	})
}

// TestLayerNormPanics checks that lengths are checked before a kernel runs.
func TestLayerNormPanics(t *testing.T) {
	full, short := make([]float32, 8), make([]float32, 7, 8)
	for i, f := range []func(){
		func() { LayerNorm(full, short, full, full, normEps) },
		func() { LayerNorm(full, full, short, full, normEps) },
		func() { LayerNorm(full, full, full, short, normEps) },
		func() { LayerNormBack(full, short, full, full, full, full, 0, 1) },
		func() { LayerNormBack(full, full, short, full, full, full, 0, 1) },
		func() { LayerNormBack(full, full, full, short, full, full, 0, 1) },
		func() { LayerNormBack(full, full, full, full, short, full, 0, 1) },
		func() { LayerNormBack(full, full, full, full, full, short, 0, 1) },
		func() { Dot(full, short) },
		func() { Softmax(full, short) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("call %d did not panic", i)
				}
			}()
			f()
		}()
	}
}

// TestLayerNormAlignment holds a row to the same bits wherever it lies.
func TestLayerNormAlignment(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, n := range []int{1, 7, 33, 100, 1000} {
			var first [][]float32
			for offset := range 6 {
				rng := rand.New(rand.NewPCG(14, uint64(n)))
				s := make([][]float32, 7)
				for i := range s {
					s[i], _ = guarded(n, offset*i, uniform(rng))
				}
				mean, rstd := LayerNorm(s[0], s[1], s[2], s[3], normEps)
				LayerNormBack(s[4], s[0], s[1], s[2], s[5], s[6], mean, rstd)
				if offset == 0 {
					first = s
				}
				for i := range s {
					for j := range s[i] {
						if !same(s[i][j], first[i][j]) {
							t.Fatalf("n=%d offset=%d: slice %d[%d] = %v, want %v", n, offset, i, j, s[i][j], first[i][j])
						}
					}
				}
			}
		}
	})
}
