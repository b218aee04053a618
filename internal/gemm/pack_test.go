package gemm

import (
	"math/rand/v2"
	"testing"
)

// TestPack holds the packing of every level to the portable twin, exactly:
// packing only moves. The block may be written spill past its end, no further.
func TestPack(t *testing.T) {
	levels(t, func(t *testing.T) {
		kernel := best()
		rng := rand.New(rand.NewPCG(13, 14))
		for range 2000 {
			nr := kernel.nr
			if rng.IntN(2) == 0 {
				nr = kernel.micro[rng.IntN(len(kernel.micro))].rows
			}
			k, w := 1+rng.IntN(40), 1+rng.IntN(nr)
			trans := rng.IntN(2) == 0
			src := random(rng, k, w, trans)
			want := make([]float32, k*nr)
			got := filled(rng, 1, k*nr+spill, false, sentinel, func() float32 { return nan })
			if trans {
				packRowsGeneric(want, nr, src.Data, src.Stride, k, w)
				kernel.packRows(got.Data, nr, src.Data, src.Stride, k, w)
			} else {
				packColsGeneric(want, nr, src.Data, src.Stride, k, w)
				kernel.packCols(got.Data, nr, src.Data, src.Stride, k, w)
			}
			for i, v := range got.Data[:k*nr] {
				if v != want[i] {
					t.Fatalf("k %d, w %d of %d, trans %v: element %d is %v, want %v", k, w, nr, trans, i, v, want[i])
				}
			}
			for i := range got.Data {
				got.Data[i] = sentinel
			}
			for i, v := range got.whole() {
				if v != sentinel {
					t.Fatalf("k %d, w %d of %d, trans %v: wrote outside: storage[%d] = %v", k, w, nr, trans, i, v)
				}
			}
		}
	})
}

func TestAdd(t *testing.T) {
	levels(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(15, 16))
		for n := range 70 {
			x, y := random(rng, 1, n, false), random(rng, 1, n, false)
			sum := filled(rng, 1, n, false, sentinel, rng.Float32)
			copy(sum.Data, x.Data)
			add(sum.Data, y.Data)
			for i := range n {
				if want := x.Data[i] + y.Data[i]; sum.Data[i] != want {
					t.Fatalf("n %d: element %d is %v, want %v", n, i, sum.Data[i], want)
				}
				sum.Data[i] = sentinel
			}
			for i, v := range sum.whole() {
				if v != sentinel {
					t.Fatalf("n %d: wrote outside: storage[%d] = %v", n, i, v)
				}
			}
		}
	})
}
