package gemm

// spill is how far past its end a packed block may be written.
const spill = 31

// packColsGeneric lays a k x w block, whose rows start ld apart in src, out as k
// rows of nr >= w, the rest of each filled with zeros:
//
//	dst[p*nr+j] = src[p*ld+j] if j < w, else 0
func packColsGeneric(dst []float32, nr int, src []float32, ld, k, w int) {
	for p := range k {
		row := dst[p*nr:][:nr]
		copy(row, src[p*ld:][:w])
		clear(row[w:])
	}
}

// packRowsGeneric is packColsGeneric for a block that lies transposed in src:
//
//	dst[p*nr+j] = src[j*ld+p] if j < w, else 0
//
// Four rows of src at a time: four streams to read, 16 bytes to write.
func packRowsGeneric(dst []float32, nr int, src []float32, ld, k, w int) {
	j := 0
	for ; j+4 <= w; j += 4 {
		s0, s1, s2, s3 := src[j*ld:][:k], src[(j+1)*ld:][:k], src[(j+2)*ld:][:k], src[(j+3)*ld:][:k]
		for p := range k {
			d := (*[4]float32)(dst[p*nr+j:])
			d[0], d[1], d[2], d[3] = s0[p], s1[p], s2[p], s3[p]
		}
	}
	for ; j < w; j++ {
		for p, v := range src[j*ld:][:k] {
			dst[p*nr+j] = v
		}
	}
	for ; j < nr; j++ {
		for p := range k {
			dst[p*nr+j] = 0
		}
	}
}
