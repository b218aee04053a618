package main

import "math"

var activations = []kernel{
	{name: "tanh", slices: "dst, x", unroll: 1, body: func(l *lanes) {
		l.store(tanh(l, l.load("x")), "dst")
	}},
	{name: "tanhBack", slices: "dx, dy, y", unroll: 2, body: func(l *lanes) {
		slope, y := l.reg(l.c(1)), l.load("y")
		l.subMul(slope, y, y)
		back(l, slope)
	}},
	{name: "sigmoid", slices: "dst, x", unroll: 1, body: func(l *lanes) {
		p, _, total := odds(l, l.load("x"))
		l.store(l.div(p, total), "dst")
	}},
	{name: "sigmoidBack", slices: "dx, dy, y", unroll: 2, body: func(l *lanes) {
		y := l.load("y")
		back(l, l.mul(y, l.sub(l.reg(l.c(1)), y)))
	}},
	{name: "silu", slices: "dst, x", unroll: 1, body: func(l *lanes) {
		x := l.load("x")
		p, _, total := odds(l, x)
		l.store(l.mul(x, l.div(p, total)), "dst")
	}},
	{name: "siluBack", slices: "dx, dy, x", unroll: 1, body: func(l *lanes) {
		x := l.load("x")
		p, q, total := odds(l, x)
		slope := l.div(q, total)
		l.mulAdd(slope, x, l.c(1))
		back(l, l.mul(slope, l.div(p, total)))
	}},
	{name: "softplus", slices: "dst, x", unroll: 1, body: func(l *lanes) {
		// log(1+z) = 2 atanh(s) with s = z/(2+z) <= 1/3; the polynomial is
		// minimax for the relative error, 5e-9.
		x := l.load("x")
		z := expMinusAbs(l, x)
		s := l.div(z, l.add(z, l.c(2)))
		squared := l.mul(s, s)
		log := l.mul(s, l.polynomial(squared, 2, 0.6666642, 0.40021437, 0.28003025, 0.28006783))
		l.store(l.add(log, l.max(l.reg(l.c(0)), x)), "dst")
	}},
	{name: "softplusBack", slices: "dx, dy, x", unroll: 1, body: func(l *lanes) {
		p, _, total := odds(l, l.load("x"))
		back(l, l.div(p, total))
	}},
	{name: "relu", slices: "dst, x", unroll: 4, body: func(l *lanes) {
		l.store(l.max(l.reg(l.c(0)), l.arg("x")), "dst")
	}},
	{name: "reluBack", slices: "dx, dy, x", unroll: 4, body: func(l *lanes) {
		back(l, l.pick(more, l.load("x"), l.c(0), l.c(1), l.reg(l.c(0))))
	}},
	{name: "gelu", slices: "dst, x", unroll: 1, body: func(l *lanes) {
		x := l.load("x")
		cumulative, _ := gauss(l, x)
		l.store(l.mul(x, cumulative), "dst")
	}},
	{name: "geluBack", slices: "dx, dy, x", unroll: 1, body: func(l *lanes) {
		x := l.load("x")
		slope, bell := gauss(l, x)
		l.addMul(slope, l.mul(x, l.c(1/math.Sqrt(2*math.Pi))), bell)
		back(l, slope)
	}},
}

// back does dx += dy*slope.
func back(l *lanes, slope value) {
	dx := l.load("dx")
	l.addMul(dx, slope, l.arg("dy"))
	l.store(dx, "dx")
}

// odds returns p and q with p/total = sigmoid(x) and q/total = sigmoid(-x),
// both to full relative accuracy.
func odds(l *lanes, x value) (p, q, total value) {
	z, one := expMinusAbs(l, x), l.reg(l.c(1))
	p = l.pick(atLeast, x, l.c(0), one, z)
	q = l.pick(atLeast, x, l.c(0), z, one)
	return p, q, l.add(z, one)
}

// tanh is a polynomial near 0, minimax for the relative error, 5e-9, and
// (1-z)/(1+z) with z = e^-2|x| beyond.
func tanh(l *lanes, x value) value {
	one, sign := l.reg(l.c(1)), l.and(x, l.bits(1<<31))
	z := expMinusAbs(l, l.add(x, x))
	far := l.or(sign, l.div(l.sub(one, z), l.add(one, z)))
	squared := l.mul(x, x)
	near := l.mul(squared, l.polynomial(squared, -0.3333328, 0.13331406, -0.053736515, 0.020628167, -0.0056922967))
	l.mulAdd(near, x, x)
	return l.pick(less, l.abs(x), l.c(0.625), near, far)
}

// gauss returns Φ(x) and e^(-x²/2). With a = |x|, Φ(-a) = e^(-a²/2) R(a); the
// rational R is minimax for the relative error, 1e-8, on [0, 14.5], beyond which the exponential is 0. All its
// coefficients are positive, so nothing cancels, not even far out.
func gauss(l *lanes, x value) (cumulative, bell value) {
	a := l.min(l.reg(l.c(16)), l.abs(x))
	// a² as a sum of two: its rounding error alone would cost 64 ulp at 16.
	square := l.mul(a, a)
	rest := l.xor(square, l.bits(1<<31))
	l.addMul(rest, a, a)
	bell = exp(l, l.mul(square, l.c(-0.5)), l.mul(rest, l.c(-0.5)))
	p := l.polynomial(a, 0.5, 0.43829465, 0.18323494, 0.040633142, 0.0041162977)
	q := l.polynomial(a, 1, 1.6744742, 1.2025024, 0.46947002, 0.101858646, 0.010317908)
	below := l.mul(bell, l.div(p, q))
	return l.pick(less, x, l.c(0), below, l.sub(l.reg(l.c(1)), below)), bell
}
