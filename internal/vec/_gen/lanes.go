package main

import (
	"fmt"
	"math"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A value is a vector register; an operand is one too, or memory.
type (
	value   = reg.VecVirtual
	operand = Op
)

// lanes emits vector instructions at one level. Its methods read like the
// formula; those that change their first argument say so.
type lanes struct {
	wide bool // AVX-512: 16 lanes; otherwise AVX2: 8

	// The kernel being emitted.
	base    map[string]reg.Register // where each slice begins
	at      reg.Register            // bytes done
	scalars map[string]value
	sums    map[string][]value // accumulators, one per unrolled copy
	held    map[uint32]value   // constants that stay in registers

	// The copy of the body being emitted.
	copy int
	tail bool         // only some lanes are inside the slices
	mask reg.Register // which, if tail
}

func (l *lanes) suffix() string {
	if l.wide {
		return "AVX512"
	}
	return "AVX2"
}

func (l *lanes) width() int {
	if l.wide {
		return 16
	}
	return 8
}

func (l *lanes) value() value {
	if l.wide {
		return ZMM()
	}
	return YMM()
}

// constants holds every constant in use, in order of first use. Each fills 64
// bytes, so that it can be an operand at any width.
var constants []uint32

// bits returns a vector of one 32-bit pattern as an operand.
func (l *lanes) bits(u uint32) operand {
	if v, ok := l.held[u]; ok {
		return v
	}
	i := 0
	for i < len(constants) && constants[i] != u {
		i++
	}
	if i == len(constants) {
		constants = append(constants, u)
	}
	return NewDataAddr(NewStaticSymbol("constants"), 64*i)
}

// c returns a vector of one constant as an operand.
func (l *lanes) c(f float64) operand { return l.bits(math.Float32bits(float32(f))) }

// reg returns op in a register of its own.
func (l *lanes) reg(op operand) value {
	v := l.value()
	VMOVUPS(op, v)
	return v
}

func (l *lanes) address(slice string) Mem {
	return Mem{Base: l.base[slice], Disp: 4 * l.width() * l.copy}.Idx(l.at, 1)
}

// arg returns the slice's elements of this step as an operand; lanes past the
// end hold 0.
func (l *lanes) arg(slice string) operand {
	if l.tail {
		return l.load(slice)
	}
	return l.address(slice)
}

// load returns the slice's elements of this step in a register.
func (l *lanes) load(slice string) value {
	m := l.address(slice)
	if !l.tail {
		return l.reg(m)
	}
	v := l.value()
	if l.wide {
		VMOVUPS_Z(m, l.mask, v)
	} else {
		VMASKMOVPS(m, l.mask, v)
	}
	return v
}

// store puts v into the slice.
func (l *lanes) store(v value, slice string) {
	m := l.address(slice)
	switch {
	case !l.tail:
		VMOVUPS(v, m)
	case l.wide:
		VMOVUPS(v, l.mask, m)
	default:
		VMASKMOVPS(v, l.mask, m)
	}
}

// keep returns v with other in the lanes past the end.
func (l *lanes) keep(v value, other float64) value {
	switch {
	case !l.tail:
		return v
	case l.wide:
		d := l.value()
		VBLENDMPS(v, l.reg(l.c(other)), l.mask, d)
		return d
	}
	d := l.value()
	VBLENDVPS(l.mask, v, l.reg(l.c(other)), d)
	return d
}

// sum returns the accumulator of this copy.
func (l *lanes) sum(name string) value { return l.sums[name][l.copy] }

func (l *lanes) add(a value, b operand) value { return l.binary(VADDPS, a, b) } // a + b
func (l *lanes) sub(a value, b operand) value { return l.binary(VSUBPS, a, b) } // a - b
func (l *lanes) mul(a value, b operand) value { return l.binary(VMULPS, a, b) } // a * b
func (l *lanes) div(a value, b operand) value { return l.binary(VDIVPS, a, b) } // a / b
func (l *lanes) and(a value, b operand) value { return l.binary(VANDPS, a, b) }
func (l *lanes) or(a value, b operand) value  { return l.binary(VORPS, a, b) }
func (l *lanes) xor(a value, b operand) value { return l.binary(VXORPS, a, b) }

// min and max return b where either is NaN.
func (l *lanes) min(a value, b operand) value { return l.binary(VMINPS, a, b) }
func (l *lanes) max(a value, b operand) value { return l.binary(VMAXPS, a, b) }

func (l *lanes) binary(op func(...operand), a value, b operand) value {
	d := l.value()
	op(b, a, d)
	return d
}

func (l *lanes) abs(a value) value { return l.and(a, l.bits(1<<31-1)) }

func (l *lanes) sqrt(a value) value {
	d := l.value()
	VSQRTPS(a, d)
	return d
}

// addMul does acc += a*b, fused.
func (l *lanes) addMul(acc, a value, b operand) { VFMADD231PS(b, a, acc) }

// subMul does acc -= a*b, fused.
func (l *lanes) subMul(acc, a value, b operand) { VFNMADD231PS(b, a, acc) }

// mulAdd does a = a*b + c, fused.
func (l *lanes) mulAdd(a, b value, c operand) { VFMADD213PS(c, b, a) }

// polynomial returns c[0] + c[1]*x + c[2]*x² + ...
func (l *lanes) polynomial(x value, c ...float64) value {
	p := l.reg(l.c(c[len(c)-1]))
	for i := len(c) - 2; i >= 0; i-- {
		l.mulAdd(p, x, l.c(c[i]))
	}
	return p
}

// The comparisons of pick. None holds for NaN.
const (
	less    = U8(0x11)
	atMost  = U8(0x12)
	atLeast = U8(0x1d)
	more    = U8(0x1e)
)

// pick returns yes where a compares so with b, and no elsewhere.
func (l *lanes) pick(compare U8, a value, b, yes operand, no value) value {
	d := l.value()
	if l.wide {
		k := K()
		VCMPPS(compare, b, a, k)
		VBLENDMPS(yes, no, k, d)
	} else {
		m := l.value()
		VCMPPS(compare, b, a, m)
		VBLENDVPS(m, yes, no, d)
	}
	return d
}

// swap returns y and x where a's sign bit is set, x and y elsewhere.
func (l *lanes) swap(a, x, y value) (first, second value) {
	first, second = l.value(), l.value()
	if l.wide {
		k := K()
		VPMOVD2M(a, k)
		VBLENDMPS(y, x, k, first)
		VBLENDMPS(x, y, k, second)
	} else {
		VBLENDVPS(a, y, x, first)
		VBLENDVPS(a, x, y, second)
	}
	return first, second
}

// round returns a rounded to an integer, ties to even.
func (l *lanes) round(a value) value {
	const roundEven = U8(8)
	d := l.value()
	if l.wide {
		VRNDSCALEPS(roundEven, a, d)
	} else {
		VROUNDPS(roundEven, a, d)
	}
	return d
}

// shiftLeft returns a's bits moved left.
func (l *lanes) shiftLeft(a value, by uint8) value {
	d := l.value()
	VPSLLD(U8(by), a, d)
	return d
}

// scale returns p * 2^k for an integer k in [-252, 254], rounded once. Without
// VSCALEFPS the power is taken in two halves, neither of which overflows.
func (l *lanes) scale(p, k value) value {
	if l.wide {
		return l.binary(VSCALEFPS, p, k)
	}
	n, half, rest := l.value(), l.value(), l.value()
	VCVTPS2DQ(k, n)
	VPSRAD(U8(1), n, half)
	VPSUBD(half, n, rest)
	for _, e := range []value{half, rest} {
		biased := l.value()
		VPADDD(l.bits(127), e, biased)
		p = l.mul(p, l.shiftLeft(biased, 23))
	}
	return p
}

// A kernel describes one function at every level. It runs body over its
// slices, whose common length is that of the first.
type kernel struct {
	name    string
	slices  string // names, comma-separated
	scalars string // names, comma-separated
	others  string // further parameters, with types
	results []result
	unroll  int // how many vectors a step takes while there are enough
	// held are the constants that stay in registers where there are 32 of them,
	// because the loop would otherwise wait for loads.
	held []uint32
	body func(l *lanes)
	// whole, in the place of body, writes all between the loading of the slices'
	// addresses and the return.
	whole func(l *lanes)
}

// A result is an accumulator: each lane starts at init, and join folds the
// lanes into the value returned.
type result struct {
	name string
	init float64
	join func(...operand)
}

func fields(names string) []string {
	return strings.FieldsFunc(names, func(r rune) bool { return r == ',' || r == ' ' })
}

// parameters returns the parameter list without types.
func (k kernel) parameters() string {
	names := append(fields(k.slices), fields(k.scalars)...)
	for i, f := range fields(k.others) {
		if i%2 == 0 { // a name, then its type
			names = append(names, f)
		}
	}
	return strings.Join(names, ", ")
}

// signature returns the parameters and results with types.
func (k kernel) signature() string {
	s := "(" + k.slices + " []float32"
	if k.scalars != "" {
		s += ", " + k.scalars + " float32"
	}
	if k.others != "" {
		s += ", " + k.others
	}
	s += ")"
	if len(k.results) > 0 {
		names := make([]string, len(k.results))
		for i, r := range k.results {
			names[i] = r.name
		}
		s += " (" + strings.Join(names, ", ") + " float32)"
	}
	return s
}

// emit writes the kernel at one level. Whatever the length, every element
// meets the same operations.
func (k kernel) emit(wide bool) {
	l := &lanes{wide: wide, base: map[string]reg.Register{}, scalars: map[string]value{}, sums: map[string][]value{}}
	TEXT(k.name+l.suffix(), NOSPLIT, "func"+k.signature())
	Pragma("noescape")
	Doc(fmt.Sprintf("%s%s is %sGeneric for slices that are all as long as %s.", k.name, l.suffix(), k.name, fields(k.slices)[0]))

	for _, s := range fields(k.slices) {
		l.base[s] = Load(Param(s).Base(), GP64())
	}
	if k.whole != nil {
		k.whole(l)
	} else {
		k.loop(l)
	}
	VZEROUPPER()
	RET()
}

// loop runs the body over the slices and returns the results.
func (k kernel) loop(l *lanes) {
	n := Load(Param(fields(k.slices)[0]).Len(), GP64())
	for _, s := range fields(k.scalars) {
		l.scalars[s] = l.value()
		VBROADCASTSS(address(Param(s)), l.scalars[s])
	}
	for _, r := range k.results {
		for range k.unroll {
			l.sums[r.name] = append(l.sums[r.name], l.reg(l.c(r.init)))
		}
	}
	if l.wide {
		held := map[uint32]value{}
		for _, u := range k.held {
			held[u] = l.reg(l.bits(u))
		}
		l.held = held
	}
	l.at = GP64()
	XORQ(l.at, l.at)
	l.each(n, k.unroll, func() { k.body(l) })
	for _, r := range k.results {
		VMOVSS(l.fold(l.sums[r.name], r.join), address(Return(r.name)))
	}
}

// address returns where a scalar parameter or result lies.
func address(c gotypes.Component) Mem {
	b, err := c.Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

// each runs body over n elements, which it counts down to 0, from at on:
// vectors of the unrolled loop, single vectors, then one masked vector.
func (l *lanes) each(n reg.Register, unroll int, body func()) {
	loop := func(label, next string, vectors int) {
		elements := vectors * l.width()
		Label(label)
		CMPQ(n, U32(elements))
		JB(LabelRef(next))
		for l.copy = range vectors {
			body()
		}
		l.copy = 0
		ADDQ(U32(4*elements), l.at)
		SUBQ(U32(elements), n)
		JMP(LabelRef(label))
	}
	if unroll > 1 {
		loop("block", "vector", unroll)
	}
	loop("vector", "tail", 1)
	Label("tail")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	l.tail, l.mask = true, l.first(n)
	body()
	l.tail = false
	Label("done")
}

// first returns a mask of the first n lanes.
func (l *lanes) first(n reg.Register) reg.Register {
	if l.wide {
		// Every CPU with AVX-512 has BMI2, which BZHI belongs to.
		ones, k := GP64(), K()
		MOVQ(I32(-1), ones)
		BZHIQ(n, ones, ones)
		KMOVW(ones.As32(), k)
		return k
	}
	x, m := XMM(), YMM()
	VMOVD(n.(reg.GPVirtual).As32(), x)
	VPBROADCASTD(x, m)
	VPCMPGTD(NewDataAddr(NewStaticSymbol("lanes"), 0), m, m)
	return m
}

// fold joins the accumulators and then their lanes, halving each time.
func (l *lanes) fold(sums []value, join func(...operand)) reg.Register {
	for len(sums) > 1 {
		half := len(sums) / 2
		for i := range half {
			join(sums[i+half], sums[i], sums[i])
		}
		sums = sums[:half]
	}
	v := sums[0]
	if l.wide {
		high := YMM()
		VEXTRACTF32X8(U8(1), v, high)
		join(high, v.AsY(), v.AsY())
	}
	x, high := v.AsX(), XMM()
	VEXTRACTF128(U8(1), v.AsY(), high)
	join(high, x, x)
	VPERMILPS(U8(0b1110), x, high)
	join(high, x, x)
	VPERMILPS(U8(0b01), x, high)
	join(high, x, x)
	return x
}
