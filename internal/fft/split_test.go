package fft

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSplit holds transforms in two steps, at sizes where they would not be
// used, to sums in float64, as TestReference does.
func TestSplit(t *testing.T) {
	references := map[string][]float64{}
	eachLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(9, 10))
		for _, c := range []struct{ kind, n, first int }{
			{int(DFT), 4, 2},
			{int(DCT2), 4, 2},
			{int(DCT1), 3, 2},
			{int(DFT), 24, 4},
			{int(DFT), 24, 6},
			{int(DFT), 24, 12},
			{int(DCT2), 24, 2},
			{int(DCT2), 24, 6},
			{int(DCT1), 13, 6},
			{int(DFT), 64, 8},
			{int(DCT2), 64, 8},
			{int(DCT2), 128, 32},
			{int(DFT), 180, 10},
			{int(DCT2), 180, 18},
			{int(DCT1), 91, 10},
			{int(DFT), 1000, 50},
			{int(DCT2), 1000, 20},
			{int(DFT), 2048, 64},
			{int(DCT2), 2048, 32},
		} {
			kind := Kind(c.kind)
			p := newPlan(kind, c.n)
			p.fourier = build(recipe{n: p.fourier.n, first: c.first})
			for v := range 4 {
				test := testCase{t: t, rng: rng, p: p, rows: c.n, cols: []int{32, 32, 50, 7}[v], add: v%2 == 1, references: references}
				if v > 1 {
					test.rows = rng.IntN(c.n + 1)
				}
				test.name = fmt.Sprintf("%v n=%d first=%d rows=%d cols=%d add=%v", kind, c.n, c.first, test.rows, test.cols, test.add)
				test.forward()
				test.adjoint()
			}
		}
	})
}

// TestConvolve compares with Forward, the same change of the bins, and Adjoint.
func TestConvolve(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(11, 12))
		for _, c := range []struct{ kind, n, first int }{
			{int(DFT), 4, 2},
			{int(DCT2), 4, 2},
			{int(DFT), 24, 4},
			{int(DFT), 24, 6},
			{int(DFT), 24, 12},
			{int(DCT2), 24, 2},
			{int(DCT2), 24, 6},
			{int(DFT), 64, 8},
			{int(DCT2), 128, 32},
			{int(DFT), 1000, 50},
			{int(DCT2), 1000, 20},
			{int(DFT), 65536, 0},
			{int(DCT2), 32768, 0},
		} {
			if testing.Short() && c.n > 10000 {
				continue
			}
			p := newPlan(Kind(c.kind), c.n)
			if c.first > 0 {
				p.fourier = build(recipe{n: c.n, first: c.first})
			}
			for v := range 4 {
				rows, lanes := c.n, 1+v%2
				if v > 1 {
					rows = 1 + rng.IntN(c.n)
				}
				in, out := Weights{0.7, 1.3}, Weights{1.1, 0.6}
				change := func(k, step, n int, s []Spectrum) {
					for i := range n {
						for j := range s {
							row := s[j].Data[i*s[j].Stride:]
							factor := float32(1+(k+i*step)%7) / 4
							for c := range TileCols {
								row[c] *= factor
								if p.kind == DFT {
									row[c], row[s[j].Imag+c] = row[c]-0.5*row[s[j].Imag+c], factor*row[s[j].Imag+c]+0.25*row[c]
								}
							}
						}
						if len(s) == 2 { // lanes see each other
							for c := range TileCols {
								s[1].Data[i*s[1].Stride+c] += s[0].Data[i*s[0].Stride+c]
							}
						}
					}
				}
				var got, want []Lane
				specs := make([]Spectrum, lanes)
				for j := range lanes {
					src, dst := newMatrix(rng, rows, TileCols, float32(math.NaN())).fill(), newMatrix(rng, rows, TileCols, sentinel).fill()
					plain := slices.Clone(dst.Data)
					got = append(got, Lane{Src: Block{src.Data, src.stride}, Dst: Block{dst.Data, dst.stride}, In: in, Out: out, Add: v == 3})
					want = append(want, Lane{Dst: Block{plain, dst.stride}})
					specs[j] = spectrumOf(p, TileCols)
					p.Forward(specs[j], got[j].Src, rows, TileCols, in, false, dirty(rng, p))
				}
				change(0, 1, p.Bins(), specs)
				for j := range lanes {
					p.Adjoint(want[j].Dst, specs[j], rows, TileCols, out, v == 3, dirty(rng, p))
				}
				for j := range got {
					got[j].Scratch = make([]float32, p.LaneScratch())
					for i := range got[j].Scratch {
						got[j].Scratch[i] = float32(math.NaN())
					}
				}
				p.Convolve(got, rows, change)
				for j := range lanes {
					size := 0.0
					for _, w := range want[j].Dst.Data {
						size = max(size, math.Abs(float64(w)))
					}
					for i, g := range got[j].Dst.Data {
						if w := want[j].Dst.Data[i]; !(math.Abs(float64(g-w)) <= 1e-5*size) {
							t.Fatalf("%v n=%d first=%d rows=%d, lane %d of %d: element %d is %v, want %v", p.kind, c.n, c.first, rows, j, lanes, i, g, w)
						}
					}
				}
			}
		}
	})
}
