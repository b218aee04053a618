package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/par"
)

const (
	eps      = 1.0 / (1 << 24) // unit roundoff of float32
	sentinel = 1234.5
)

var nan = float32(math.NaN())

// levels runs f on every kernel level of this machine.
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

// filled returns a matrix whose elements come from f, in row-major order.
// Everything about them, before, after and between the rows, is guard. The
// storage starts at any alignment.
func filled(rng *rand.Rand, rows, cols int, trans bool, guard float32, f func() float32) Matrix {
	m := Matrix{Rows: rows, Cols: cols, Trans: trans}
	r, c := rows, cols
	if trans {
		r, c = c, r
	}
	m.Stride = c + rng.IntN(9)
	lead := 16 + rng.IntN(16)
	all := make([]float32, lead+r*m.Stride+64)
	for i := range all {
		all[i] = guard
	}
	m.Data = all[lead : lead+max(0, (r-1)*m.Stride+c)]
	for i := range rows {
		for j := range cols {
			m.from(i, j)[0] = f()
		}
	}
	return m
}

func random(rng *rand.Rand, rows, cols int, trans bool) Matrix {
	return filled(rng, rows, cols, trans, nan, func() float32 { return rng.Float32()*2 - 0.9 })
}

// whole returns all the storage of a matrix made by filled, guards included.
func (m Matrix) whole() []float32 { return m.Data[:cap(m.Data)] }

func (m Matrix) at(i, j int) float32 { return m.from(i, j)[0] }

// sub returns the view of rows i0.. and columns j0.. of m.
func (m Matrix) sub(i0, j0, rows, cols int) Matrix {
	m.Data, m.Rows, m.Cols = m.from(i0, j0), rows, cols
	return m
}

// checkMul runs Mul on fresh operands and holds it to a float64 reference.
//
// The bound: a sum of K terms, in whatever order, errs by at most K eps of the
// sum of the |terms|, to first order; scale, bias and c are three roundings
// more.
func checkMul(t *testing.T, rng *rand.Rand, m, n, k int, ta, tb bool, e Epilogue) {
	t.Helper()
	a, b := random(rng, m, k, ta), random(rng, k, n, tb)
	c := filled(rng, m, n, false, sentinel, func() float32 { return nan })
	if e.Accumulate {
		c = filled(rng, m, n, false, sentinel, func() float32 { return rng.Float32() - 0.3 })
	}
	was := append([]float32(nil), c.Data...)
	Mul(c, a, b, e)
	scale := float64(e.Scale)
	if scale == 0 {
		scale = 1
	}
	for i := range m {
		for j := range n {
			var sum, size float64
			for p := range k {
				x := float64(a.at(i, p)) * float64(b.at(p, j))
				sum, size = sum+x, size+math.Abs(x)
			}
			sum, size = sum*scale, size*math.Abs(scale)
			if e.Bias != nil {
				sum, size = sum+float64(e.Bias[j]), size+math.Abs(float64(e.Bias[j]))
			}
			if e.Accumulate {
				x := float64(was[i*c.Stride+j])
				sum, size = sum+x, size+math.Abs(x)
			}
			if d, tol := math.Abs(float64(c.at(i, j))-sum), float64(k+3)*eps*size; !(d <= tol) {
				t.Fatalf("[%d, %d] x [%d, %d] trans %v %v %+v: c[%d, %d] = %v, want %v ± %v",
					m, k, k, n, ta, tb, e, i, j, c.at(i, j), sum, tol)
			}
			c.from(i, j)[0] = sentinel
		}
	}
	for i, v := range c.whole() {
		if v != sentinel {
			t.Fatalf("[%d, %d] x [%d, %d] trans %v %v: wrote outside c: storage[%d] = %v", m, k, k, n, ta, tb, i, v)
		}
	}
}

// epilogue returns one of all combinations.
func epilogue(rng *rand.Rand, n int) Epilogue {
	var e Epilogue
	e.Accumulate = rng.IntN(2) == 0
	if rng.IntN(2) == 0 {
		e.Bias = random(rng, 1, n, false).Data
	}
	if rng.IntN(2) == 0 {
		e.Scale = -0.37
	}
	return e
}

func TestMulSmall(t *testing.T) {
	levels(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for range 1500 {
			m, n, k := rng.IntN(41), rng.IntN(41), rng.IntN(41)
			if rng.IntN(4) == 0 {
				n += 60
			}
			checkMul(t, rng, m, n, k, rng.IntN(2) == 0, rng.IntN(2) == 0, epilogue(rng, n))
		}
	})
}

// TestMulLarge crosses every block size: kc, nc, the height of a rectangle and
// a round of split K; and strides at which strips of a are packed.
func TestMulLarge(t *testing.T) {
	levels(t, func(t *testing.T) {
		defer par.SetThreads(par.SetThreads(3))
		rng := rand.New(rand.NewPCG(3, 4))
		for _, s := range []struct{ m, n, k int }{
			{3, 5, 1000},
			{61, 70, 700},
			{1, 1300, 300},
			{500, 33, 31},
			{130, 1101, 40},
			{7, 19, 9001},
			{37, 35, 3000},
			{255, 130, 257},
			{15, 3, 1024},
		} {
			for trans := range 4 {
				checkMul(t, rng, s.m, s.n, s.k, trans&1 != 0, trans&2 != 0, epilogue(rng, s.n))
			}
		}
	})
}

// TestBits holds sub-blocks of a product to the product of the sub-blocks,
// bit for bit, with other strides, transposition and threads.
func TestBits(t *testing.T) {
	levels(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 6))
		for _, s := range []struct{ m, n, k int }{{45, 77, 20}, {70, 90, 600}, {150, 200, 64}, {20, 40, 6000}, {400, 130, 1500}} {
			for trial := range 8 {
				a, b := random(rng, s.m, s.k, trial&1 != 0), random(rng, s.k, s.n, trial&2 != 0)
				c := filled(rng, s.m, s.n, false, sentinel, rng.Float32)
				e := epilogue(rng, s.n)
				old := copied(rng, c, false)
				threads := par.SetThreads(1 + rng.IntN(4))
				Mul(c, a, b, e)
				par.SetThreads(1 + rng.IntN(4))
				for range 6 {
					i, j := rng.IntN(s.m), rng.IntN(s.n)
					m, n := 1+rng.IntN(s.m-i), 1+rng.IntN(s.n-j)
					if rng.IntN(3) == 0 {
						m = 1
					}
					part, pe := copied(rng, old.sub(i, j, m, n), false), e
					if e.Bias != nil {
						pe.Bias = e.Bias[j : j+n]
					}
					Mul(part,
						copied(rng, a.sub(i, 0, m, s.k), rng.IntN(2) == 0),
						copied(rng, b.sub(0, j, s.k, n), rng.IntN(2) == 0), pe)
					sameBits(t, part, c.sub(i, j, m, n))
				}
				par.SetThreads(threads)
			}
		}
	})
}

// TestBitsOfZero makes sums of zeros of both signs, whose sign depends on the
// order, or on a neutral element that is not one.
func TestBitsOfZero(t *testing.T) {
	levels(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 8))
		tiny := func() float32 { return [...]float32{1e-30, -1e-30, 0, nothing}[rng.IntN(4)] }
		zero := func() float32 { return [...]float32{0, nothing}[rng.IntN(2)] }
		for range 10 {
			const m, n, k = 9, 11, 5000
			a, b := filled(rng, m, k, false, nan, tiny), filled(rng, k, n, false, nan, tiny)
			c, e := filled(rng, m, n, false, sentinel, zero), epilogue(rng, n)
			if e.Bias != nil {
				e.Bias = filled(rng, 1, n, false, nan, zero).Data
			}
			d := copied(rng, c, false)
			threads := par.SetThreads(1)
			Mul(c, a, b, e)
			par.SetThreads(4)
			Mul(d, a, b, e)
			par.SetThreads(threads)
			sameBits(t, d, c)
		}
	})
}

// TestRounds splits K into more blocks than fit a round.
func TestRounds(t *testing.T) {
	levels(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(17, 18))
		const m, n, k = 180, 181, 17*256 + 100
		a, b := random(rng, m, k, true), random(rng, k, n, false)
		c := filled(rng, m, n, false, sentinel, rng.Float32)
		d, e := copied(rng, c, false), Epilogue{Accumulate: true, Scale: 1.3}
		threads := par.SetThreads(1)
		Mul(c, a, b, e)
		par.SetThreads(4)
		Mul(d, a, b, e)
		par.SetThreads(threads)
		sameBits(t, d, c)
	})
}

// copied returns a matrix with the elements of m, laid out anew.
func copied(rng *rand.Rand, m Matrix, trans bool) Matrix {
	at := 0
	return filled(rng, m.Rows, m.Cols, trans, nan, func() float32 {
		at++
		return m.at((at-1)/m.Cols, (at-1)%m.Cols)
	})
}

func sameBits(t *testing.T, got, want Matrix) {
	t.Helper()
	for i := range want.Rows {
		for j := range want.Cols {
			if g, w := got.at(i, j), want.at(i, j); math.Float32bits(g) != math.Float32bits(w) {
				t.Fatalf("%v: element (%d, %d) is %x, want %x", want, i, j, g, w)
			}
		}
	}
}

// TestNaN puts one NaN or Inf into an operand and wants it in its row or
// column of the product, even against zeros, and nowhere else.
func TestNaN(t *testing.T) {
	levels(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(9, 10))
		for _, bad := range []float32{nan, float32(math.Inf(1)), float32(math.Inf(-1))} {
			for trans := range 4 {
				const m, n, k = 33, 37, 300
				zero := func() float32 { return 0 }
				a, b := filled(rng, m, k, trans&1 != 0, nan, zero), filled(rng, k, n, trans&2 != 0, nan, zero)
				i, j, p := rng.IntN(m), rng.IntN(n), rng.IntN(k)
				c := filled(rng, m, n, false, sentinel, zero)
				a.from(i, p)[0] = bad
				Mul(c, a, b, Epilogue{})
				onlyNaN(t, c, i, -1)
				a.from(i, p)[0], b.from(p, j)[0] = 0, bad
				Mul(c, a, b, Epilogue{})
				onlyNaN(t, c, -1, j)
			}
		}
	})
}

func onlyNaN(t *testing.T, c Matrix, row, col int) {
	t.Helper()
	for i := range c.Rows {
		for j := range c.Cols {
			if v := c.at(i, j); (i == row || j == col) != (v != v) {
				t.Fatalf("NaN in row %d or column %d: c[%d, %d] = %v", row, col, i, j, v)
			}
		}
	}
}

func TestEmpty(t *testing.T) {
	c := Of([]float32{nan, nan, nan, nan}, 2, 2, 2)
	Mul(c, Of(nil, 2, 0, 0), Of(nil, 0, 2, 2), Epilogue{Bias: []float32{3, 4}})
	if got := fmt.Sprint(c.Data); got != "[3 4 3 4]" {
		t.Errorf("K = 0 with a bias: %v", got)
	}
	Mul(c, Of(nil, 2, 0, 0), Of(nil, 0, 2, 2), Epilogue{Bias: []float32{1, 2}, Accumulate: true, Scale: nan})
	if got := fmt.Sprint(c.Data); got != "[4 6 4 6]" {
		t.Errorf("K = 0, accumulating a bias: %v", got)
	}
	Mul(c, Of(nil, 2, 0, 0), Of(nil, 0, 2, 2), Epilogue{})
	if got := fmt.Sprint(c.Data); got != "[0 0 0 0]" {
		t.Errorf("K = 0: %v", got)
	}
	Mul(Of(nil, 0, 2, 2), Of(nil, 0, 3, 3), Of(make([]float32, 6), 3, 2, 2), Epilogue{})
	Mul(Of(nil, 2, 0, 0), Of(make([]float32, 6), 2, 3, 3), Of(nil, 3, 0, 5), Epilogue{})
}

func TestPanics(t *testing.T) {
	x := make([]float32, 12)
	m := Of(x, 3, 4, 4)
	for name, f := range map[string]func(){
		"short":    func() { Of(x, 3, 4, 5) },
		"stride":   func() { Of(x, 3, 4, 3) },
		"negative": func() { Of(x, -1, 4, 4) },
		"inner":    func() { Mul(Of(make([]float32, 12), 3, 4, 4), m, m, Epilogue{}) },
		"outer":    func() { Mul(Of(make([]float32, 12), 3, 4, 4), m, m.T(), Epilogue{}) },
		"trans":    func() { Mul(Of(make([]float32, 9), 3, 3, 3).T(), m, m.T(), Epilogue{}) },
		"bias":     func() { Mul(Of(make([]float32, 9), 3, 3, 3), m, m.T(), Epilogue{Bias: x}) },
		"view": func() {
			Mul(Of(make([]float32, 9), 3, 3, 3), Matrix{Data: x, Rows: 3, Cols: 5, Stride: 5}, m.T(), Epilogue{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

// TestAllocs wants no allocation once the pools are warm. On several threads
// there are those of par.For.
func TestAllocs(t *testing.T) {
	if raceEnabled {
		t.Skip("sync.Pool drops at random under the race detector")
	}
	defer par.SetThreads(par.SetThreads(1))
	rng := rand.New(rand.NewPCG(11, 12))
	for _, s := range []struct{ m, n, k int }{{200, 300, 100}, {16, 16, 5000}} {
		a, b := random(rng, s.m, s.k, false), random(rng, s.k, s.n, true)
		c := random(rng, s.m, s.n, false)
		if n := testing.AllocsPerRun(50, func() { Mul(c, a, b, Epilogue{}) }); n >= 1 {
			t.Errorf("%v: %v allocations a call", s, n)
		}
	}
}
