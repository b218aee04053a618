//go:build !noasm

package gemm

import "github.com/orchid-seq/orchid/internal/cpu"

// avx2 keeps 12 sums, 2 vectors of b and a broadcast element of a in 15 of 16
// registers. A strip of a, kc*mr*4 = 6 KiB, stays in L1 (32 KiB) while strips
// of b, kc*nr*4 = 16 KiB each, pass by. The packed block of b, kc*nc*4 =
// 256 KiB, is half the L2 of most such machines (512 KiB).
var avx2 = kernel{nr: 16, kc: 256, nc: 256, micro: []micro{
	{6, micro6x16AVX2}, {4, micro4x16AVX2}, {2, micro2x16AVX2}, {1, micro1x16AVX2},
}, packCols: packColsAVX2, packRows: packRowsAVX2}

// avx512 keeps 28 sums, 2 vectors of b and a broadcast element of a in 31 of
// 32 registers. A strip of a, kc*mr*4 = 14 KiB, stays in L1 (32 KiB) while
// strips of b pass by at 128 bytes for 28 multiply-adds, 14 cycles at best: L2
// gives 32 or more a cycle. The packed block of b, kc*nc*4 = 512 KiB, is half
// of the smallest L2 of such machines (1 MiB).
var avx512 = kernel{nr: 32, kc: 256, nc: 512, micro: []micro{
	{14, micro14x32AVX512}, {8, micro8x32AVX512}, {4, micro4x32AVX512}, {2, micro2x32AVX512}, {1, micro1x32AVX512},
}, packCols: packColsAVX2, packRows: packRowsAVX2}

func best() *kernel {
	switch cpu.Best() {
	case cpu.AVX512:
		return &avx512
	case cpu.AVX2:
		return &avx2
	}
	return &portable
}

// peak runs n multiply-adds of as many lanes as it returns.
func peak(n int) (lanes int) {
	switch cpu.Best() {
	case cpu.AVX512:
		peakAVX512(n / peakChains)
		return 16
	case cpu.AVX2:
		peakAVX2(n / peakChains)
		return 8
	}
	return peakGeneric(n)
}

// add is addGeneric.
func add(dst, x []float32) {
	n := 0
	if cpu.Best() >= cpu.AVX2 {
		n = len(dst) &^ 7
		if n > 0 {
			addAVX2(dst[:n], x[:n])
		}
	}
	addGeneric(dst[n:], x[n:])
}
