package fft

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/orchid-seq/orchid/internal/cpu"
)

var kinds = []Kind{DFT, DCT1, DCT2}

// sentinel fills memory that must stay untouched.
const sentinel = -12345.5

// eachLevel runs f on every kernel level of this CPU.
func eachLevel(t *testing.T, f func(t *testing.T)) {
	for _, l := range cpu.Levels {
		t.Run(l.String(), func(t *testing.T) {
			if l > cpu.Best() {
				t.Skip("level not available on this CPU")
			}
			defer cpu.Limit(l)()
			f(t)
		})
	}
}

// matrix is a rows x cols matrix within a larger buffer full of guard values.
type matrix struct {
	buf        []float32
	at, stride int
	rows, cols int
	guard      float32
	Data       []float32
	random     *rand.Rand
}

func newMatrix(rng *rand.Rand, rows, cols int, guard float32) *matrix {
	m := &matrix{at: 40 + rng.IntN(17), stride: cols + rng.IntN(3)*7, rows: rows, cols: cols, guard: guard, random: rng}
	m.buf = make([]float32, m.at+rows*m.stride+40)
	for i := range m.buf {
		m.buf[i] = guard
	}
	end := m.at + max(0, (rows-1)*m.stride+cols)
	m.Data = m.buf[m.at:end:end]
	return m
}

func (m *matrix) fill() *matrix {
	for r := range m.rows {
		for c := range m.cols {
			m.Data[r*m.stride+c] = float32(m.random.NormFloat64())
		}
	}
	return m
}

func (m *matrix) at64(r, c int) float64 { return float64(m.Data[r*m.stride+c]) }

// checkGuards reports writes outside of the matrix, for a guard that is not NaN.
func (m *matrix) checkGuards(t *testing.T) {
	t.Helper()
	for i, v := range m.buf {
		r, c := (i-m.at)/m.stride, (i-m.at)%m.stride
		if inside := i >= m.at && r < m.rows && c < m.cols; !inside && v != m.guard {
			t.Fatalf("wrote %v outside of the matrix, at row %d column %d", v, r, c)
		}
	}
}

// spectrumCols returns the columns of a matrix that holds spectra of cols
// columns, and where imaginary parts start.
func spectrumCols(kind Kind, cols int) (width, imag int) {
	if kind == DFT {
		return 2*cols + 3, cols + 3
	}
	return cols, 0
}

func dirty(rng *rand.Rand, p *Plan) []float32 {
	off := rng.IntN(16)
	s := make([]float32, off+p.Scratch())
	for i := range s {
		s[i] = float32(math.NaN())
	}
	return s[off:]
}

// basis returns the cosines and sines of the reference: basis(k, j) of n is
// cos[k*j' % len] - i sin[...].
func basis(kind Kind, n int) func(k, j int) (re, im float64) {
	period := n
	switch kind {
	case DCT1:
		period = 2 * (n - 1)
	case DCT2:
		period = 4 * n
	}
	cos, sin := make([]float64, period), make([]float64, period)
	for i := range cos {
		sin[i], cos[i] = math.Sincos(2 * math.Pi * float64(i) / float64(period))
	}
	return func(k, j int) (re, im float64) {
		switch kind {
		case DCT1:
			return cos[k*j%period], 0
		case DCT2:
			return cos[k*(2*j+1)%period], 0
		}
		return cos[k*j%period], -sin[k*j%period]
	}
}

func (p *Plan) weight(w Weights, k int) float64 {
	if k == 0 || p.kind == DFT && 2*k == p.n || p.kind == DCT1 && k == p.n-1 {
		return float64(w.Ends)
	}
	return float64(w.Inner)
}

// eps is the unit roundoff of float32.
const eps = 1.0 / (1 << 24)

// tolerance bounds the error of one output element. Each of the log2(n) levels
// of a transform adds an error of a few eps relative to the norm of the level,
// which is that of the input times √n over all outputs, so about the norm of
// the input in each one; errors of different signs add up as a random walk, so
// the factor 4 is ample. Bluestein runs two transforms over vectors whose norm
// grows by √(m/n) at most.
func tolerance(p *Plan, norm float64) float64 {
	levels := math.Log2(float64(p.fourier.room())) + 2
	if p.fourier.chirp != nil {
		levels *= 3
	}
	return 4 * eps * levels * norm
}

var sizes = func() []int {
	var s []int
	for n := 1; n <= 70; n++ {
		s = append(s, n)
	}
	return append(s, 77, 91, 121, 127, 128, 143, 169, 257, 338, 1000, 1009, 1024, 4096)
}()

func TestForwardAdjoint(t *testing.T) {
	allCols := []int{1, 2, 3, 15, 16, 17, 31, 32, 33, 50, 64}
	eachLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, kind := range kinds {
			for i, n := range sizes {
				if kind == DCT1 && n < 2 {
					continue
				}
				for v := range 4 {
					if n > 1000 && v > 1 {
						break
					}
					cols := allCols[(i*5+v*3)%len(allCols)]
					if v == 3 {
						cols = 32
					}
					rows := n
					if v == 1 {
						rows = rng.IntN(n + 1)
					}
					add := (i+v)%2 == 0
					p := New(kind, n)
					checkForward(t, rng, p, rows, cols, add)
					checkAdjoint(t, rng, p, rows, cols, add)
				}
			}
		}
	})
}

// sample lists the columns to check against the O(n²) reference.
func sample(n, cols int) []int {
	if n < 200 {
		all := make([]int, cols)
		for c := range all {
			all[c] = c
		}
		return all
	}
	return []int{0, cols - 1, cols / 2}
}

func norm(m *matrix, weight func(r int) float64) float64 {
	var worst float64
	for c := range m.cols {
		var s float64
		for r := range m.rows {
			x := weight(r) * m.at64(r, c)
			s += x * x
		}
		worst = max(worst, s)
	}
	return math.Sqrt(2 * worst) // of A + iB
}

func checkForward(t *testing.T, rng *rand.Rand, p *Plan, rows, cols int, add bool) {
	t.Helper()
	w := Weights{0.7, 1.3}
	nan := float32(math.NaN())
	x := newMatrix(rng, rows, cols, nan).fill()
	width, imag := spectrumCols(p.kind, cols)
	dst := newMatrix(rng, p.Bins(), width, sentinel)
	if add {
		dst.fill()
	}
	old := append([]float32(nil), dst.Data...)
	p.Forward(Spectrum{dst.Data, dst.stride, imag}, Block{x.Data, x.stride}, rows, cols, w, add, dirty(rng, p))
	dst.checkGuards(t)
	f := basis(p.kind, p.n)
	tol := tolerance(p, 1.3*norm(x, func(int) float64 { return 1 })) + 4*eps*8
	for _, c := range sample(p.n, cols) {
		for k := range p.Bins() {
			var re, im float64
			for j := range rows {
				a, b := f(k, j)
				re += a * x.at64(j, c)
				im += b * x.at64(j, c)
			}
			wk := p.weight(w, k)
			re, im = re*wk, im*wk
			i := k*dst.stride + c
			if add {
				re += float64(old[i])
				if p.kind == DFT {
					im += float64(old[i+imag])
				}
			}
			if got := float64(dst.Data[i]); !(math.Abs(got-re) <= tol) {
				t.Fatalf("%v n=%d rows=%d cols=%d add=%v: re[%d, %d] = %v, want %v ± %v", p.kind, p.n, rows, cols, add, k, c, got, re, tol)
			}
			if p.kind != DFT {
				continue
			}
			if got := float64(dst.Data[i+imag]); !(math.Abs(got-im) <= tol) {
				t.Fatalf("%v n=%d rows=%d cols=%d add=%v: im[%d, %d] = %v, want %v ± %v", p.kind, p.n, rows, cols, add, k, c, got, im, tol)
			}
		}
	}
	for k := range p.Bins() {
		for c := cols; p.kind == DFT && !add && c < imag; c++ {
			if got := dst.Data[k*dst.stride+c]; got != sentinel {
				t.Fatalf("%v n=%d cols=%d: wrote between the parts of bin %d", p.kind, p.n, cols, k)
			}
		}
	}
}

func checkAdjoint(t *testing.T, rng *rand.Rand, p *Plan, rows, cols int, add bool) {
	t.Helper()
	w := Weights{0.7, 1.3}
	width, imag := spectrumCols(p.kind, cols)
	x := newMatrix(rng, p.Bins(), width, float32(math.NaN())).fill()
	for k := range p.Bins() {
		for c := cols; p.kind == DFT && c < imag; c++ {
			x.Data[k*x.stride+c] = 0 // seen by norm, not by Adjoint
		}
	}
	dst := newMatrix(rng, rows, cols, sentinel)
	if add {
		dst.fill()
	}
	old := append([]float32(nil), dst.Data...)
	p.Adjoint(Block{dst.Data, dst.stride}, Spectrum{x.Data, x.stride, imag}, rows, cols, w, add, dirty(rng, p))
	dst.checkGuards(t)
	f := basis(p.kind, p.n)
	tol := tolerance(p, math.Sqrt2*norm(x, func(k int) float64 { return p.weight(w, k) })) + 4*eps*8
	for _, c := range sample(p.n, cols) {
		for j := range rows {
			var want float64
			for k := range p.Bins() {
				a, b := f(k, j)
				v := a * x.at64(k, c)
				if p.kind == DFT && p.weight(w, k) != float64(w.Ends) {
					v += b * x.at64(k, c+imag)
				}
				want += v * p.weight(w, k)
			}
			i := j*dst.stride + c
			if add {
				want += float64(old[i])
			}
			if got := float64(dst.Data[i]); !(math.Abs(got-want) <= tol) {
				t.Fatalf("%v n=%d rows=%d cols=%d add=%v: x[%d, %d] = %v, want %v ± %v", p.kind, p.n, rows, cols, add, j, c, got, want, tol)
			}
		}
	}
}

func ExamplePlan() {
	p := New(DFT, 6)
	x := []float32{1, 2, 3, 4, 5, 6} // six rows of one column
	bins := make([]float32, 2*p.Bins())
	scratch := make([]float32, p.Scratch())
	spectrum := Spectrum{Data: bins, Stride: 2, Imag: 1}
	p.Forward(spectrum, Block{x, 1}, 6, 1, Weights{1, 1}, false, scratch)
	fmt.Printf("%.3f\n", bins)
	p.Adjoint(Block{x, 1}, spectrum, 6, 1, Weights{1. / 6, 2. / 6}, false, scratch)
	fmt.Printf("%.3f\n", x)
	// Output:
	// [21.000 0.000 -3.000 5.196 -3.000 1.732 -3.000 0.000]
	// [1.000 2.000 3.000 4.000 5.000 6.000]
}
