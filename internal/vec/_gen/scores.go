package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

var scores = []kernel{
	// The instruction returns its first operand here where the second is NaN.
	{name: "maxNumber", slices: "x", results: []result{{"most", math.Inf(-1), VMAXPS}}, unroll: 4, body: func(l *lanes) {
		VMAXPS(l.sum("most"), l.keep(l.load("x"), math.Inf(-1)), l.sum("most"))
	}},
	{name: "exp2Sub", slices: "dst, x", scalars: "m", results: []result{{"sum", 0, VADDPS}}, unroll: 2, body: func(l *lanes) {
		e := exp2(l, l.sub(l.load("x"), l.scalars["m"]))
		l.store(e, "dst")
		VADDPS(l.keep(e, 0), l.sum("sum"), l.sum("sum"))
	}},
	{name: "scoresBack", slices: "s, dp, lse, delta", unroll: 2, body: func(l *lanes) {
		p := exp2(l, l.sub(l.load("s"), l.arg("lse")))
		l.store(p, "s")
		l.store(l.mul(p, l.sub(l.load("dp"), l.arg("delta"))), "dp")
	}},
}

// exp2 returns 2^x as 2^k * 2^f, where x = k + f and |f| <= 1/2. The polynomial
// is minimax for the relative error, 1.1e-7, among those that give 1 for 0.
func exp2(l *lanes, x value) value {
	var f, k value
	if l.wide {
		f = l.value()
		VREDUCEPS(U8(0), x, f) // 0 for an infinite x
		k = l.sub(x, f)
	} else {
		x = l.max(l.reg(l.c(-151)), l.min(l.reg(l.c(129)), x))
		k = l.round(x)
		f = l.sub(x, k)
	}
	return l.scale(l.polynomial(f, 1, 0.693147, 0.24022242, 0.055507336, 0.009671513, 0.0013264727), k)
}
