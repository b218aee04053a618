package sound

import (
	"fmt"
	"math"

	"github.com/orchid-seq/orchid/internal/vec"
)

// A Resampler changes the number of samples a second. It is immutable and safe
// for concurrent use.
//
// It is a polyphase filter: a sinc under a Kaiser window (beta 7.86), with
// crossings zero crossings on each side. Up to 0.9 of half the lower rate, tones
// keep their amplitude to 0.01 dB; from half the lower rate on, what would
// fold back is at least 75 dB down. Beyond its ends a sound counts as silence.
type Resampler struct {
	up, down int // samples out for samples in, without a common factor
	half     int // taps on each side
	taps     []float32
}

const (
	crossings = 52    // of the sinc: they make the step from pass band to stop band
	cutoff    = 0.95  // of half the lower rate: the middle of that step
	beta      = 7.857 // 80 dB by Kaiser's formula, 0.1102 (80 - 8.7)

	// maxTaps bounds the table of all phases, 64 MB.
	maxTaps = 16 << 20
)

// NewResampler returns what makes `to` samples a second of `from`. The error says that
// the two have too little in common for a table.
func NewResampler(from, to int) (*Resampler, error) {
	if from < 1 || to < 1 {
		return nil, fmt.Errorf("%d to %d samples a second: want at least 1", from, to)
	}
	g := gcd(from, to)
	r := &Resampler{up: to / g, down: from / g}
	if r.up == r.down {
		return r, nil
	}
	c := cutoff * math.Min(1, float64(to)/float64(from)) // of half the rate of the input
	r.half = int(math.Ceil(crossings / c))
	if r.up > maxTaps/(2*r.half) {
		return nil, fmt.Errorf("%d to %d samples a second: have no large enough common factor to be changed into each other; choose another sample-rate", from, to)
	}
	r.taps = make([]float32, 0, r.up*2*r.half)
	phase := make([]float64, 2*r.half)
	for p := range r.up {
		sum := 0.0
		for k := range phase {
			t := float64(k-r.half+1) - float64(p)/float64(r.up) // from the place of the result
			phase[k] = sinc(c*t) * kaiser(t/float64(r.half))
			sum += phase[k]
		}
		for _, v := range phase {
			r.taps = append(r.taps, float32(v/sum)) // a constant stays what it is
		}
	}
	return r, nil
}

// Len returns how many samples n samples become: n to / from, rounded up.
func (r *Resampler) Len(n int) int { return (n*r.up + r.down - 1) / r.down }

// Apply writes the sound x at the new rate,
//
//	dst[m] = Σ_k x[k] h(m down/up - k)
//
// where h is the filter. It panics unless dst holds Len(len(x)) samples.
func (r *Resampler) Apply(dst, x []float32) {
	if len(dst) != r.Len(len(x)) {
		panic(fmt.Sprintf("sound: Resampler: dst holds %d samples, want %d", len(dst), r.Len(len(x))))
	}
	if r.taps == nil {
		copy(dst, x)
		return
	}
	padded := make([]float32, len(x)+2*r.half) // silence before and behind
	copy(padded[r.half:], x)
	for m := range dst {
		at, phase := m*r.down/r.up, m*r.down%r.up
		taps := r.taps[phase*2*r.half:][:2*r.half]
		dst[m] = float32(vec.Dot(taps, padded[at+1:][:2*r.half]))
	}
}

func sinc(t float64) float64 {
	if t == 0 {
		return 1
	}
	return math.Sin(math.Pi*t) / (math.Pi * t)
}

// kaiser is the window at t, which it is within -1 to 1.
func kaiser(t float64) float64 {
	return bessel(beta*math.Sqrt(math.Max(0, 1-t*t))) / bessel(beta)
}

// bessel is the modified Bessel function I0, by its series.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-17*sum; k++ {
		term *= x / (2 * k) * x / (2 * k)
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}
