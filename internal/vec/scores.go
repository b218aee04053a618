package vec

// MaxNumber returns the largest x[i] that is a number, -Inf if there is none.
func MaxNumber(x []float32) float32 { return maxNumber(x) }

// Exp2Sub sets dst[i] = 2^(x[i]-m), with an error of at most 3 ulp of what the
// rounded difference gives, and returns Σ dst[i]. The relative error of the sum
// is at most 1e-5.
func Exp2Sub(dst, x []float32, m float32) (s float64) {
	x = x[:len(dst):len(x)]
	for len(x) > block {
		s += float64(exp2Sub(dst[:block], x[:block], m))
		dst, x = dst[block:], x[block:]
	}
	return s + float64(exp2Sub(dst, x, m))
}

// ScoresBack takes the gradient dp of a softmax back to its scores s, which
// count powers of 2: it sets s[i] = 2^(s[i]-lse[i]) and then
// dp[i] = s[i] * (dp[i]-delta[i]).
func ScoresBack(s, dp, lse, delta []float32) {
	n := len(s)
	scoresBack(s, dp[:n:len(dp)], lse[:n:len(lse)], delta[:n:len(delta)])
}
