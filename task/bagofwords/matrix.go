package bagofwords

import "github.com/orchid-seq/orchid/internal/par"

// An entry is a number and the place, column or row, where it stands.
type entry struct {
	at    int32
	value float64
}

// A row is the numbers of an example that are not zero, by column.
type row []entry

// A matrix holds rows and the same numbers by column, so that both products
// run over the result in parallel and add in one order.
type matrix struct {
	rows, columns []row
}

func newMatrix(rows []row, width int) *matrix {
	sizes, total := make([]int, width), 0
	for _, r := range rows {
		total += len(r)
		for _, e := range r {
			sizes[e.at]++
		}
	}
	memory := make([]entry, total)
	columns := make([]row, width)
	for c, n := range sizes {
		columns[c], memory = memory[:0:n], memory[n:]
	}
	for i, r := range rows {
		for _, e := range r {
			columns[e.at] = append(columns[e.at], entry{int32(i), e.value})
		}
	}
	return &matrix{rows, columns}
}

// product adds to dst[k] the sum of value w[at*len(dst)+k] over the entries.
func (r row) product(dst, w []float64) {
	if len(dst) == 1 {
		var sum float64
		for _, e := range r {
			sum += e.value * w[e.at]
		}
		dst[0] += sum
		return
	}
	for _, e := range r {
		for k, v := range w[int(e.at)*len(dst):][:len(dst)] {
			dst[k] += e.value * v
		}
	}
}

// chunk is the length of the pieces in which long vectors are worked on; sums
// add the pieces in order, so that they do not depend on the threads.
const chunk = 4096

// sum returns the sum of f over the pieces [lo, hi) of [0, n).
func sum(n, grain int, f func(lo, hi int) float64) float64 {
	parts := make([]float64, (n+grain-1)/grain)
	par.For(n, grain, func(lo, hi int) { parts[lo/grain] = f(lo, hi) })
	var s float64
	for _, p := range parts {
		s += p
	}
	return s
}

func dot(x, y []float64) float64 {
	return sum(len(x), chunk, func(lo, hi int) (s float64) {
		for i, v := range x[lo:hi] {
			s += v * y[lo+i]
		}
		return s
	})
}

// axpy is y[i] += a x[i].
func axpy(a float64, x, y []float64) {
	par.For(len(x), chunk, func(lo, hi int) {
		for i, v := range x[lo:hi] {
			y[lo+i] += a * v
		}
	})
}
