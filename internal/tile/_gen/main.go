// Command gen writes kernels_amd64.s and kernels_amd64.go.
package main

import (
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/buildtags"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An isa is one instruction set; a row takes as many of its vectors as there
// are offsets, in bytes.
type isa struct {
	suffix  string
	vector  func() reg.VecVirtual
	offsets []int
}

func main() {
	Constraint(buildtags.Not("noasm").ToConstraint())
	for _, s := range []isa{{"AVX2", YMM, []int{0, 32, 64, 96}}, {"AVX512", ZMM, []int{0, 64}}} {
		s.mul()
		s.mulAdd()
		s.mulSum()
		s.abs()
		s.mulSign()
		s.dot()
		s.complexMulSum("complexMulSum", false)
		s.complexMulSum("conjMulSum", true)
		s.conjMul("conjMul", false)
		s.conjMul("conjMulAdd", true)
		s.gate()
		s.gateBack()
		s.productBack()
		s.conv3()
		s.conv()
		s.conv3Grad()
	}
	Generate()
}

// begin declares a kernel: pointers, strides of the same number or fewer, n.
func (s isa) begin(name, generic, signature string) {
	TEXT(name+s.suffix, NOSPLIT, "func("+signature+")")
	Pragma("noescape")
	Doc(name + s.suffix + " is " + generic + "; strides are in bytes. It requires n > 0.")
}

func param(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }

// A walk is a pointer that steps through rows.
type walk struct {
	Mem
	stride reg.GPVirtual
}

func newWalk(pointer, stride string) walk { return walk{Mem{Base: param(pointer)}, param(stride)} }

// loop emits body n times, moving the walks on after each.
func loop(n reg.GPVirtual, walks []walk, body func()) {
	Label("row")
	body()
	for _, w := range walks {
		ADDQ(w.stride, w.Base)
	}
	DECQ(n)
	JNZ(LabelRef("row"))
}

func ret() {
	VZEROUPPER()
	RET()
}

func (s isa) load(m Mem) reg.VecVirtual { v := s.vector(); VMOVUPS(m, v); return v }

func (s isa) add(a, b Op) reg.VecVirtual { v := s.vector(); VADDPS(b, a, v); return v }

func (s isa) times(a, b Op) reg.VecVirtual { v := s.vector(); VMULPS(b, a, v); return v }

func (s isa) mul() {
	s.begin("mul", "mulGeneric", "dst, a, b *float32, dstStride, aStride, bStride, n int")
	d, a, b := newWalk("dst", "dstStride"), newWalk("a", "aStride"), newWalk("b", "bStride")
	loop(param("n"), []walk{d, a, b}, func() {
		for _, o := range s.offsets {
			VMOVUPS(s.times(s.load(a.Offset(o)), b.Offset(o)), d.Offset(o))
		}
	})
	ret()
}

func (s isa) mulAdd() {
	s.begin("mulAdd", "mulAddGeneric", "dst, a, b *float32, dstStride, aStride, bStride, n int")
	d, a, b := newWalk("dst", "dstStride"), newWalk("a", "aStride"), newWalk("b", "bStride")
	loop(param("n"), []walk{d, a, b}, func() {
		for _, o := range s.offsets {
			v := s.load(d.Offset(o))
			VFMADD231PS(b.Offset(o), s.load(a.Offset(o)), v)
			VMOVUPS(v, d.Offset(o))
		}
	})
	ret()
}

func (s isa) mulSum() {
	s.begin("mulSum", "mulSumGeneric", "dst, a, b, c *float32, dstStride, aStride, bStride, cStride, n int")
	d, a, b, c := newWalk("dst", "dstStride"), newWalk("a", "aStride"), newWalk("b", "bStride"), newWalk("c", "cStride")
	loop(param("n"), []walk{d, a, b, c}, func() {
		for _, o := range s.offsets {
			sum := s.add(s.load(b.Offset(o)), c.Offset(o))
			VMOVUPS(s.times(sum, a.Offset(o)), d.Offset(o))
		}
	})
	ret()
}

// bits broadcasts a constant.
func (s isa) bits(name string, v uint32) reg.VecVirtual {
	m := GLOBL(name+s.suffix, attr.RODATA|attr.NOPTR)
	DATA(0, U32(v))
	r := s.vector()
	VBROADCASTSS(m, r)
	return r
}

func (s isa) abs() {
	s.begin("abs", "absGeneric", "dst, a *float32, dstStride, aStride, n int")
	d, a := newWalk("dst", "dstStride"), newWalk("a", "aStride")
	mask := s.bits("magnitude", 1<<31-1)
	loop(param("n"), []walk{d, a}, func() {
		for _, o := range s.offsets {
			v := s.vector()
			s.and(a.Offset(o), mask, v)
			VMOVUPS(v, d.Offset(o))
		}
	})
	ret()
}

// and and xor are integer operations, which AVX-512F has for whole registers.
func (s isa) and(a, b, dst Op) {
	if s.suffix == "AVX512" {
		VPANDD(a, b, dst)
	} else {
		VANDPS(a, b, dst)
	}
}

func (s isa) xor(a, b, dst Op) {
	if s.suffix == "AVX512" {
		VPXORD(a, b, dst)
	} else {
		VXORPS(a, b, dst)
	}
}

func (s isa) mulSign() {
	s.begin("mulSign", "mulSignGeneric", "dst, a, b *float32, dstStride, aStride, bStride, n int")
	d, a, b := newWalk("dst", "dstStride"), newWalk("a", "aStride"), newWalk("b", "bStride")
	mask, zero := s.bits("sign", 1<<31), s.vector()
	s.xor(mask, mask, zero)
	const different = 4 // or not comparable
	loop(param("n"), []walk{d, a, b}, func() {
		for _, o := range s.offsets {
			y, v := s.load(b.Offset(o)), s.vector()
			s.and(y, mask, v)
			s.xor(a.Offset(o), v, v)
			if s.suffix == "AVX512" {
				k := K()
				VCMPPS(Imm(different), zero, y, k)
				VMOVUPS_Z(v, k, v)
			} else {
				m := s.vector()
				VCMPPS(Imm(different), zero, y, m)
				VANDPS(m, v, v)
			}
			VSUBPS(y, y, y) // 0, or NaN, which must travel
			VADDPS(y, v, v)
			VMOVUPS(v, d.Offset(o))
		}
	})
	ret()
}

func (s isa) dot() {
	s.begin("dot", "dotGeneric", "sum, a, b *float32, aStride, bStride, n int")
	sum, a, b := Mem{Base: param("sum")}, newWalk("a", "aStride"), newWalk("b", "bStride")
	var acc []reg.VecVirtual
	for _, o := range s.offsets {
		acc = append(acc, s.load(sum.Offset(o)))
	}
	loop(param("n"), []walk{a, b}, func() {
		for i, o := range s.offsets {
			VFMADD231PS(b.Offset(o), s.load(a.Offset(o)), acc[i])
		}
	})
	for i, o := range s.offsets {
		VMOVUPS(acc[i], sum.Offset(o))
	}
	ret()
}

// complexMulSum multiplies by a sum; with conj, by its conjugate.
func (s isa) complexMulSum(name string, conj bool) {
	doc := "complexMulSumGeneric"
	if conj {
		doc += " of the conjugate"
	}
	s.begin(name, doc, "dr, di, ar, ai, br, bi, cr, ci *float32, dStride, aStride, bStride, cStride, n int")
	p := map[string]Mem{}
	for _, name := range []string{"dr", "di", "ar", "ai", "br", "bi", "cr", "ci"} {
		p[name] = Mem{Base: param(name)}
	}
	n, far := param("n"), distance("bStride")
	Label("row")
	fetch(p["br"].Base.(reg.GPVirtual), far)
	fetch(p["bi"].Base.(reg.GPVirtual), far)
	for _, o := range s.offsets {
		at := func(name string) Mem { return p[name].Offset(o) }
		r, m := s.add(s.load(at("br")), at("cr")), s.add(s.load(at("bi")), at("ci"))
		ar, ai := s.load(at("ar")), s.load(at("ai"))
		re, im := s.times(ar, r), s.times(ai, r)
		if conj {
			VFMADD231PS(ai, m, re)
			VFNMADD231PS(ar, m, im)
		} else {
			VFNMADD231PS(ai, m, re)
			VFMADD231PS(ar, m, im)
		}
		VMOVUPS(re, at("dr"))
		VMOVUPS(im, at("di"))
	}
	for _, v := range "dabc" {
		stride, err := Param(string(v) + "Stride").Resolve()
		if err != nil {
			panic(err)
		}
		for _, part := range "ri" {
			ADDQ(stride.Addr, p[string(v)+string(part)].Base)
		}
	}
	DECQ(n)
	JNZ(LabelRef("row"))
	ret()
}

// conjMul multiplies by a conjugate, and adds.
func (s isa) conjMul(name string, add bool) {
	doc := "conjMulGeneric that stores"
	if add {
		doc = "conjMulGeneric that adds"
	}
	s.begin(name, doc, "dr, di, ar, ai, br, bi *float32, dStride, aStride, bStride, n int")
	dr, di := newWalk("dr", "dStride"), newWalk("di", "dStride")
	ar, ai := newWalk("ar", "aStride"), newWalk("ai", "aStride")
	br, bi := Mem{Base: param("br")}, Mem{Base: param("bi")}
	n := param("n")
	stride, err := Param("bStride").Resolve()
	if err != nil {
		panic(err)
	}
	far := distance("dStride")
	loop(n, []walk{dr, di, ar, ai}, func() {
		fetch(dr.Base.(reg.GPVirtual), far)
		fetch(di.Base.(reg.GPVirtual), far)
		for _, o := range s.offsets {
			xr, xi, yr, yi := s.load(ar.Offset(o)), s.load(ai.Offset(o)), s.load(br.Offset(o)), s.load(bi.Offset(o))
			re, im := s.times(xr, yr), s.times(xr, yi)
			VFMADD231PS(xi, yi, re)
			VFNMADD231PS(xi, yr, im)
			if add {
				VADDPS(dr.Offset(o), re, re)
				VADDPS(di.Offset(o), im, im)
			}
			VMOVUPS(re, dr.Offset(o))
			VMOVUPS(im, di.Offset(o))
		}
		ADDQ(stride.Addr, br.Base)
		ADDQ(stride.Addr, bi.Base)
	})
	ret()
}

// together is how many vectors of a row a kernel with three taps takes at once:
// as many as leave taps and rows in registers.
func (s isa) together() int {
	if s.suffix == "AVX512" {
		return 2
	}
	return 1
}

// columns emits body for sets of vectors of a row, one set after the other, and
// moves the pointers on in between.
func (s isa) columns(pointers []reg.GPVirtual, body func(offsets []int)) {
	at := s.together()
	rounds := len(s.offsets) / at
	if rounds == 1 {
		body(s.offsets)
		return
	}
	left := GP64()
	MOVQ(U32(uint32(rounds)), left)
	Label("vector")
	body(s.offsets[:at])
	for _, p := range pointers {
		ADDQ(Imm(uint64(128/rounds)), p)
	}
	DECQ(left)
	JNZ(LabelRef("vector"))
}

// ahead is how many rows before they are needed rows of a matrix are fetched:
// they lie too far apart for the hardware to guess.
const ahead = 12

// distance returns the bytes to those rows.
func distance(stride string) reg.GPVirtual {
	v := param(stride)
	IMUL3Q(Imm(ahead), v, v)
	return v
}

// fetch brings a row to the cache.
func fetch(base, far reg.GPVirtual) {
	for _, o := range []int{0, 64} {
		PREFETCHT0(Mem{Base: base, Index: far, Scale: 1, Disp: o})
	}
}

// conv3 slides three taps, which stay in registers.
func (s isa) conv3() {
	s.begin("conv3", "convGeneric of three taps", "dst, start, x, w *float32, dstStride, startStride, xStride, n int")
	w := param("w")
	dst, start, x := param("dst"), param("start"), param("x")
	dstStride, startStride, xStride := param("dstStride"), param("startStride"), param("xStride")
	step2, far, dstFar := GP64(), distance("xStride"), distance("dstStride")
	LEAQ(Mem{Base: xStride, Index: xStride, Scale: 1}, step2)
	s.columns([]reg.GPVirtual{dst, start, x, w}, func(offsets []int) {
		d, b, v, n := GP64(), GP64(), GP64(), param("n")
		MOVQ(dst, d)
		MOVQ(start, b)
		MOVQ(x, v)
		var t, h [][2]reg.VecVirtual // taps 0 and 1; the two rows before
		var t2 []reg.VecVirtual
		for _, o := range offsets {
			t = append(t, [2]reg.VecVirtual{s.load(Mem{Base: w, Disp: o}), s.load(Mem{Base: w, Disp: o + 128})})
			t2 = append(t2, s.load(Mem{Base: w, Disp: o + 256}))
			h = append(h, [2]reg.VecVirtual{s.load(Mem{Base: v, Disp: o}), s.load(Mem{Base: v, Index: xStride, Scale: 1, Disp: o})})
		}
		Label("row")
		if len(offsets) == len(s.offsets) {
			fetch(v, far)
			fetch(d, dstFar)
		}
		for i, o := range offsets {
			x2 := s.load(Mem{Base: v, Index: step2, Scale: 1, Disp: o})
			sum := s.load(Mem{Base: b, Disp: o})
			VFMADD231PS(t[i][0], h[i][0], sum)
			VFMADD231PS(t[i][1], h[i][1], sum)
			VFMADD231PS(t2[i], x2, sum)
			VMOVUPS(sum, Mem{Base: d, Disp: o})
			VMOVAPS(h[i][1], h[i][0])
			VMOVAPS(x2, h[i][1])
		}
		ADDQ(xStride, v)
		ADDQ(startStride, b)
		ADDQ(dstStride, d)
		DECQ(n)
		JNZ(LabelRef("row"))
	})
	ret()
}

func (s isa) conv() {
	s.begin("conv", "convGeneric", "dst, start, x, w *float32, dstStride, startStride, xStride, n, taps int")
	d, b, x := newWalk("dst", "dstStride"), newWalk("start", "startStride"), newWalk("x", "xStride")
	w, n, taps := param("w"), param("n"), param("taps")
	loop(n, []walk{d, b, x}, func() {
		var sum []reg.VecVirtual
		for _, o := range s.offsets {
			sum = append(sum, s.load(b.Offset(o)))
		}
		v, t, k := GP64(), GP64(), GP64()
		MOVQ(x.Base, v)
		MOVQ(w, t)
		MOVQ(taps, k)
		Label("tap")
		for i, o := range s.offsets {
			VFMADD231PS(Mem{Base: t, Disp: o}, s.load(Mem{Base: v, Disp: o}), sum[i])
		}
		ADDQ(x.stride, v)
		ADDQ(Imm(128), t)
		DECQ(k)
		JNZ(LabelRef("tap"))
		for i, o := range s.offsets {
			VMOVUPS(sum[i], d.Offset(o))
		}
	})
	ret()
}

// conv3Grad keeps the sums in registers.
func (s isa) conv3Grad() {
	s.begin("conv3Grad", "convGradGeneric of three taps", "sum, dy, x *float32, dyStride, xStride, n int")
	sum := param("sum")
	dy, x, dyStride, xStride := param("dy"), param("x"), param("dyStride"), param("xStride")
	step2 := GP64()
	LEAQ(Mem{Base: xStride, Index: xStride, Scale: 1}, step2)
	s.columns([]reg.GPVirtual{sum, dy, x}, func(offsets []int) {
		d, v, n := GP64(), GP64(), param("n")
		MOVQ(dy, d)
		MOVQ(x, v)
		var t [][3]reg.VecVirtual
		var h [][2]reg.VecVirtual // the two rows before
		for _, o := range offsets {
			at := func(k int) reg.VecVirtual { return s.load(Mem{Base: sum, Disp: o + 128*k}) }
			t = append(t, [3]reg.VecVirtual{at(0), at(1), at(2)})
			h = append(h, [2]reg.VecVirtual{s.load(Mem{Base: v, Disp: o}), s.load(Mem{Base: v, Index: xStride, Scale: 1, Disp: o})})
		}
		Label("row")
		for i, o := range offsets {
			x2 := s.load(Mem{Base: v, Index: step2, Scale: 1, Disp: o})
			g := s.load(Mem{Base: d, Disp: o})
			VFMADD231PS(g, h[i][0], t[i][0])
			VFMADD231PS(g, h[i][1], t[i][1])
			VFMADD231PS(g, x2, t[i][2])
			VMOVAPS(h[i][1], h[i][0])
			VMOVAPS(x2, h[i][1])
		}
		ADDQ(xStride, v)
		ADDQ(dyStride, d)
		DECQ(n)
		JNZ(LabelRef("row"))
		for i, o := range offsets {
			for k := range 3 {
				VMOVUPS(t[i][k], Mem{Base: sum, Disp: o + 128*k})
			}
		}
	})
	ret()
}

// each emits a loop over n rows of what the named arguments point to; their
// strides are arguments too, named like them with Stride behind. Those fetched
// are operands of the caller, not scratch.
func (s isa) each(names []string, fetched []string, row func(at func(name string, offset int) Mem)) {
	p := map[string]reg.GPVirtual{}
	for _, name := range names {
		p[name] = param(name)
	}
	n := param("n")
	far := map[string]reg.GPVirtual{}
	for _, name := range fetched {
		far[name] = distance(name + "Stride")
	}
	Label("row")
	for _, name := range fetched {
		fetch(p[name], far[name])
	}
	row(func(name string, offset int) Mem { return Mem{Base: p[name], Disp: offset} })
	for _, name := range names {
		stride, err := Param(name + "Stride").Resolve()
		if err != nil {
			panic(err)
		}
		ADDQ(stride.Addr, p[name])
	}
	DECQ(n)
	JNZ(LabelRef("row"))
}

// row loads a row that all rows share.
func (s isa) row(name string) (v []reg.VecVirtual) {
	m := Mem{Base: param(name)}
	for _, o := range s.offsets {
		v = append(v, s.load(m.Offset(o)))
	}
	return v
}

func (s isa) gate() {
	s.begin("gate", "gateGeneric", "dst, x0, c, z, r, u, skip, direct *float32, dstStride, x0Stride, cStride, zStride, rStride, uStride, n int")
	skip, direct := s.row("skip"), s.row("direct")
	s.each([]string{"dst", "x0", "c", "z", "r", "u"}, []string{"dst", "u"}, func(at func(string, int) Mem) {
		for i, o := range s.offsets {
			c, r := s.load(at("c", o)), s.load(at("r", o))
			VFMADD231PS(at("z", o), skip[i], c)
			VFMADD231PS(at("u", o), direct[i], r)
			VFMADD231PS(at("x0", o), c, r)
			VMOVUPS(r, at("dst", o))
		}
	})
	ret()
}

func (s isa) gateBack() {
	s.begin("gateBack", "gateBackGeneric", "dx0, dy, dc, c, z, skip, dskip *float32, dx0Stride, dyStride, dcStride, cStride, zStride, n int")
	skip, sum := s.row("skip"), s.row("dskip")
	s.each([]string{"dx0", "dy", "dc", "c", "z"}, []string{"dy"}, func(at func(string, int) Mem) {
		for i, o := range s.offsets {
			z, c := s.load(at("z", o)), s.load(at("c", o))
			VFMADD231PS(z, skip[i], c)
			VFMADD231PS(at("dc", o), z, sum[i])
			VMULPS(at("dy", o), c, c)
			VMOVUPS(c, at("dx0", o))
		}
	})
	dskip := Mem{Base: param("dskip")}
	for i, o := range s.offsets {
		VMOVUPS(sum[i], dskip.Offset(o))
	}
	ret()
}

func (s isa) productBack() {
	s.begin("productBack", "productBackGeneric", "dx1, dv, dz, dc, x1, v, skip *float32, dx1Stride, dvStride, dzStride, dcStride, x1Stride, vStride, n int")
	skip := s.row("skip")
	s.each([]string{"dx1", "dv", "dz", "dc", "x1", "v"}, nil, func(at func(string, int) Mem) {
		for i, o := range s.offsets {
			g := s.load(at("dz", o))
			VFMADD231PS(at("dc", o), skip[i], g)
			dx1, dv := s.times(g, at("v", o)), s.times(g, at("x1", o))
			VMOVUPS(dx1, at("dx1", o))
			VMOVUPS(dv, at("dv", o))
		}
	})
	ret()
}
