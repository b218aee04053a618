package autograd

import (
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
	"github.com/orchid-seq/orchid/tensor"
)

// rowGrain is how many rows one chunk of parallel work holds: about 64 KB, so
// that a chunk stays in L2 and its start costs little.
func rowGrain(cols int) int { return max(1, 16384/max(cols, 1)) }

// elements calls f on chunks of [0, n).
func elements(n int, f func(lo, hi int)) { par.For(n, 16384, f) }

// sumRows runs f on chunks of rows, each with a zeroed partial sum of width
// floats, and adds the partial sums to dst in order. Where chunks begin
// depends on the sizes alone, so the result has the same bits on any number
// of threads.
func (t *Tape) sumRows(dst []float32, rows int, f func(lo, hi int, sum []float32)) {
	const most = 64 // bounds the memory for partial sums
	width := len(dst)
	grain := max(128, (rows+most-1)/most)
	chunks := (rows + grain - 1) / grain
	sums := t.pool.Zeros(chunks * width)
	par.For(rows, grain, func(lo, hi int) {
		c := lo / grain
		f(lo, hi, sums[c*width:(c+1)*width])
	})
	for c := range chunks {
		vec.Accumulate(dst, sums[c*width:(c+1)*width])
	}
	t.pool.Put(sums)
}

// a piece is the part of one sequence that a chunk of packed rows covers.
type piece struct {
	seq      int
	from, to int // rows within the sequence
	start    int // packed row of the sequence's row 0
}

// pieces calls f on the parts of sequences in the packed rows [lo, hi).
func pieces(seq tensor.Offsets, lo, hi int, f func(p piece)) {
	// The first sequence that ends after lo, by bisection.
	a, b := 0, seq.Count()
	for a < b {
		if m := (a + b) / 2; seq[m+1] <= lo {
			a = m + 1
		} else {
			b = m
		}
	}
	for i := a; i < seq.Count() && seq[i] < hi; i++ {
		f(piece{i, max(lo, seq[i]) - seq[i], min(hi, seq[i+1]) - seq[i], seq[i]})
	}
}
