package vec

// Exp sets dst[i] = e^x[i].
func Exp(dst, x []float32) { exp(dst, x[:len(dst):len(x)]) }

// Tanh sets dst[i] = tanh(x[i]).
func Tanh(dst, x []float32) { tanh(dst, x[:len(dst):len(x)]) }

// TanhBack does dx[i] += dy[i] * (1 - y[i]²), where y is what Tanh gave.
func TanhBack(dx, dy, y []float32) {
	n := len(dx)
	tanhBack(dx, dy[:n:len(dy)], y[:n:len(y)])
}

// Sigmoid sets dst[i] = 1 / (1 + e^-x[i]).
func Sigmoid(dst, x []float32) { sigmoid(dst, x[:len(dst):len(x)]) }

// SigmoidBack does dx[i] += dy[i] * y[i] * (1 - y[i]), where y is what Sigmoid
// gave.
func SigmoidBack(dx, dy, y []float32) {
	n := len(dx)
	sigmoidBack(dx, dy[:n:len(dy)], y[:n:len(y)])
}

// SiLU sets dst[i] = x[i] / (1 + e^-x[i]).
func SiLU(dst, x []float32) { silu(dst, x[:len(dst):len(x)]) }

// SiLUBack does dx[i] += dy[i] * s * (1 + x[i]*(1-s)) with s = sigmoid(x[i]).
func SiLUBack(dx, dy, x []float32) {
	n := len(dx)
	siluBack(dx, dy[:n:len(dy)], x[:n:len(x)])
}

// Softplus sets dst[i] = log(1 + e^x[i]).
func Softplus(dst, x []float32) { softplus(dst, x[:len(dst):len(x)]) }

// SoftplusBack does dx[i] += dy[i] * sigmoid(x[i]).
func SoftplusBack(dx, dy, x []float32) {
	n := len(dx)
	softplusBack(dx, dy[:n:len(dy)], x[:n:len(x)])
}

// ReLU sets dst[i] = max(x[i], 0).
func ReLU(dst, x []float32) { relu(dst, x[:len(dst):len(x)]) }

// ReLUBack does dx[i] += dy[i] * step, where step is 1 if x[i] > 0 and 0
// otherwise.
func ReLUBack(dx, dy, x []float32) {
	n := len(dx)
	reluBack(dx, dy[:n:len(dy)], x[:n:len(x)])
}

// GELU sets dst[i] = x[i] * Φ(x[i]), where Φ(x) = (1 + erf(x/√2)) / 2.
func GELU(dst, x []float32) { gelu(dst, x[:len(dst):len(x)]) }

// GELUBack does dx[i] += dy[i] * (Φ(x[i]) + x[i]*φ(x[i])), where
// φ(x) = e^(-x²/2) / √(2π).
func GELUBack(dx, dy, x []float32) {
	n := len(dx)
	geluBack(dx, dy[:n:len(dy)], x[:n:len(x)])
}
