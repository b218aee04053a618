// Command gen writes kernels_amd64.s and kernels_amd64.go.
package main

import (
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
		s.dot()
		s.complexMulSum("complexMulSum", false)
		s.complexMulSum("conjMulSum", true)
		s.conjMul("conjMul", false)
		s.conjMul("conjMulAdd", true)
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
	n := param("n")
	Label("row")
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
	loop(n, []walk{dr, di, ar, ai}, func() {
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

// conv3 slides three taps, which stay in registers, one column of vectors
// after the other.
func (s isa) conv3() {
	s.begin("conv3", "convGeneric of three taps", "dst, start, x, w *float32, dstStride, startStride, xStride, n int")
	w := Mem{Base: param("w")}
	dst, start, x := param("dst"), param("start"), param("x")
	dstStride, startStride, xStride := param("dstStride"), param("startStride"), param("xStride")
	step2 := GP64()
	LEAQ(Mem{Base: xStride, Index: xStride, Scale: 1}, step2)
	width := 128 / len(s.offsets)
	vectors := GP64()
	MOVQ(U32(uint32(len(s.offsets))), vectors)
	Label("vector")
	t0, t1, t2 := s.load(w), s.load(w.Offset(128)), s.load(w.Offset(256))
	d, b, v, n := GP64(), GP64(), GP64(), param("n")
	MOVQ(dst, d)
	MOVQ(start, b)
	MOVQ(x, v)
	x0, x1 := s.load(Mem{Base: v}), s.load(Mem{Base: v, Index: xStride, Scale: 1})
	Label("row")
	x2 := s.load(Mem{Base: v, Index: step2, Scale: 1})
	sum := s.load(Mem{Base: b})
	VFMADD231PS(t0, x0, sum)
	VFMADD231PS(t1, x1, sum)
	VFMADD231PS(t2, x2, sum)
	VMOVUPS(sum, Mem{Base: d})
	VMOVAPS(x1, x0)
	VMOVAPS(x2, x1)
	ADDQ(xStride, v)
	ADDQ(startStride, b)
	ADDQ(dstStride, d)
	DECQ(n)
	JNZ(LabelRef("row"))
	for _, p := range []reg.GPVirtual{dst, start, x, w.Base.(reg.GPVirtual)} {
		ADDQ(Imm(uint64(width)), p)
	}
	DECQ(vectors)
	JNZ(LabelRef("vector"))
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

// conv3Grad keeps the sums in registers, one column of vectors after the
// other.
func (s isa) conv3Grad() {
	s.begin("conv3Grad", "convGradGeneric of three taps", "sum, dy, x *float32, dyStride, xStride, n int")
	sum := Mem{Base: param("sum")}
	g, x, gStride, xStride := param("dy"), param("x"), param("dyStride"), param("xStride")
	step2 := GP64()
	LEAQ(Mem{Base: xStride, Index: xStride, Scale: 1}, step2)
	width := 128 / len(s.offsets)
	vectors := GP64()
	MOVQ(U32(uint32(len(s.offsets))), vectors)
	Label("vector")
	s0, s1, s2 := s.load(sum), s.load(sum.Offset(128)), s.load(sum.Offset(256))
	d, v, n := GP64(), GP64(), param("n")
	MOVQ(g, d)
	MOVQ(x, v)
	x0, x1 := s.load(Mem{Base: v}), s.load(Mem{Base: v, Index: xStride, Scale: 1})
	Label("row")
	x2 := s.load(Mem{Base: v, Index: step2, Scale: 1})
	dy := s.load(Mem{Base: d})
	VFMADD231PS(dy, x0, s0)
	VFMADD231PS(dy, x1, s1)
	VFMADD231PS(dy, x2, s2)
	VMOVAPS(x1, x0)
	VMOVAPS(x2, x1)
	ADDQ(xStride, v)
	ADDQ(gStride, d)
	DECQ(n)
	JNZ(LabelRef("row"))
	VMOVUPS(s0, sum)
	VMOVUPS(s1, sum.Offset(128))
	VMOVUPS(s2, sum.Offset(256))
	for _, p := range []reg.GPVirtual{g, x, sum.Base.(reg.GPVirtual)} {
		ADDQ(Imm(uint64(width)), p)
	}
	DECQ(vectors)
	JNZ(LabelRef("vector"))
	ret()
}
