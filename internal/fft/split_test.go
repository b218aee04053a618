package fft

import (
	"fmt"
	"math/rand/v2"
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
