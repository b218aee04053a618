package fft

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
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

// matrix is a rows x cols matrix within a larger buffer full of guard values:
// NaN to catch reads, or the sentinel to catch writes outside of it.
type matrix struct {
	Data       []float32
	stride     int
	rows, cols int
	buf        []float32 // Data is buf[at:]
	at         int
	guard      float32
	rng        *rand.Rand
}

func newMatrix(rng *rand.Rand, rows, cols int, guard float32) *matrix {
	m := &matrix{at: 40 + rng.IntN(17), stride: cols + rng.IntN(3)*7, rows: rows, cols: cols, guard: guard, rng: rng}
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
			m.Data[r*m.stride+c] = float32(m.rng.NormFloat64())
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

// basis returns the function basis(k, j) = re + i*im of the package comment.
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

// weight is what testWeights give bin k.
func (p *Plan) weight(k int) float64 {
	if k == 0 || p.kind == DFT && 2*k == p.n || p.kind == DCT1 && k == p.n-1 {
		return float64(testWeights.Ends)
	}
	return float64(testWeights.Inner)
}

// eps is the unit roundoff of float32.
const eps = 1.0 / (1 << 24)

// tolerance bounds the error of an output element. Each of the log2(n) levels
// of a transform adds errors of about eps relative to the norm of what it
// holds, and the norm of all n outputs is √n times that of the inputs, so eps
// times the norm of the inputs falls on each output. That the errors of the
// levels add up is the worst case; they measure a sixth of it. A chirp runs
// two transforms and three products.
func tolerance(p *Plan, norm float64) float64 {
	levels := math.Log2(float64(p.fourier.rows)) + 2
	if p.fourier.chirp != nil {
		levels = 2*levels + 3
	}
	return eps * levels * norm
}

var sizes = func() []int {
	var s []int
	for n := 1; n <= 70; n++ {
		s = append(s, n)
	}
	return append(s, 77, 91, 121, 127, 128, 143, 169, 257, 338, 1000, 1009, 1024, 4096)
}()

// TestReference holds every level to sums in float64, over NaN around the
// inputs and in scratch, sentinels around the outputs, odd strides and offsets.
func TestReference(t *testing.T) {
	widths := []int{1, 2, 3, 15, 16, 17, 31, 32, 33, 50, 64}
	references := map[string][]float64{}
	eachLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2)) // the same values on every level
		for _, kind := range kinds {
			for i, n := range sizes {
				if kind == DCT1 && n < 2 {
					continue
				}
				for v := range 4 {
					if n > 200 && v > 1 {
						break
					}
					c := testCase{t: t, rng: rng, p: New(kind, n), rows: n, references: references}
					c.cols = widths[(i*5+v*3)%len(widths)]
					if v == 3 {
						c.cols = 32
					}
					if v == 1 {
						c.rows = rng.IntN(n + 1)
					}
					c.add = (i+v)%2 == 0
					c.name = fmt.Sprintf("%v n=%d rows=%d cols=%d add=%v (%d)", kind, n, c.rows, c.cols, c.add, v)
					c.forward()
					c.adjoint()
				}
			}
		}
	})
}

type testCase struct {
	t          *testing.T
	rng        *rand.Rand
	p          *Plan
	rows, cols int
	add        bool
	name       string
	references map[string][]float64 // shared by the levels
}

// check compares got with the reference, less old where Forward or Adjoint
// adds.
func (c *testCase) check(what string, tol float64, got, old func(i int) float64, reference func() []float64) {
	c.t.Helper()
	want, ok := c.references[c.name+what]
	if !ok {
		want = reference()
		c.references[c.name+what] = want
	}
	for i, w := range want {
		if c.add {
			w += old(i)
		}
		if g := got(i); !(math.Abs(g-w) <= tol) {
			c.t.Fatalf("%s: %s[%d] = %v, want %v ± %v", c.name, what, i, g, w, tol)
		}
	}
}

// sample lists the columns to check against the reference.
func (c *testCase) sample() []int {
	if c.p.n > 200 {
		return []int{0, c.cols - 1}
	}
	all := make([]int, c.cols)
	for i := range all {
		all[i] = i
	}
	return all
}

var testWeights = Weights{0.7, 1.3}

func (c *testCase) forward() {
	c.t.Helper()
	p := c.p
	x := newMatrix(c.rng, c.rows, c.cols, float32(math.NaN())).fill()
	width, imag := spectrumCols(p.kind, c.cols)
	dst := newMatrix(c.rng, p.Bins(), width, sentinel)
	if c.add {
		dst.fill()
	}
	old := slices.Clone(dst.Data)
	p.Forward(Spectrum{dst.Data, dst.stride, imag}, Block{x.Data, x.stride}, c.rows, c.cols, testWeights, c.add, dirty(c.rng, p))
	dst.checkGuards(c.t)
	tol := tolerance(p, 1.3*norm(x, func(int) float64 { return 1 })) + 8*eps
	f := basis(p.kind, p.n)
	for _, col := range c.sample() {
		c.check(fmt.Sprint("re of column ", col), tol,
			func(k int) float64 { return float64(dst.Data[k*dst.stride+col]) },
			func(k int) float64 { return float64(old[k*dst.stride+col]) },
			func() []float64 {
				want := make([]float64, p.Bins())
				for k := range want {
					for j := range c.rows {
						re, _ := f(k, j)
						want[k] += re * x.at64(j, col)
					}
					want[k] *= p.weight(k)
				}
				return want
			})
		if p.kind != DFT {
			continue
		}
		c.check(fmt.Sprint("im of column ", col), tol,
			func(k int) float64 { return float64(dst.Data[k*dst.stride+imag+col]) },
			func(k int) float64 { return float64(old[k*dst.stride+imag+col]) },
			func() []float64 {
				want := make([]float64, p.Bins())
				for k := range want {
					for j := range c.rows {
						_, im := f(k, j)
						want[k] += im * x.at64(j, col)
					}
					want[k] *= p.weight(k)
				}
				return want
			})
	}
	for k := range p.Bins() {
		for i := c.cols; i < imag; i++ {
			if at := k*dst.stride + i; dst.Data[at] != old[at] {
				c.t.Fatalf("%s: wrote between the parts of bin %d", c.name, k)
			}
		}
	}
}

func (c *testCase) adjoint() {
	c.t.Helper()
	p := c.p
	width, imag := spectrumCols(p.kind, c.cols)
	x := newMatrix(c.rng, p.Bins(), width, float32(math.NaN())).fill()
	dst := newMatrix(c.rng, c.rows, c.cols, sentinel)
	if c.add {
		dst.fill()
	}
	old := slices.Clone(dst.Data)
	p.Adjoint(Block{dst.Data, dst.stride}, Spectrum{x.Data, x.stride, imag}, c.rows, c.cols, testWeights, c.add, dirty(c.rng, p))
	dst.checkGuards(c.t)
	tol := tolerance(p, math.Sqrt2*norm(x, p.weight)) + 8*eps
	f := basis(p.kind, p.n)
	for _, col := range c.sample() {
		c.check(fmt.Sprint("column ", col), tol,
			func(j int) float64 { return float64(dst.Data[j*dst.stride+col]) },
			func(j int) float64 { return float64(old[j*dst.stride+col]) },
			func() []float64 {
				want := make([]float64, c.rows)
				for j := range want {
					for k := range p.Bins() {
						re, im := f(k, j)
						v := re * x.at64(k, col)
						if p.kind == DFT && k != 0 && 2*k != p.n {
							v += im * x.at64(k, imag+col)
						}
						want[j] += v * p.weight(k)
					}
				}
				return want
			})
	}
}

// norm bounds the norm of A + iB for any two columns of m.
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
	return math.Sqrt(2 * worst)
}
