package vec

// An AdamWStep holds the numbers of one optimizer step, the same for every
// weight of a group.
type AdamWStep struct {
	Rate         float32 // the learning rate
	Beta1, Beta2 float32 // how much of the two moments is kept
	Eps          float32 // added to the root of the second moment
	Decay        float32 // the decoupled weight decay
	Correction1  float32 // 1 - Beta1^t at step t = 1, 2, ...
	Correction2  float32 // 1 - Beta2^t
}

// AdamW moves the weights w one step against their gradient g and updates the
// moments m and v, as AdamW of PyTorch does:
//
//	w[i] *= 1 - Rate*Decay
//	m[i] += (1-Beta1) * (g[i] - m[i])
//	v[i] = Beta2*v[i] + (1-Beta2)*g[i]*g[i]
//	w[i] -= Rate * (m[i]/Correction1) / (sqrt(v[i]/Correction2) + Eps)
//
// for i < len(w). The factors that are the same for every
// weight are formed once: in float64, but for 1-Beta1 and 1-Beta2, which are
// exact in float32.
func AdamW(w, g, m, v []float32, s AdamWStep) {
	n := len(w)
	adamW(w, g[:n:len(g)], m[:n:len(m)], v[:n:len(v)],
		1-s.Beta1, s.Beta2, 1-s.Beta2,
		float32(1-float64(s.Rate)*float64(s.Decay)),
		float32(float64(s.Rate)/float64(s.Correction1)),
		float32(1/float64(s.Correction2)), s.Eps)
}
