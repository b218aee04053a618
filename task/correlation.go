package task

import (
	"fmt"
	"math"
	"sort"
)

// Spread returns the mean of values and the standard deviation of a sample, 0 for
// one value.
func Spread(values []float64) (mean, deviation float64) {
	n, squares := float64(len(values)), 0.0
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(squares / math.Max(1, n-1))
}

// Pearson returns the correlation of two lists of numbers
//
//	sum (x - mean x) (y - mean y) / sqrt(sum (x - mean x)² sum (y - mean y)²)
//
// It is 0 where x or y is constant (scipy says NaN: but a constant prediction
// explains nothing), NaN where the lists are empty or hold a NaN or an
// infinity. It panics unless both have the same length.
func Pearson(x, y []float64) float64 {
	if len(x) != len(y) {
		panic(fmt.Sprintf("task: Pearson of %d and %d numbers", len(x), len(y)))
	}
	dx, nx := standard(x)
	dy, ny := standard(y)
	var sum float64
	for i := range dx {
		sum += dx[i] * dy[i]
	}
	switch {
	case math.IsNaN(nx) || math.IsNaN(ny) || len(x) == 0:
		return math.NaN()
	case nx == 0 || ny == 0:
		return 0
	}
	return math.Max(-1, math.Min(1, sum)) // a NaN stays one
}

// standard returns x less its mean, divided by its norm, and the norm, which
// is 0 exactly if all numbers are the same.
func standard(x []float64) (d []float64, norm float64) {
	var mean, size float64
	constant := true
	for _, v := range x {
		mean += v / float64(len(x))
		constant = constant && v == x[0] && !math.IsInf(v, 0)
	}
	d = make([]float64, len(x))
	if constant {
		return d, 0
	}
	for i, v := range x {
		d[i] = v - mean
		size = math.Max(size, math.Abs(d[i]))
	}
	for i := range d {
		d[i] /= size // its square may neither overflow nor vanish
		norm += d[i] * d[i]
	}
	norm = math.Sqrt(norm)
	for i := range d {
		d[i] /= norm
	}
	return d, norm * size
}

// Spearman returns the Pearson correlation of the ranks of two lists of
// numbers; equal numbers share the mean of their ranks. It is 0 where x or y
// is constant, NaN where the lists are empty or hold a NaN. It panics unless
// both have the same length.
func Spearman(x, y []float64) float64 {
	return Pearson(ranks(x), ranks(y))
}

// ranks returns the rank of every number, from 1, and NaN for all if one is.
func ranks(x []float64) []float64 {
	r, order := make([]float64, len(x)), make([]int, len(x))
	for i, v := range x {
		order[i] = i
		if math.IsNaN(v) {
			for j := range r {
				r[j] = v
			}
			return r
		}
	}
	sort.Slice(order, func(a, b int) bool { return x[order[a]] < x[order[b]] })
	for lo := 0; lo < len(order); {
		hi := lo + 1
		for hi < len(order) && x[order[hi]] == x[order[lo]] {
			hi++
		}
		for _, i := range order[lo:hi] {
			r[i] = float64(lo+hi+1) / 2
		}
		lo = hi
	}
	return r
}
