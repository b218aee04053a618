package vec

import (
	"math"
	"testing"
)

// functions are the ones of one argument whose comments promise an accuracy:
// an error of at most ulps units in the last place, or of at most abs.
var functions = []struct {
	name string
	call func(dst, x []float32)
	want func(float64) float64
	ulps float64
	abs  float64
}{
	{"Exp", Exp, math.Exp, 1, 0},
	{"Exp2Sub", func(dst, x []float32) { Exp2Sub(dst, x, 0) }, math.Exp2, 3, 0},
	{"Tanh", Tanh, math.Tanh, 2, 0},
	{"Sigmoid", Sigmoid, logistic, 3, 0},
	{"SiLU", SiLU, func(x float64) float64 { return x * logistic(x) }, 4, 1e-43},
	{"Softplus", Softplus, func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }, 4, 0},
	{"GELU", GELU, func(x float64) float64 { return x * normal(x) }, 6, 1e-43},
	{"Sin", Sin, math.Sin, 2, 0},
	{"sin", func(dst, x []float32) { SinCos(dst, make([]float32, len(x)), x) }, math.Sin, 2, 0},
	{"cos", func(dst, x []float32) { SinCos(make([]float32, len(x)), dst, x) }, math.Cos, 2, 0},
	{"SiLUBack", func(dst, x []float32) { back(SiLUBack, dst, x) }, func(x float64) float64 {
		p := logistic(x)
		return p * (1 + x*logistic(-x))
	}, 4, 2e-7},
	{"GELUBack", func(dst, x []float32) { back(GELUBack, dst, x) }, func(x float64) float64 {
		return normal(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
	}, 4, 2e-7},
}

// back sets dst to the gradient for a gradient of 1.
func back(f func(dx, dy, x []float32), dst, x []float32) {
	ones := make([]float32, len(x))
	Fill(ones, 1)
	Fill(dst, 0)
	f(dst, ones, x)
}

// samples are values of every magnitude, of both signs, values that are dense
// where the functions bend, and the neighbours of multiples of π/2.
var samples = func() (x []float32) {
	const stride = 6011 // an odd number, so that mantissas vary
	for u := uint64(0); u < 1<<32; u += stride {
		x = append(x, math.Float32frombits(uint32(u)))
	}
	for i := -60000; i <= 60000; i++ {
		x = append(x, float32(i)*0.00171)
	}
	for k := 1; k < 63000; k += 7 {
		v := float32(float64(k) * (math.Pi / 2))
		x = append(x, v, math.Nextafter32(v, 0), math.Nextafter32(v, inf), -v)
	}
	for v := float32(1.5704); v < 1.5712; v = math.Nextafter32(v, inf) {
		x = append(x, v)
	}
	return append(x, 0, float32(math.Copysign(0, -1)), inf, -inf, nan, 1e5, -1e5, 100000.01, math.MaxFloat32,
		math.SmallestNonzeroFloat32, 88.72283, 88.72284, -87.33655, -103.97208, -103.9721, -104, 0.625, 16, -16)
}()

func ulp(x float64) float64 {
	if x == 0 {
		return math.Ldexp(1, -149)
	}
	return math.Ldexp(1, max(math.Ilogb(x)-23, -149))
}

func TestAccuracy(t *testing.T) {
	got := make([]float32, len(samples))
	want := make([]float64, len(samples))
	for _, f := range functions {
		t.Run(f.name, func(t *testing.T) {
			for i, x := range samples {
				want[i] = f.want(float64(x))
			}
			levels(t, func(t *testing.T) {
				f.call(got, samples)
				worst, at := 0.0, float32(0)
				for i, x := range samples {
					if w := float32(want[i]); w-w != 0 {
						if !same(got[i], w) {
							t.Fatalf("f(%v) = %v, want %v", x, got[i], want[i])
						}
						continue
					}
					d := math.Abs(float64(got[i]) - want[i])
					if !(d <= f.ulps*ulp(want[i]) || d <= f.abs) {
						t.Fatalf("f(%v) = %v, want %v: off by %.3g ulp, %.3g", x, got[i], want[i], d/ulp(want[i]), d)
					}
					if f.abs > 0 {
						d = min(d/ulp(want[i]), d/f.abs)
					} else {
						d /= ulp(want[i])
					}
					if d > worst {
						worst, at = d, x
					}
				}
				t.Logf("worst %.3f at %v", worst, at)
			})
		})
	}
}

// TestSineAtMostOne: what the kernels give can go into an arc sine.
func TestSineAtMostOne(t *testing.T) {
	levels(t, func(t *testing.T) {
		for name, f := range map[string]func(dst, x []float32){
			"Sin": Sin,
			"sin": func(dst, x []float32) { SinCos(dst, make([]float32, len(x)), x) },
			"cos": func(dst, x []float32) { SinCos(make([]float32, len(x)), dst, x) },
		} {
			got := make([]float32, len(samples))
			f(got, samples)
			for i, v := range got {
				if v < -1 || v > 1 {
					t.Fatalf("%s(%v) = %v", name, samples[i], v)
				}
			}
		}
	})
}
