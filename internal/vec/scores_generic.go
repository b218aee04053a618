package vec

import "math"

// maxNumberGeneric returns the largest x[i] but NaNs.
func maxNumberGeneric(x []float32) float32 {
	most := float32(math.Inf(-1))
	for _, v := range x {
		if v > most {
			most = v
		}
	}
	return most
}

// exp2SubGeneric sets dst[i] = 2^(x[i]-m) and returns Σ dst[i].
func exp2SubGeneric(dst, x []float32, m float32) float32 {
	s := 0.0
	for i, v := range x[:len(dst)] {
		dst[i] = float32(math.Exp2(float64(v - m)))
		s += float64(dst[i])
	}
	return float32(s)
}

// scoresBackGeneric sets s[i] = 2^(s[i]-lse[i]) and dp[i] = s[i] * (dp[i]-delta[i]).
func scoresBackGeneric(s, dp, lse, delta []float32) {
	dp, lse, delta = dp[:len(s)], lse[:len(s)], delta[:len(s)]
	for i, v := range s {
		s[i] = float32(math.Exp2(float64(v - lse[i])))
		dp[i] = s[i] * (dp[i] - delta[i])
	}
}
