package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
)

const (
	// far is where the sine kernels stop: the quotient by π/2 must stay below
	// 2^16 for the reduction to be exact.
	far = 1e5
	// integer, added to a number, rounds it to an integer, which the low bits of
	// the sum then hold.
	integer = 3 << 22
)

// The kernels leave x where it is far, and return the largest |x|, or NaN, so
// that the caller knows.
var sines = []kernel{
	{name: "sine", slices: "dst, x", results: []result{{"most", 0, VPMAXUD}}, unroll: 4, held: sineHeld(math.Pi, sineOfHalf), body: func(l *lanes) {
		x := l.load("x")
		bits, rough, r := reduce(l, x, math.Pi)
		y := oddSine(l, r, rough, l.mul(rough, rough), sineOfHalf)
		l.store(near(l, x).flip(y, l.shiftLeft(bits, 31)), "dst")
	}},
	{name: "sinCos", slices: "sin, cos, x", results: []result{{"most", 0, VPMAXUD}}, unroll: 2, held: sineHeld(math.Pi/2, sineOfQuarter, cosineOfQuarter), body: func(l *lanes) {
		x := l.load("x")
		bits, rough, r := reduce(l, x, math.Pi/2)
		square := l.mul(rough, rough)
		sin, cos := oddSine(l, r, rough, square, sineOfQuarter), l.polynomial(square, cosineOfQuarter...)
		isOdd, isLate, minus := l.shiftLeft(bits, 31), l.shiftLeft(bits, 30), l.bits(1<<31)
		sin, cos = l.swap(isOdd, sin, cos)
		n := near(l, x)
		l.store(n.flip(sin, l.and(isLate, minus)), "sin")
		l.store(n.flip(cos, l.and(l.xor(isLate, isOdd), minus)), "cos")
	}},
}

// The polynomials are minimax for the relative error: with u = r²,
// sin(r) = r + r u (c[0] + c[1] u + ...) and cos(r) = c[0] + c[1] u + ...
// Those of sineOfHalf were then moved by some units in the last place until no r
// gave more than 1, and none an error above 1.83 ulp, which all of them were
// tried for; half an ulp of r is part of that.
var (
	sineOfHalf      = []float64{-0.1666665822, 0.008333063684, -0.0001980962261, 2.605175723e-6} // 2e-8 for |r| < 1.575
	sineOfQuarter   = []float64{-0.1666665375, 0.008332106285, -0.0001950788283}                 // 5e-9 for |r| < 0.79
	cosineOfQuarter = []float64{1, -0.5, 0.04166664556, -0.001388730365, 2.443120138e-5}         // 2e-10
)

// parts returns period as a sum of three float32.
func parts(period float64) [3]float64 {
	first := float64(float32(period))
	second := float64(float32(period - first))
	third := -3.430249020e-15 * period / math.Pi // beyond float64
	return [3]float64{first, second, third}
}

func sineHeld(period float64, polynomials ...[]float64) (list []uint32) {
	p := parts(period)
	for _, c := range append(polynomials, p[:], []float64{integer, 1 / period, far}) {
		for _, v := range c {
			list = append(list, math.Float32bits(float32(v)))
		}
	}
	return append(list, 1<<31-1, 1<<31)
}

// reduce returns r = x - k period, where k is the integer nearest to x/period,
// and a number whose low bits are k. The first difference is exact, and no
// product is rounded, so rough is off by half an ulp and some 1e-10. That
// matters to r alone, not to its square, and only where r all but vanishes.
func reduce(l *lanes, x value, period float64) (bits, rough, r value) {
	bits = l.reg(l.c(integer))
	l.addMul(bits, x, l.c(1/period))
	k := l.sub(bits, l.c(integer))
	p := parts(period)
	rough = l.reg(x)
	l.subMul(rough, k, l.c(p[0]))
	l.subMul(rough, k, l.c(p[1]))
	r = l.reg(rough)
	l.subMul(r, k, l.c(p[2]))
	return bits, rough, r
}

// oddSine returns r + rough u (c[0] + c[1] u + ...).
func oddSine(l *lanes, r, rough, u value, c []float64) value {
	l.addMul(r, l.mul(rough, u), l.polynomial(u, c...))
	return r
}

// A place is a vector of arguments and where they are near.
type place struct {
	*lanes
	x    value
	mask operand
}

// near returns where |x| is at most far.
func near(l *lanes, x value) place {
	size := l.abs(x)
	VPMAXUD(size, l.sum("most"), l.sum("most"))
	p := place{lanes: l, x: x}
	if l.wide {
		p.mask = K()
	} else {
		p.mask = l.value()
	}
	VCMPPS(atMost, l.c(far), size, p.mask)
	return p
}

// flip returns y with its sign flipped where that of sign is set; x where that
// is far.
func (p place) flip(y, sign value) value {
	if p.wide {
		d := p.reg(p.x)
		VPXORD(sign, y, p.mask, d)
		return d
	}
	d := p.value()
	VBLENDVPS(p.mask, p.xor(y, sign), p.x, d)
	return d
}
