package vec

import "math"

// adamWGeneric is AdamW with its factors formed: fresh1 = 1-Beta1, keep2 =
// Beta2, fresh2 = 1-Beta2, shrink = 1-Rate*Decay, rate = Rate/Correction1,
// inv2 = 1/Correction2.
func adamWGeneric(w, g, m, v []float32, fresh1, keep2, fresh2, shrink, rate, inv2, eps float32) {
	g, m, v = g[:len(w)], m[:len(w)], v[:len(w)]
	for i := range w {
		m[i] += fresh1 * (g[i] - m[i])
		v[i] = keep2*v[i] + fresh2*(g[i]*g[i])
		root := float32(math.Sqrt(float64(v[i] * inv2)))
		w[i] = shrink*w[i] - rate*m[i]/(root+eps)
	}
}
