package sound

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
)

// sine is n samples of a tone of amplitude 1.
func sine(hz, rate float64, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.Sin(2*math.Pi*hz*float64(i)/rate + 0.3))
	}
	return x
}

// inner cuts off the ends, where a sound begins out of silence.
func inner(x []float32) []float32 { return x[len(x)/4 : len(x)*3/4] }

// project returns the amplitude of the tone in x, by its projection on sine and
// cosine, and the rms of all that is not the tone.
func project(x []float32, hz, rate float64) (amplitude, rest float64) {
	var s, c, ss, cc, sc float64
	for i, v := range x {
		a, b := math.Sincos(2 * math.Pi * hz * float64(i) / rate)
		s, c, ss, cc, sc = s+a*float64(v), c+b*float64(v), ss+a*a, cc+b*b, sc+a*b
	}
	det := ss*cc - sc*sc
	p, q := (s*cc-c*sc)/det, (c*ss-s*sc)/det
	other := make([]float32, len(x))
	for i, v := range x {
		a, b := math.Sincos(2 * math.Pi * hz * float64(i) / rate)
		other[i] = float32(float64(v) - p*a - q*b)
	}
	return math.Hypot(p, q), rms(other)
}

func rms(x []float32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(x)))
}

var ratePairs = [][2]int{{8000, 16000}, {16000, 8000}, {44100, 16000}, {48000, 8000}, {11025, 16000}, {16000, 44100}, {7919, 8000}}

// TestResampleTones: within the pass band a tone keeps its amplitude to 0.1 dB, and
// is still that tone; what would fold back is 60 dB down, and so are mirror images.
func TestResampleTones(t *testing.T) {
	pairs := ratePairs
	if testing.Short() {
		pairs = pairs[1:3]
	}
	for _, pair := range pairs {
		from, to := float64(pair[0]), float64(pair[1])
		r, err := NewResampler(pair[0], pair[1])
		if err != nil {
			t.Fatal(err)
		}
		n := int(from / 4)
		half := math.Min(from, to) / 2
		for _, share := range []float64{0.01, 0.1, 0.31, 0.5, 0.77, 0.89} {
			x := sine(share*half, from, n)
			y := make([]float32, r.Len(n))
			r.Apply(y, x)
			got, rest := project(inner(y), share*half, to)
			if db := 20 * math.Log10(got); !(math.Abs(db) < 0.1) {
				t.Errorf("%v, tone at %g of half the lower rate: %.3f dB", pair, share, db)
			}
			if db := 20 * math.Log10(math.Sqrt2*rest); !(db < -60) {
				t.Errorf("%v, tone at %g of half the lower rate: %.1f dB of something else", pair, share, db)
			}
		}
		if to > from {
			continue
		}
		for hz := half * 1.001; hz < from/2; hz += from / 37 {
			x := sine(hz, from, n)
			y := make([]float32, r.Len(n))
			r.Apply(y, x)
			if db := 20 * math.Log10(math.Sqrt2*rms(inner(y))); !(db < -60) {
				t.Errorf("%v: a tone of %.0f Hz folds back at %.1f dB", pair, hz, db)
			}
		}
	}
}

// TestResampleNaive compares with the sum of the formula, ends included.
func TestResampleNaive(t *testing.T) {
	for _, pair := range ratePairs {
		for _, n := range []int{1, 2, 37, 500} {
			r, err := NewResampler(pair[0], pair[1])
			if err != nil {
				t.Fatal(err)
			}
			x := numtest.Normal(3, n)
			y, want := make([]float32, r.Len(n)), make([]float64, r.Len(n))
			r.Apply(y, x)
			c := cutoff * math.Min(1, float64(pair[1])/float64(pair[0]))
			h := func(d float64) float64 {
				if math.Abs(d) > float64(r.half) {
					return 0
				}
				return c * sinc(c*d) * kaiser(d/float64(r.half))
			}
			for m := range want {
				at := float64(m) * float64(pair[0]) / float64(pair[1])
				for k, v := range x {
					want[m] += float64(v) * h(at-float64(k))
				}
			}
			// Each phase is scaled to sum to 1, which moves a result by its ripple.
			numtest.Close(t, fmt.Sprintf("%v, %d samples", pair, n), y, want, 1e-3)
		}
	}
}

func TestResampleIdentity(t *testing.T) {
	r, err := NewResampler(8000, 8000)
	if err != nil {
		t.Fatal(err)
	}
	x := numtest.Normal(1, 100)
	y := make([]float32, r.Len(100))
	r.Apply(y, x)
	numtest.BitEqual(t, "the same rate", y, x)
	if r, err = NewResampler(3, 2); err != nil || r.Len(4) != 3 || r.Len(3) != 2 || r.Len(1) != 1 {
		t.Errorf("lengths %d %d %d, %v", r.Len(4), r.Len(3), r.Len(1), err)
	}
}

func TestResampleRefuses(t *testing.T) {
	if _, err := NewResampler(999983, 999979); err == nil || !strings.Contains(err.Error(), "common factor") {
		t.Errorf("%v", err)
	}
	if _, err := NewResampler(0, 8000); err == nil {
		t.Error("no rate was accepted")
	}
}

func BenchmarkResample(b *testing.B) {
	r, err := NewResampler(44100, 16000)
	if err != nil {
		b.Fatal(err)
	}
	x := numtest.Normal(1, 44100)
	y := make([]float32, r.Len(len(x)))
	for b.Loop() {
		r.Apply(y, x)
	}
	b.ReportMetric(float64(len(y))*float64(b.N)/b.Elapsed().Seconds()/1e6, "Msamples/s")
}
