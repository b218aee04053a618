package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
)

// far is where the sine kernels stop: the quotient by π/2 must stay below 2^16
// for the reduction to be exact.
const far = 1e5

var sines = []kernel{
	{name: "sine", slices: "dst, x", results: []result{{"left", 0, VADDPS}}, unroll: 1, body: func(l *lanes) {
		x := l.load("x")
		sin, _ := sinCos(l, x)
		l.store(nearOrSame(l, x, sin), "dst")
		countFar(l, x)
	}},
	{name: "sinCos", slices: "sin, cos, x", results: []result{{"left", 0, VADDPS}}, unroll: 1, body: func(l *lanes) {
		x := l.load("x")
		sin, cos := sinCos(l, x)
		l.store(nearOrSame(l, x, sin), "sin")
		l.store(nearOrSame(l, x, cos()), "cos")
		countFar(l, x)
	}},
}

// nearOrSame returns y, but x itself where x is far.
func nearOrSame(l *lanes, x, y value) value {
	return l.pick(atMost, l.abs(x), l.c(far), y, x)
}

// countFar adds one per lane where x is far.
func countFar(l *lanes, x value) {
	count := l.pick(atMost, l.abs(x), l.c(far), l.c(0), l.reg(l.c(1)))
	VADDPS(count, l.sum("left"), l.sum("left"))
}

// sinCos returns sin(x), and a function that emits cos(x) too: with k the
// integer nearest to x/(π/2) and r = x - kπ/2 they are sin(r) or cos(r) as k is
// even or odd, negated in two of four quadrants. The polynomials are minimax
// for the relative error, 4e-9 and 1e-10.
func sinCos(l *lanes, x value) (sin value, cos func() value) {
	// Adding 1.5 * 2^23 rounds to an integer, which the low bits then hold.
	const integer = 3 << 22
	bits := l.reg(l.c(integer))
	l.addMul(bits, x, l.c(2/math.Pi))
	k := l.sub(bits, l.c(integer))

	// π/2 is taken as a sum of three float32. The first difference is exact;
	// low gathers what the second and the product in it lose, so that
	// x - kπ/2 = r + low, even where r all but vanishes.
	part1 := float64(float32(math.Pi / 2))
	part2 := float64(float32(math.Pi/2 - part1))
	const part3 = -1.7151245e-15 // π/2 - part1 - part2
	first := l.reg(x)
	l.subMul(first, k, l.c(part1))
	second := l.mul(k, l.c(part2))
	r := l.sub(first, second)
	low := l.reg(second)
	l.subMul(low, k, l.c(part2))
	l.subMul(low, k, l.c(part3))
	low = l.add(low, l.sub(l.sub(first, r), second))

	square := l.mul(r, r)
	even := l.polynomial(square, -0.16666655, 0.008332188, -0.00019518098)
	l.mulAdd(even, l.mul(square, r), low)
	even = l.add(even, r)
	rest := l.polynomial(square, 0.041666646, -0.0013887311, 2.4432553e-05)
	odd := l.reg(l.c(1))
	l.addMul(odd, square, l.c(-0.5))
	l.addMul(odd, l.mul(square, square), rest)

	minus := l.bits(1 << 31)
	isOdd, isLate := l.shiftLeft(bits, 31), l.shiftLeft(bits, 30)
	sin = l.xor(l.pickSign(isOdd, odd, even), l.and(isLate, minus))
	return sin, func() value {
		return l.xor(l.pickSign(isOdd, even, odd), l.and(l.xor(isLate, isOdd), minus))
	}
}
