//go:build !noasm

package gemm

func packColsAVX2(dst []float32, nr int, src []float32, ld, k, w int) {
	_ = dst[k*nr+spill-1]
	_ = src[(k-1)*ld+w-1]
	switch {
	case nr <= 8:
		packCols8AVX2(dst, nr, src, ld, k, w)
	case nr <= 16:
		packCols16AVX2(dst, nr, src, ld, k, w)
	default:
		packCols32AVX2(dst, nr, src, ld, k, w)
	}
}

// packRowsAVX2 covers the block with squares of 8 by 8. The last ones in a
// row or column overlap their neighbours, where they write the same again.
func packRowsAVX2(dst []float32, nr int, src []float32, ld, k, w int) {
	if k < 8 || w < 8 {
		packRowsGeneric(dst, nr, src, ld, k, w)
		return
	}
	_ = dst[k*nr-1]
	_ = src[(w-1)*ld+k-1]
	for j := 0; j < w; j += 8 {
		j := min(j, w-8)
		packRows8AVX2(dst[j:], nr, src[j*ld:], ld, k&^7)
		if k%8 != 0 {
			packRows8AVX2(dst[(k-8)*nr+j:], nr, src[j*ld+k-8:], ld, 8)
		}
	}
	if w < nr {
		for p := range k {
			clear(dst[p*nr+w : (p+1)*nr])
		}
	}
}
