package vec

func complexMulGeneric(dr, di, ar, ai, br, bi []float32) {
	n := len(dr)
	di, ar, ai, br, bi = di[:n], ar[:n], ai[:n], br[:n], bi[:n]
	for i := range dr {
		dr[i], di[i] = ar[i]*br[i]-ai[i]*bi[i], ar[i]*bi[i]+ai[i]*br[i]
	}
}

func complexMulAddGeneric(dr, di, ar, ai, br, bi []float32) {
	n := len(dr)
	di, ar, ai, br, bi = di[:n], ar[:n], ai[:n], br[:n], bi[:n]
	for i := range dr {
		re, im := ar[i]*br[i]-ai[i]*bi[i], ar[i]*bi[i]+ai[i]*br[i]
		dr[i] += re
		di[i] += im
	}
}

func complexMulConjGeneric(dr, di, ar, ai, br, bi []float32) {
	n := len(dr)
	di, ar, ai, br, bi = di[:n], ar[:n], ai[:n], br[:n], bi[:n]
	for i := range dr {
		dr[i], di[i] = ar[i]*br[i]+ai[i]*bi[i], ar[i]*bi[i]-ai[i]*br[i]
	}
}

func complexMulConjAddGeneric(dr, di, ar, ai, br, bi []float32) {
	n := len(dr)
	di, ar, ai, br, bi = di[:n], ar[:n], ai[:n], br[:n], bi[:n]
	for i := range dr {
		re, im := ar[i]*br[i]+ai[i]*bi[i], ar[i]*bi[i]-ai[i]*br[i]
		dr[i] += re
		di[i] += im
	}
}
