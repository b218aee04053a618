package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
)

var exponentials = []kernel{
	{name: "exp", slices: "dst, x", unroll: 1, body: func(l *lanes) {
		l.store(exp(l, l.load("x")), "dst")
	}},
	{name: "expSub", slices: "dst, x", scalars: "m", results: []result{{"sum", 0, VADDPS}}, unroll: 1, body: func(l *lanes) {
		e := exp(l, l.sub(l.load("x"), l.scalars["m"]))
		l.store(e, "dst")
		VADDPS(l.keep(e, 0), l.sum("sum"), l.sum("sum"))
	}},
}

// exp returns e^x as 2^k * e^r, where x = k ln 2 + r and |r| <= ln 2 / 2. The
// polynomial is minimax for the relative error, 3e-9. Beyond the clipping
// bounds the result is Inf or 0 anyway. What x lost to rounding, if known, may
// follow as low.
func exp(l *lanes, x value, low ...value) value {
	r := l.max(l.reg(l.c(-104)), l.min(l.reg(l.c(89)), x))
	k := l.round(l.mul(r, l.c(math.Log2E)))
	high := float64(float32(math.Ln2))
	l.subMul(r, k, l.c(high))
	l.subMul(r, k, l.c(math.Ln2-high))
	for _, v := range low {
		r = l.add(r, v)
	}
	p := l.polynomial(r, 1, 1, 0.49999994, 0.16666521, 0.041668266, 0.008368677, 0.0013820735)
	return l.scale(p, k)
}

// expMinusAbs returns e^-|x|.
func expMinusAbs(l *lanes, x value) value {
	return exp(l, l.or(x, l.bits(1<<31)))
}
