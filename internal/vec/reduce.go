package vec

// block is how many elements a kernel may add up in float32 before the sum
// moves to float64. With 32 lanes or more, 1024 elements make chains of at most
// 32 + 3 additions in the lanes and 5 across, whose error is below
// 40 * 2^-24 < 3e-6 of the sum of the absolute terms.
const block = 1024

// Dot returns Σ x[i]*y[i]. Its error is at most 3e-6 Σ |x[i]*y[i]|.
func Dot(x, y []float32) (s float64) {
	y = y[:len(x):len(y)]
	for len(x) > block {
		s += float64(dot(x[:block], y[:block]))
		x, y = x[block:], y[block:]
	}
	return s + float64(dot(x, y))
}

// Sum returns Σ x[i]. Its error is at most 3e-6 Σ |x[i]|.
func Sum(x []float32) (s float64) {
	for len(x) > block {
		s += float64(sum(x[:block]))
		x = x[block:]
	}
	return s + float64(sum(x))
}

// SumSquares returns Σ x[i]*x[i], with a relative error of at most 3e-6.
func SumSquares(x []float32) float64 { return Dot(x, x) }

// Max returns the largest x[i], NaN if any is NaN, and -Inf if there is none.
func Max(x []float32) float32 {
	most, nan := maximum(x)
	return most + nan
}

// AllFinite reports whether no x[i] is NaN, +Inf or -Inf.
func AllFinite(x []float32) bool {
	// 0*x is 0 for a finite x and NaN for any other.
	return zeroes(x) == 0
}
