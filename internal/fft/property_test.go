package fft

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// spectrumOf returns a zero spectrum for cols columns of p.
func spectrumOf(p *Plan, cols int) Spectrum {
	if p.kind == DFT {
		return Spectrum{make([]float32, p.Bins()*2*cols), 2 * cols, cols}
	}
	return Spectrum{make([]float32, p.Bins()*cols), cols, 0}
}

// inverse returns the weights with which Adjoint undoes Forward with weights
// forward.
func inverse(kind Kind, n int) (forward, back Weights) {
	switch kind {
	case DFT:
		return Weights{1, 1}, Weights{1 / float32(n), 2 / float32(n)}
	case DCT2:
		w := Weights{float32(math.Sqrt(1 / float64(n))), float32(math.Sqrt(2 / float64(n)))}
		return w, w
	}
	panic("fft: no inverse of " + kind.String())
}

func normal(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func roundTrip(t *testing.T, rng *rand.Rand, kind Kind, n, cols int) {
	t.Helper()
	p := New(kind, n)
	x, y, s, scratch := normal(rng, n*cols), make([]float32, n*cols), spectrumOf(p, cols), dirty(rng, p)
	forward, back := inverse(kind, n)
	p.Forward(s, Block{x, cols}, n, cols, forward, false, scratch)
	p.Adjoint(Block{y, cols}, s, n, cols, back, false, scratch)
	// Two transforms, whose scaled errors spread over n rows.
	tol := 2 * tolerance(p, 10)
	for i := range x {
		if !(math.Abs(float64(x[i]-y[i])) <= tol) {
			t.Fatalf("%v n=%d cols=%d: row %d column %d = %v, want %v ± %v", kind, n, cols, i/cols, i%cols, y[i], x[i], tol)
		}
	}
}

// TestLong goes where an O(n²) reference cannot: a power of two, and a prime.
func TestLong(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		roundTrip(t, rng, DFT, 1<<17, 3)
		roundTrip(t, rng, DFT, 131071, 2)
		roundTrip(t, rng, DCT2, 1<<16, 32)
	})
}

// TestSingleBin compares a long transform of a pure wave with what it must be,
// which a round trip would not: both ways could be wrong alike.
func TestSingleBin(t *testing.T) {
	const n, k = 100_000, 12_345
	p := New(DFT, n)
	x := make([]float32, n)
	for j := range x {
		c, s := root(j*k%n, n)
		x[j] = float32(c + 2*s)
	}
	s := spectrumOf(p, 1)
	p.Forward(s, Block{x, 1}, n, 1, Weights{1. / n, 2. / n}, false, make([]float32, p.Scratch()))
	for i := range p.Bins() {
		var re, im float64
		if i == k {
			re, im = 1, -2
		}
		if d := math.Hypot(float64(s.Data[2*i])-re, float64(s.Data[2*i+1])-im); !(d <= 1e-6) {
			t.Fatalf("bin %d is off by %v", i, d)
		}
	}
}

func TestAdjointIsTranspose(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 6))
		for _, kind := range kinds {
			for _, n := range []int{2, 3, 12, 35, 100, 127, 130, 512, 1001} {
				rows, cols := n-n/3, 1+rng.IntN(40)
				p := New(kind, n)
				s, scratch := spectrumOf(p, cols), dirty(rng, p)
				x, y := normal(rng, rows*cols), normal(rng, len(s.Data))
				back := make([]float32, rows*cols)
				p.Forward(s, Block{x, cols}, rows, cols, testWeights, false, scratch)
				p.Adjoint(Block{back, cols}, Spectrum{y, s.Stride, s.Imag}, rows, cols, testWeights, false, scratch)
				var a, b, size float64
				for i, v := range s.Data {
					a += float64(v) * float64(y[i])
					size += math.Abs(float64(v) * float64(y[i]))
				}
				for i, v := range x {
					b += float64(v) * float64(back[i])
				}
				if tol := tolerance(p, size); !(math.Abs(a-b) <= tol) {
					t.Errorf("%v n=%d rows=%d cols=%d: <Fx, y> = %v, <x, F'y> = %v", kind, n, rows, cols, a, b)
				}
			}
		}
	})
}

// TestPlacement checks that a tile's bits do not depend on where it lies.
func TestPlacement(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 8))
		for _, kind := range kinds {
			for _, n := range []int{8, 30, 77, 101, 256} {
				for _, cols := range []int{5, 32} {
					p := New(kind, n)
					x := normal(rng, n*cols)
					run := func(before int) (s Spectrum, back []float32) {
						wide := before + cols
						src := newMatrix(rng, n, wide, 0).fill()
						for i := range n {
							copy(src.Data[i*src.stride+before:][:cols], x[i*cols:][:cols])
						}
						all, out := spectrumOf(p, wide), newMatrix(rng, n, wide, 0)
						p.Forward(all, Block{src.Data, src.stride}, n, wide, testWeights, false, dirty(rng, p))
						p.Adjoint(Block{out.Data, out.stride}, all, n, wide, testWeights, false, dirty(rng, p))
						s = spectrumOf(p, cols)
						for k := range p.Bins() {
							copy(s.Data[k*s.Stride:][:cols], all.Data[k*all.Stride+before:])
							copy(s.Data[k*s.Stride+s.Imag:][:cols], all.Data[k*all.Stride+all.Imag+before:])
						}
						for i := range n {
							back = append(back, out.Data[i*out.stride+before:][:cols]...)
						}
						return s, back
					}
					s, back := run(0)
					for range 3 {
						s2, back2 := run(TileCols)
						if !slices.Equal(s.Data, s2.Data) || !slices.Equal(back, back2) {
							t.Fatalf("%v n=%d cols=%d: the bits depend on the place", kind, n, cols)
						}
					}
				}
			}
		}
	})
}

// TestNaN checks that a NaN reaches all that depends on it, and no other tile.
func TestNaN(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, kind := range kinds {
			for _, n := range []int{2, 9, 64, 67} {
				const cols, bad = 40, 35
				rng := rand.New(rand.NewPCG(9, 10))
				p := New(kind, n)
				x := normal(rng, n*cols)
				x[(n-1)*cols+bad] = float32(math.NaN())
				s, scratch := spectrumOf(p, cols), dirty(rng, p)
				p.Forward(s, Block{x, cols}, n, cols, Weights{1, 1}, false, scratch)
				for k := range p.Bins() {
					for c := range cols {
						got := s.Data[k*s.Stride+c]
						if isNaN := got != got; c == bad && !isNaN || c < TileCols && isNaN {
							t.Fatalf("%v n=%d: bin %d of column %d = %v", kind, n, k, c, got)
						}
					}
				}
				p.Adjoint(Block{x, cols}, s, n, cols, Weights{1, 1}, false, scratch)
				for i, got := range x {
					if isNaN := got != got; i%cols == bad && !isNaN || i%cols < TileCols && isNaN {
						t.Fatalf("%v n=%d: row %d of column %d = %v", kind, n, i/cols, i%cols, got)
					}
				}
			}
		}
	})
}

func TestRecipes(t *testing.T) {
	for _, want := range []recipe{
		{n: 1},
		{n: 2, radices: []int{2}},
		{n: 3, radices: []int{3}},
		{n: 6, radices: []int{3, 2}},
		{n: 16, radices: []int{4, 4}},
		{n: 32, radices: []int{8, 4}},
		{n: 360, radices: []int{8, 5, 3, 3}},
		{n: 1000, radices: []int{8, 5, 5, 5}},
		{n: 1024, radices: []int{8, 8, 4, 4}},
		{n: 2002, radices: []int{13, 11, 7, 2}},
		{n: 2 * 8191, conv: 32768},
		{n: 8200, conv: 17280},
		{n: 16000, radices: []int{8, 4, 4, 5, 5, 5}},
		{n: 40000, first: 200},
		{n: 65536, first: 256},
		{n: 131072, first: 512},
		{n: 17, conv: 36},
		{n: 1009, conv: 2048},
		{n: 131071, conv: 262144},
	} {
		if diff := cmp.Diff(want, design(want.n), cmp.AllowUnexported(recipe{})); diff != "" {
			t.Errorf("n=%d (-want +got):\n%s", want.n, diff)
		}
	}
}

func TestRoot(t *testing.T) {
	for _, n := range []int{1, 2, 3, 8, 12, 360, 1009} {
		// The angle of the reference is rounded, at up to 2π.
		for k := range 3 * n {
			c, s := root(k, n)
			ws, wc := math.Sincos(2 * math.Pi * float64(k%n) / float64(n))
			if !(math.Abs(c-wc) <= 2e-15 && math.Abs(s-ws) <= 2e-15) {
				t.Fatalf("root(%d, %d) = %v, %v, want %v, %v", k, n, c, s, wc, ws)
			}
			if c2, s2 := root(2*n*n-k, n); k > 0 && (c2 != c || s2 != -s) {
				t.Fatalf("root(%d, %d) is not the mirror image of root(%d, %d)", -k, n, k, n)
			}
		}
	}
	if c, s := root(3, 4); c != 0 || s != -1 {
		t.Errorf("root(3, 4) = %v, %v", c, s)
	}
}

func TestPanics(t *testing.T) {
	p := New(DFT, 10)
	s, x, scratch := spectrumOf(p, 4), make([]float32, 40), make([]float32, p.Scratch())
	ok := func(s Spectrum, b Block, rows, cols int, scratch []float32) (panicked bool) {
		defer func() { panicked = recover() != nil }()
		p.Forward(s, b, rows, cols, Weights{1, 1}, false, scratch)
		return
	}
	if ok(s, Block{x, 4}, 10, 4, scratch) {
		t.Fatal("a proper call panics")
	}
	for name, panicked := range map[string]bool{
		"cols":           ok(s, Block{x, 4}, 10, 0, scratch),
		"rows":           ok(s, Block{x, 4}, 11, 4, scratch),
		"negative rows":  ok(s, Block{x, 4}, -1, 4, scratch),
		"stride":         ok(s, Block{x, 3}, 10, 4, scratch),
		"block":          ok(s, Block{x[:39], 4}, 10, 4, scratch),
		"spectrum":       ok(Spectrum{s.Data[:47], 8, 4}, Block{x, 4}, 10, 4, scratch),
		"imag":           ok(Spectrum{s.Data, 8, 3}, Block{x, 4}, 10, 4, scratch),
		"imag in stride": ok(Spectrum{make([]float32, 99), 8, 5}, Block{x, 4}, 10, 4, scratch),
		"scratch":        ok(s, Block{x, 4}, 10, 4, scratch[1:]),
		"length 0":       panics(func() { New(DFT, 0) }),
		"DCT1 of 1":      panics(func() { New(DCT1, 1) }),
		"kind":           panics(func() { New(3, 4) }),
	} {
		if !panicked {
			t.Errorf("%s: no panic", name)
		}
	}
}

func panics(f func()) (panicked bool) {
	defer func() { panicked = recover() != nil }()
	f()
	return
}

func TestNoAllocations(t *testing.T) {
	for _, kind := range kinds {
		for _, n := range []int{64, 67} {
			p := New(kind, n)
			const cols = 40
			x, s, scratch := make([]float32, n*cols), spectrumOf(p, cols), make([]float32, p.Scratch())
			if a := testing.AllocsPerRun(10, func() {
				p.Forward(s, Block{x, cols}, n, cols, Weights{1, 1}, false, scratch)
				p.Adjoint(Block{x, cols}, s, n, cols, Weights{1, 1}, true, scratch)
			}); a != 0 {
				t.Errorf("%v n=%d: %v allocations", kind, n, a)
			}
		}
	}
}

func FuzzRoundTrip(f *testing.F) {
	for _, n := range []uint16{1, 2, 30, 127, 1024} {
		f.Add(n, uint8(n*7), uint64(n))
	}
	f.Fuzz(func(t *testing.T, n uint16, cols uint8, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 1))
		for _, kind := range []Kind{DFT, DCT2} {
			roundTrip(t, rng, kind, 1+int(n)%5000, 1+int(cols)%70)
		}
	})
}

func ExamplePlan() {
	p := New(DFT, 6)
	x := []float32{1, 2, 3, 4, 5, 6} // six rows of one column
	s := Spectrum{Data: make([]float32, 2*p.Bins()), Stride: 2, Imag: 1}
	scratch := make([]float32, p.Scratch())
	p.Forward(s, Block{x, 1}, 6, 1, Weights{1, 1}, false, scratch)
	fmt.Printf("%.3f\n", s.Data)
	p.Adjoint(Block{x, 1}, s, 6, 1, Weights{1. / 6, 2. / 6}, false, scratch)
	fmt.Printf("%.3f\n", x)
	// Output:
	// [21.000 0.000 -3.000 5.196 -3.000 1.732 -3.000 0.000]
	// [1.000 2.000 3.000 4.000 5.000 6.000]
}
