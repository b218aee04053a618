package gemm

import (
	"math"
	"sync"
)

// A kernel is one level's inner loop with the sizes that fit it.
type kernel struct {
	nr    int     // columns of a tile
	kc    int     // terms summed in one go; part of what fixes the bits
	nc    int     // columns of b packed at a time
	micro []micro // by falling number of rows, down to 1

	// These lay a block of b, or of a, out for micro: packColsGeneric,
	// packRowsGeneric, or what equals it.
	packCols, packRows func(dst []float32, nr int, src []float32, ld, k, w int)

	scratches sync.Pool
}

// A micro multiplies rows of a with nr columns of b:
//
//	out[i*os+j] = scale*Σ_p a[i*ars+p*acs]*b[p*bs+j] + in[i*is+j]
//
// for i < rows, j < nr and p < k, where each sum is one chain from p = 0 on,
// and scaling, then adding, rounds. out may be in. It may fetch 64*k bytes from
// ahead on into the cache. The assembly does not check its slices: call does.
type micro struct {
	rows int
	run  func(k int, a []float32, ars, acs int, b []float32, bs int, in []float32, is int, out []float32, os int, scale float32, ahead *float32)
}

// call runs m after checking that it stays inside its slices. It wants k > 0.
func (m micro) call(nr, k int, a []float32, ars, acs int, b []float32, bs int, in []float32, is int, out []float32, os int, scale float32, ahead *float32) {
	_ = a[(m.rows-1)*ars+(k-1)*acs]
	_ = b[(k-1)*bs+nr-1]
	_ = in[(m.rows-1)*is+nr-1]
	_ = out[(m.rows-1)*os+nr-1]
	m.run(k, a, ars, acs, b, bs, in, is, out, os, scale, ahead)
}

// pack lays a rows x cols block of b from (k0, j0) on out as strips of nr
// columns, one after the other.
func (k *kernel) pack(dst []float32, b Matrix, k0, j0, rows, cols int) {
	for j := 0; j < cols; j += k.nr {
		src, w := b.from(k0, j0+j), min(k.nr, cols-j)
		if b.Trans {
			k.packRows(dst[j*rows:], k.nr, src, b.Stride, rows, w)
		} else {
			k.packCols(dst[j*rows:], k.nr, src, b.Stride, rows, w)
		}
	}
}

// A scratch holds what one goroutine packs.
type scratch struct {
	a, b []float32 // a strip of a, strips of b
	tile []float32 // a tile that sticks out of c on the right
	none []float32 // nc of nothing
}

// nothing is -0, the neutral element of addition: -0 + x is x for every x.
var nothing = float32(math.Copysign(0, -1))

func (k *kernel) scratch() *scratch {
	if s, ok := k.scratches.Get().(*scratch); ok {
		return s
	}
	mr := k.micro[0].rows
	s := &scratch{
		a:    make([]float32, mr*k.kc+spill),
		b:    make([]float32, k.nc*k.kc+spill),
		tile: make([]float32, mr*k.nr),
		none: make([]float32, k.nc),
	}
	for i := range s.none {
		s.none[i] = nothing
	}
	return s
}
