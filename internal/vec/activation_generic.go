package vec

import "math"

func expGeneric(dst, x []float32) {
	for i, v := range x[:len(dst)] {
		dst[i] = float32(math.Exp(float64(v)))
	}
}

func tanhGeneric(dst, x []float32) {
	for i, v := range x[:len(dst)] {
		dst[i] = float32(math.Tanh(float64(v)))
	}
}

func tanhBackGeneric(dx, dy, y []float32) {
	dy, y = dy[:len(dx)], y[:len(dx)]
	for i := range dx {
		dx[i] += dy[i] * (1 - y[i]*y[i])
	}
}

func sigmoidGeneric(dst, x []float32) {
	for i, v := range x[:len(dst)] {
		dst[i] = float32(logistic(float64(v)))
	}
}

func sigmoidBackGeneric(dx, dy, y []float32) {
	dy, y = dy[:len(dx)], y[:len(dx)]
	for i := range dx {
		dx[i] += dy[i] * (y[i] * (1 - y[i]))
	}
}

func siluGeneric(dst, x []float32) {
	for i, v := range x[:len(dst)] {
		dst[i] = float32(float64(v) * logistic(float64(v)))
	}
}

func siluBackGeneric(dx, dy, x []float32) {
	dy, x = dy[:len(dx)], x[:len(dx)]
	for i := range dx {
		v := float64(x[i])
		s := logistic(v)
		dx[i] += dy[i] * float32(s*(1+v*(1-s)))
	}
}

func softplusGeneric(dst, x []float32) {
	for i, v := range x[:len(dst)] {
		v := float64(v)
		dst[i] = float32(max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))))
	}
}

func softplusBackGeneric(dx, dy, x []float32) {
	dy, x = dy[:len(dx)], x[:len(dx)]
	for i := range dx {
		dx[i] += dy[i] * float32(logistic(float64(x[i])))
	}
}

func reluGeneric(dst, x []float32) {
	for i, v := range x[:len(dst)] {
		dst[i] = max(v, 0)
	}
}

func reluBackGeneric(dx, dy, x []float32) {
	dy, x = dy[:len(dx)], x[:len(dx)]
	for i := range dx {
		step := float32(0)
		if x[i] > 0 {
			step = 1
		}
		dx[i] += dy[i] * step
	}
}

func geluGeneric(dst, x []float32) {
	for i, v := range x[:len(dst)] {
		dst[i] = float32(float64(v) * normal(float64(v)))
	}
}

func geluBackGeneric(dx, dy, x []float32) {
	dy, x = dy[:len(dx)], x[:len(dx)]
	for i := range dx {
		v := float64(x[i])
		density := math.Exp(-v*v/2) / math.Sqrt(2*math.Pi)
		dx[i] += dy[i] * float32(normal(v)+v*density)
	}
}

// logistic returns 1 / (1 + e^-x).
func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// normal returns Φ(x), the chance that a standard normal value is below x.
func normal(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
