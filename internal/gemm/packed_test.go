package gemm

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/orchid-seq/orchid/internal/par"
)

// packed packs b into exactly PackedLen dirty floats between guards.
func packed(rng *rand.Rand, b Matrix) (p Packed, buf Matrix) {
	buf = filled(rng, 1, PackedLen(b.Rows, b.Cols), false, sentinel, func() float32 { return nan })
	return Pack(buf.Data, b), buf
}

// TestPackedBits holds products of blocks of rows with a packed b, on one thread or
// more, and serial ones to Mul, bit for bit, and wants nothing written outside c or the buffer.
func TestPackedBits(t *testing.T) {
	levels(t, func(t *testing.T) {
		defer par.SetThreads(par.SetThreads(3))
		rng := rand.New(rand.NewPCG(19, 20))
		shapes := [][3]int{{200, 64, 64}, {256, 64, 256}, {33, 1300, 300}, {7, 19, 900}, {100, 520, 513}, {14, 90, 4000}}
		for range 300 {
			shapes = append(shapes, [3]int{1 + rng.IntN(41), 1 + rng.IntN(90), 1 + rng.IntN(70)})
		}
		for _, s := range shapes {
			m, n, k := s[0], s[1], s[2]
			a, b := random(rng, m, k, rng.IntN(2) == 0), random(rng, k, n, rng.IntN(2) == 0)
			c, e := filled(rng, m, n, false, sentinel, rng.Float32), epilogue(rng, n)
			serial, blocks := copied(rng, c, false), filled(rng, m, n, false, sentinel, func() float32 { return nan })
			for i := range m {
				copy(blocks.from(i, 0)[:n], c.from(i, 0))
			}
			Mul(c, a, b, e)
			MulSerial(serial, a, b, e)
			sameBits(t, serial, c)
			p, buf := packed(rng, b)
			for i := 0; i < m; {
				rows := 1 + rng.IntN(m-i)
				mul := p.MulSerial
				if rng.IntN(2) == 0 {
					mul = p.Mul
				}
				mul(blocks.sub(i, 0, rows, n), copied(rng, a.sub(i, 0, rows, k), rng.IntN(2) == 0), e)
				i += rows
			}
			sameBits(t, blocks, c)
			for _, x := range []Matrix{blocks, buf} {
				for i := range x.Rows {
					for j := range x.Cols {
						x.from(i, j)[0] = sentinel
					}
				}
				for i, v := range x.whole() {
					if v != sentinel {
						t.Fatalf("%v: wrote outside: storage[%d] = %v", s, i, v)
					}
				}
			}
		}
	})
}

func TestPackedEmpty(t *testing.T) {
	buf := make([]float32, PackedLen(2, 3))
	c := Of([]float32{nan, nan, nan, nan}, 2, 2, 2)
	Pack(buf, Of(nil, 0, 2, 2)).Mul(c, Of(nil, 2, 0, 0), Epilogue{Bias: []float32{3, 4}})
	if got := fmt.Sprint(c.Data); got != "[3 4 3 4]" {
		t.Errorf("K = 0 with a bias: %v", got)
	}
	Pack(buf, Of(make([]float32, 6), 2, 3, 3)).Mul(Of(nil, 0, 3, 3), Of(nil, 0, 2, 2), Epilogue{})
	Pack(buf, Of(nil, 3, 0, 5)).Mul(Of(nil, 2, 0, 0), Of(make([]float32, 6), 2, 3, 3), Epilogue{})
}

func TestPackedNaN(t *testing.T) {
	levels(t, func(t *testing.T) {
		const m, n, k = 33, 37, 300
		rng := rand.New(rand.NewPCG(21, 22))
		zero := func() float32 { return 0 }
		for range 8 {
			a, b := filled(rng, m, k, false, nan, zero), filled(rng, k, n, rng.IntN(2) == 0, nan, zero)
			i, j, at := rng.IntN(m), rng.IntN(n), rng.IntN(k)
			c := filled(rng, m, n, false, sentinel, zero)
			p, _ := packed(rng, b)
			a.from(i, at)[0] = nan
			p.Mul(c, a, Epilogue{})
			onlyNaN(t, c, i, -1)
			a.from(i, at)[0], b.from(at, j)[0] = 0, nan
			p, _ = packed(rng, b)
			p.Mul(c, a, Epilogue{})
			onlyNaN(t, c, -1, j)
		}
	})
}

func TestPackedPanics(t *testing.T) {
	b := Of(make([]float32, 12), 3, 4, 4)
	p := Pack(make([]float32, PackedLen(3, 4)), b)
	square := Of(make([]float32, 16), 4, 4, 4)
	for name, f := range map[string]func(){
		"short":   func() { Pack(make([]float32, PackedLen(3, 4)-1), b) },
		"view":    func() { Pack(make([]float32, 1000), Matrix{Data: b.Data, Rows: 3, Cols: 5, Stride: 5}) },
		"inner":   func() { p.Mul(square, square, Epilogue{}) },
		"columns": func() { p.Mul(Of(make([]float32, 9), 3, 3, 3), Of(make([]float32, 9), 3, 3, 3), Epilogue{}) },
		"rows":    func() { p.Mul(square, Of(make([]float32, 9), 3, 3, 3), Epilogue{}) },
		"trans":   func() { p.Mul(square.T(), b.T(), Epilogue{}) },
		"bias":    func() { p.Mul(square, b.T(), Epilogue{Bias: make([]float32, 3)}) },
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

func TestPackedAllocs(t *testing.T) {
	if raceEnabled {
		t.Skip("sync.Pool drops at random under the race detector")
	}
	rng := rand.New(rand.NewPCG(23, 24))
	a, b, c := random(rng, 200, 64, false), random(rng, 64, 70, true), random(rng, 200, 70, false)
	buf := make([]float32, PackedLen(64, 70))
	if n := testing.AllocsPerRun(50, func() { Pack(buf, b).MulSerial(c, a, Epilogue{Accumulate: true}) }); n >= 1 {
		t.Errorf("%v allocations a call", n)
	}
}

// BenchmarkPacked is one block of rows after another through a small layer, and
// a block of attention scores; the names give M, N and K.
func BenchmarkPacked(b *testing.B) {
	for _, s := range []struct {
		name    string
		m, n, k int
	}{{"200x64x64", 200, 64, 64}, {"200x32x64", 200, 32, 64}, {"224x224x64", 224, 224, 64}, {"224x64x224", 224, 64, 224}} {
		b.Run(s.name, func(b *testing.B) {
			x, w, y := dense(s.m, s.k, false), dense(s.k, s.n, false), dense(s.m, s.n, false)
			p, peak := Pack(make([]float32, PackedLen(s.k, s.n)), w), PeakFMA()
			for b.Loop() {
				p.MulSerial(y, x, Epilogue{})
			}
			gflops := 2 * float64(s.m) * float64(s.n) * float64(s.k) * float64(b.N) / float64(b.Elapsed().Nanoseconds())
			b.ReportMetric(gflops, "GFLOP/s")
			b.ReportMetric(100*gflops/peak, "%peak")
		})
	}
}
