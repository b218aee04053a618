package vec

// The errors stated here are those of the vector kernels, measured over all
// magnitudes and asserted by TestAccuracy; the portable ones round a float64
// result once. Gradients are as accurate as their formulas allow: their slope
// is within 4 ulp or 2e-7.

// Exp sets dst[i] = e^x[i], with an error of at most 1 ulp, subnormal results
// included.
func Exp(dst, x []float32) { exp(dst, x[:len(dst):len(x)]) }

// Tanh sets dst[i] = tanh(x[i]), with an error of at most 2 ulp.
func Tanh(dst, x []float32) { tanh(dst, x[:len(dst):len(x)]) }

// TanhBack does dx[i] += dy[i] * (1 - y[i]²), where y is what Tanh gave.
func TanhBack(dx, dy, y []float32) {
	n := len(dx)
	tanhBack(dx, dy[:n:len(dy)], y[:n:len(y)])
}

// Sigmoid sets dst[i] = 1 / (1 + e^-x[i]), with an error of at most 3 ulp.
func Sigmoid(dst, x []float32) { sigmoid(dst, x[:len(dst):len(x)]) }

// SigmoidBack does dx[i] += dy[i] * y[i] * (1 - y[i]), where y is what Sigmoid
// gave.
func SigmoidBack(dx, dy, y []float32) {
	n := len(dx)
	sigmoidBack(dx, dy[:n:len(dy)], y[:n:len(y)])
}

// SiLU sets dst[i] = x[i] / (1 + e^-x[i]), with an error of at most 4 ulp or
// 1e-43. At -Inf it is NaN.
func SiLU(dst, x []float32) { silu(dst, x[:len(dst):len(x)]) }

// SiLUBack does dx[i] += dy[i] * s * (1 + x[i]*(1-s)) with s = sigmoid(x[i]).
func SiLUBack(dx, dy, x []float32) {
	n := len(dx)
	siluBack(dx, dy[:n:len(dy)], x[:n:len(x)])
}

// Softplus sets dst[i] = log(1 + e^x[i]), with an error of at most 4 ulp.
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

// GELU sets dst[i] = x[i] * Φ(x[i]), where Φ(x) = (1 + erf(x/√2)) / 2, with an
// error of at most 6 ulp or 1e-43, far into the negative tail too. At -Inf it is
// NaN.
func GELU(dst, x []float32) { gelu(dst, x[:len(dst):len(x)]) }

// GELUBack does dx[i] += dy[i] * (Φ(x[i]) + x[i]*φ(x[i])), where
// φ(x) = e^(-x²/2) / √(2π).
func GELUBack(dx, dy, x []float32) {
	n := len(dx)
	geluBack(dx, dy[:n:len(dy)], x[:n:len(x)])
}
