package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

const normEps = 1e-5

// normalized is a row of LayerNormRows in float64.
func normalized(x, gain, bias []float32) (y []float64, mean, rstd float64) {
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

// rowsOf is how many rows the norms are tried on: several, not too many where
// they are long.
func rowsOf(cols int) int { return 1 + cols%3 }

func TestLayerNormRows(t *testing.T) {
	for _, centre := range []float32{0.3, -300} {
		t.Run(fmt.Sprint("centre=", centre), func(t *testing.T) {
			levels(t, func(t *testing.T) {
				for _, cols := range lengths[1:] {
					for _, alias := range []bool{false, true} {
						rng := rand.New(rand.NewPCG(12, uint64(cols)))
						n, off := rowsOf(cols), cols%4
						value := uniform(rng)
						x, _ := guarded(n*cols, off, func(i int) float32 { return centre + value(i) })
						gain, _ := guarded(cols, off+1, value)
						bias, _ := guarded(cols, off+2, value)
						dst, all := guarded(n*cols, off+3, value)
						mean, allMean := guarded(n, off+1, value)
						rstd, allRstd := guarded(n, off+2, value)
						old := append([]float32(nil), x...)
						if alias {
							dst = x
						}
						LayerNormRows(dst, x, n, cols, gain, bias, mean, rstd, normEps)
						c := math.Abs(float64(centre)) + 2
						for r := range n {
							y, wantMean, wantRstd := normalized(old[r*cols:(r+1)*cols], gain, bias)
							if d := math.Abs(float64(mean[r]) - wantMean); !(d <= 2*c*eps) {
								t.Fatalf("cols=%d: mean[%d] = %v, want %v", cols, r, mean[r], wantMean)
							}
							if d := math.Abs(float64(rstd[r]) - wantRstd); !(d <= 1e-5*wantRstd) {
								t.Fatalf("cols=%d: rstd[%d] = %v, want %v", cols, r, rstd[r], wantRstd)
							}
							for i := range y {
								// A rounded mean shifts the row by rstd*c*eps; |x-mean|*rstd < √cols.
								tol := 2*wantRstd*2*c*eps + 4e-5*min(math.Sqrt(float64(cols)), 4*wantRstd)
								if got := float64(dst[r*cols+i]); !(math.Abs(got-y[i]) <= tol) {
									t.Fatalf("cols=%d alias=%v: row %d, dst[%d] = %v, want %v ± %v", cols, alias, r, i, got, y[i], tol)
								}
							}
						}
						checkGuards(t, all, n*cols, off+3)
						checkGuards(t, allMean, n, off+1)
						checkGuards(t, allRstd, n, off+2)
					}
				}
			})
		})
	}
}

func TestLayerNormBackRows(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, cols := range lengths[1:] {
			for _, add := range []bool{false, true} {
				n := rowsOf(cols)
				rng := rand.New(rand.NewPCG(13, uint64(cols)))
				sizes := []int{n * cols, n * cols, n * cols, cols, cols, cols, n, n}
				s, all := make([][]float32, len(sizes)), make([][]float32, len(sizes))
				for i, size := range sizes {
					s[i], all[i] = guarded(size, (cols+i)%4, uniform(rng))
				}
				dx, dy, x, gain, dgain, dbias, mean, rstd := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
				wantX, wantGain, wantBias := widen(dx), widen(dgain), widen(dbias)
				var largest, most float64 // of |h| and rstd
				for r := range n {
					x, dy := x[r*cols:(r+1)*cols], dy[r*cols:(r+1)*cols]
					_, m, k := normalized(x, gain, gain)
					mean[r], rstd[r] = float32(m), float32(k)
					var sum, dot float64
					for i := range x {
						g := float64(dy[i]) * float64(gain[i])
						sum += g / float64(cols)
						dot += g * (float64(x[i]) - m) * k / float64(cols)
					}
					for i := range x {
						h := (float64(x[i]) - m) * k
						wantGain[i] += float64(dy[i]) * h
						wantBias[i] += float64(dy[i])
						if !add {
							wantX[r*cols+i] = 0
						}
						wantX[r*cols+i] += k * (float64(dy[i])*float64(gain[i]) - sum - h*dot)
					}
					most = max(most, k)
				}
				LayerNormBackRows(dx, dy, x, n, cols, gain, dgain, dbias, mean, rstd, add)
				// |h| < √cols and |g| < 4; the sums are good to 1e-5. A row moves
				// dgain and dbias by at most 2|h| and 2.
				largest = min(math.Sqrt(float64(cols)), 4*most)
				rows := float64(n)
				for i := range cols {
					if !(math.Abs(float64(dgain[i])-wantGain[i]) <= rows*(2+8*rows*largest+4*most)*eps) {
						t.Fatalf("cols=%d: dgain[%d] = %v, want %v", cols, i, dgain[i], wantGain[i])
					}
					if !(math.Abs(float64(dbias[i])-wantBias[i]) <= rows*(2+2*rows)*eps) {
						t.Fatalf("cols=%d: dbias[%d] = %v, want %v", cols, i, dbias[i], wantBias[i])
					}
				}
				for i := range dx {
					if !(math.Abs(float64(dx[i])-wantX[i]) <= 1e-5*(1+most*(4+4*largest*largest))) {
						t.Fatalf("cols=%d add=%v: dx[%d] = %v, want %v", cols, add, i, dx[i], wantX[i])
					}
				}
				for i, size := range sizes {
					checkGuards(t, all[i], size, (cols+i)%4)
				}
			}
		}
	})
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// TestShortRowPanics checks that lengths are checked before a kernel runs.
func TestShortRowPanics(t *testing.T) {
	sizes := []int{8, 8, 4, 4, 2, 2, 8, 4} // two rows of four columns
	for short := range sizes {
		s := make([][]float32, len(sizes))
		for i, size := range sizes {
			s[i] = make([]float32, size)
		}
		s[short] = s[short][:sizes[short]-1] // its capacity is still enough
		for name, f := range map[string]func(){
			"LayerNormRows":     func() { LayerNormRows(s[0], s[1], 2, 4, s[2], s[3], s[4], s[5], normEps) },
			"LayerNormBackRows": func() { LayerNormBackRows(s[0], s[1], s[6], 2, 4, s[2], s[3], s[7], s[4], s[5], true) },
			"Dot":               func() { Dot(make([]float32, 8), s[0][:7]) },
			"Softmax":           func() { Softmax(make([]float32, 8), s[0][:7]) },
		} {
			if name == "LayerNormRows" && short >= 6 {
				continue // it has fewer operands
			}
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

// TestRowAlone holds a row to the same bits wherever it lies and whatever rows
// stand beside it.
func TestRowAlone(t *testing.T) {
	levels(t, func(t *testing.T) {
		const n = 4
		for _, cols := range []int{1, 7, 33, 100, 1000, 2*block + 77} {
			rng := rand.New(rand.NewPCG(14, uint64(cols)))
			draw := func(size int) []float32 {
				s, _ := guarded(size, rng.IntN(8), uniform(rng))
				return s
			}
			x, dy, dx, y, mean, rstd := draw(n*cols), draw(n*cols), draw(n*cols), draw(n*cols), draw(n), draw(n)
			gain, bias, dgain, dbias := draw(cols), draw(cols), draw(cols), draw(cols)
			dx1, dgain1, dbias1 := append(draw(0), dx...), append(draw(0), dgain...), append(draw(0), dbias...)
			LayerNormRows(y, x, n, cols, gain, bias, mean, rstd, normEps)
			LayerNormBackRows(dx, dy, x, n, cols, gain, dgain, dbias, mean, rstd, true)
			for r := range n {
				at, end := r*cols, (r+1)*cols
				y1, m, k := draw(cols), draw(1), draw(1)
				LayerNormRows(y1, append(draw(0), x[at:end]...), 1, cols, append(draw(0), gain...), bias, m, k, normEps)
				LayerNormBackRows(dx1[at:end], append(draw(0), dy[at:end]...), x[at:end], 1, cols, gain, dgain1, dbias1, m, k, true)
				wantBits(t, "y", y1, y[at:end])
				wantBits(t, "mean", m, mean[r:r+1])
				wantBits(t, "rstd", k, rstd[r:r+1])
			}
			wantBits(t, "dx", dx1, dx)
			wantBits(t, "dgain", dgain1, dgain)
			wantBits(t, "dbias", dbias1, dbias)
		}
	})
}

// TestRowNaN: one NaN or Inf spoils its row, and no other.
func TestRowNaN(t *testing.T) {
	levels(t, func(t *testing.T) {
		const n = 3
		for _, cols := range []int{5, 16, 45, 100} {
			for at := range n * cols {
				for _, bad := range []float32{nan, inf} {
					x, ones := make([]float32, n*cols), make([]float32, cols)
					for i := range x {
						x[i] = float32(i % 7)
					}
					Fill(ones, 1)
					x[at] = bad
					y, mean, rstd := make([]float32, n*cols), make([]float32, n), make([]float32, n)
					LayerNormRows(y, x, n, cols, ones, ones, mean, rstd, normEps)
					dx := make([]float32, n*cols)
					LayerNormBackRows(dx, y, x, n, cols, ones, make([]float32, cols), make([]float32, cols), mean, rstd, false)
					for i := range y {
						if spoilt := i/cols == at/cols; (y[i] != y[i]) != spoilt || (dx[i] != dx[i]) != spoilt {
							t.Fatalf("cols=%d: %v at %d gives y[%d] = %v, dx %v", cols, bad, at, i, y[i], dx[i])
						}
					}
				}
			}
		}
	})
}

func wantBits(t *testing.T, name string, got, want []float32) {
	t.Helper()
	for i := range want {
		if !same(got[i], want[i]) {
			t.Fatalf("%s[%d] = %v, want %v", name, i, got[i], want[i])
		}
	}
}
