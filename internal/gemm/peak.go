package gemm

import "time"

// peakChains is the number of independent chains of a peak loop: more than
// the latency of 4 to 5 cycles times the 2 units of any core.
const peakChains = 12

// PeakFMA measures, for some 20 ms on one core, how many GFLOP/s the widest
// multiply-adds of this kernel level reach without touching memory: the most
// that Mul could reach on that core.
func PeakFMA() (gflops float64) {
	const n = 12 << 16
	for start := time.Now(); time.Since(start) < 20*time.Millisecond; {
		t := time.Now()
		lanes := peak(n)
		gflops = max(gflops, 2*n*float64(lanes)/float64(time.Since(t).Nanoseconds()))
	}
	return gflops
}

// peakGeneric runs n multiplications and additions, rounded apart as in the
// portable kernel.
func peakGeneric(n int) (lanes int) {
	var c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11 float32
	x := peakFactor
	for range n / peakChains {
		c0 += float32(c0 * x)
		c1 += float32(c1 * x)
		c2 += float32(c2 * x)
		c3 += float32(c3 * x)
		c4 += float32(c4 * x)
		c5 += float32(c5 * x)
		c6 += float32(c6 * x)
		c7 += float32(c7 * x)
		c8 += float32(c8 * x)
		c9 += float32(c9 * x)
		c10 += float32(c10 * x)
		c11 += float32(c11 * x)
	}
	peakFactor = c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11
	return 1
}

// peakFactor is a variable so that the loop is not optimised away.
var peakFactor float32
