package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var interleaves = []kernel{
	{name: "deinterleave", slices: "even, odd, x", whole: func(l *lanes) {
		var evens, odds value
		if l.wide {
			evens = l.shiftLeft(l.numbers(), 1)
			odds = l.plus(evens, 1)
		}
		l.pairs(func() {
			first, second := l.reg(l.pair(0)), l.reg(l.pair(1))
			for i, slice := range []string{"even", "odd"} {
				var d value
				if l.wide {
					d = l.reg([]value{evens, odds}[i])
					VPERMI2PS(second, first, d)
				} else {
					d = l.value()
					VSHUFPS(U8([]uint8{0x88, 0xdd}[i]), second, first, d) // a0 a2 b0 b2 | a4 a6 b4 b6
					VPERMPD(U8(0b11011000), d, d)
				}
				l.store(d, slice)
			}
		}, func(even, odd, x0, x1 Mem, r reg.Register) {
			MOVL(x0, r)
			MOVL(r, even)
			MOVL(x1, r)
			MOVL(r, odd)
		})
	}},
	{name: "interleave", slices: "x, even, odd", whole: func(l *lanes) {
		var low, high value
		if l.wide { // 0 16 1 17 ..., and 8 more
			half, late := l.value(), l.shiftLeft(l.numbers(), 31)
			VPSRLD(U8(1), l.numbers(), half)
			VPSRLD(U8(27), late, late)
			low = l.or(half, late)
			high = l.plus(low, 8)
		}
		l.pairs(func() {
			even, odd := l.load("even"), l.load("odd")
			if l.wide {
				for i, d := range []value{l.reg(low), l.reg(high)} {
					VPERMI2PS(odd, even, d)
					VMOVUPS(d, l.pair(i))
				}
				return
			}
			low, high := l.binary(VUNPCKLPS, even, odd), l.binary(VUNPCKHPS, even, odd) // e0 o0 e1 o1 | e4 o4 e5 o5, and so on
			for i, halves := range []uint8{0x20, 0x31} {
				d := l.value()
				VPERM2F128(U8(halves), high, low, d)
				VMOVUPS(d, l.pair(i))
			}
		}, func(even, odd, x0, x1 Mem, r reg.Register) {
			MOVL(even, r)
			MOVL(r, x0)
			MOVL(odd, r)
			MOVL(r, x1)
		})
	}},
}

// numbers returns the integers from 0 on.
func (l *lanes) numbers() value { return l.reg(NewDataAddr(NewStaticSymbol("lanes"), 0)) }

// plus returns integers, each more by n.
func (l *lanes) plus(a value, n uint32) value {
	d := l.value()
	VPADDD(l.bits(n), a, d)
	return d
}

// pair is the first or the second vector of x that belongs to one of even and
// one of odd.
func (l *lanes) pair(i int) Mem {
	return Mem{Base: l.base["x"], Disp: 4 * l.width() * i}.Idx(l.at, 2)
}

// pairs runs body over vectors of even and odd, and single over the elements
// that are left.
func (l *lanes) pairs(body func(), single func(even, odd, x0, x1 Mem, r reg.Register)) {
	n := Load(Param("even").Len(), GP64())
	l.at = GP64()
	XORQ(l.at, l.at)
	Label("vector")
	CMPQ(n, U32(l.width()))
	JB(LabelRef("tail"))
	body()
	ADDQ(U32(4*l.width()), l.at)
	SUBQ(U32(l.width()), n)
	JMP(LabelRef("vector"))
	Label("tail")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	second := l.pair(0)
	second.Disp = 4
	single(l.address("even"), l.address("odd"), l.pair(0), second, GP32())
	ADDQ(U32(4), l.at)
	DECQ(n)
	JMP(LabelRef("tail"))
	Label("done")
}
