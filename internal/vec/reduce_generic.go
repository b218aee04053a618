package vec

import "math"

func dotGeneric(x, y []float32) float32 {
	y = y[:len(x)]
	s := 0.0
	for i, v := range x {
		s += float64(v) * float64(y[i])
	}
	return float32(s)
}

func sumGeneric(x []float32) float32 {
	s := 0.0
	for _, v := range x {
		s += float64(v)
	}
	return float32(s)
}

// maximumGeneric returns the largest x[i] but NaNs, and NaN or 0 by whether
// there is one.
func maximumGeneric(x []float32) (most, nan float32) {
	most = float32(math.Inf(-1))
	for _, v := range x {
		if v > most {
			most = v
		}
		if v != v {
			nan = v
		}
	}
	return most, nan
}

// zeroesGeneric returns Σ 0*x[i].
func zeroesGeneric(x []float32) (s float32) {
	for _, v := range x {
		s += 0 * v
	}
	return s
}
