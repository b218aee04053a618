package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// walk is a pointer that steps through rows.
type walk struct {
	Mem
	stride reg.GPVirtual
}

func newWalk(pointer, stride string) walk {
	return walk{Mem{Base: param(pointer)}, param(stride)}
}

// loop emits body n times, moving the walks on after each.
func loop(n reg.GPVirtual, walks []walk, body func()) {
	Label("row")
	body()
	for _, w := range walks {
		ADDQ(w.stride, w.Base)
	}
	DECQ(n)
	JNZ(LabelRef("row"))
	ret()
}

func (s isa) begin(name, generic, signature, needs string) {
	TEXT(name+s.suffix, NOSPLIT, "func("+signature+")")
	Pragma("noescape")
	Doc(name + s.suffix + " is " + generic + "; strides are in bytes. It requires " + needs + ".")
}

func (s isa) scale(add bool) {
	name, generic := "scaleRows", "scaleRowsGeneric that stores"
	if add {
		name, generic = "scaleAddRows", "scaleRowsGeneric that adds"
	}
	s.begin(name, generic, "dst, src *float32, dstStride, srcStride, n int, s float32", "n > 0")
	dst, src := newWalk("dst", "dstStride"), newWalk("src", "srcStride")
	n, f := param("n"), s.paramScalar("s")
	loop(n, []walk{dst, src}, func() {
		for _, part := range []int{0, partBytes} {
			for _, o := range s.offsets {
				v := s.times(f, src.Offset(part+o))
				if add {
					VADDPS(dst.Offset(part+o), v, v)
				}
				VMOVUPS(v, dst.Offset(part+o))
			}
		}
	})
}

func (s isa) mul() {
	s.begin("mulRows", "mulRowsGeneric", "dst, src, w *float32, dstStride, srcStride, n int", "n > 0")
	dst, src := newWalk("dst", "dstStride"), newWalk("src", "srcStride")
	w, n := Mem{Base: param("w")}, param("n")
	loop(n, []walk{dst, src}, func() {
		for _, o := range s.offsets {
			s.twist(s.loadZ(src.Offset(o)), w).store(dst.Offset(o))
		}
		ADDQ(Imm(8), w.Base)
	})
}

func (s isa) unpackDFT() {
	s.begin("unpackDFT", "unpackDFTGeneric", "re, im, z, y *float32, reStride, imStride, zStride, yStride, n int, h float32", "n > 0")
	re, im := newWalk("re", "reStride"), newWalk("im", "imStride")
	zw, yw := newWalk("z", "zStride"), newWalk("y", "yStride")
	n, h := param("n"), s.paramScalar("h")
	loop(n, []walk{re, im, zw, yw}, func() {
		for _, o := range s.offsets {
			a, b := s.loadZ(zw.Offset(o)), s.loadZ(yw.Offset(o))
			sum, diff := s.addZ(a, b), z{s.sub(a.im, b.im), s.sub(b.re, a.re)}
			z{s.times(h, sum.re), s.times(h, sum.im)}.store(re.Offset(o))
			z{s.times(h, diff.re), s.times(h, diff.im)}.store(im.Offset(o))
		}
	})
}

func (s isa) packDFT() {
	s.begin("packDFT", "packDFTGeneric", "z, y, re, im *float32, zStride, yStride, reStride, imStride, n int, h float32", "n > 0")
	re, im := newWalk("re", "reStride"), newWalk("im", "imStride")
	zw, yw := newWalk("z", "zStride"), newWalk("y", "yStride")
	n, h := param("n"), s.paramScalar("h")
	loop(n, []walk{re, im, zw, yw}, func() {
		for _, o := range s.offsets {
			a, b := s.loadZ(re.Offset(o)), s.loadZ(im.Offset(o))
			z{s.times(h, s.add(a.re, b.im)), s.times(h, s.sub(a.im, b.re))}.store(zw.Offset(o))
			z{s.times(h, s.sub(a.re, b.im)), s.times(h, s.add(a.im, b.re))}.store(yw.Offset(o))
		}
	})
}

func (s isa) unpackDCT2() {
	s.begin("unpackDCT2", "unpackDCT2Generic", "lo, hi, z, y, w *float32, loStride, hiStride, zStride, yStride, wStride, n int, h float32", "n > 0")
	lo, hi := newWalk("lo", "loStride"), newWalk("hi", "hiStride")
	zw, yw := newWalk("z", "zStride"), newWalk("y", "yStride")
	w, n, h := newWalk("w", "wStride"), param("n"), s.paramScalar("h")
	loop(n, []walk{lo, hi, zw, yw, w}, func() {
		cos, sin := s.times(h, s.broadcast(w.Mem)), s.times(h, s.broadcast(w.Offset(4)))
		for _, o := range s.offsets {
			a, b := s.loadZ(zw.Offset(o)), s.loadZ(yw.Offset(o))
			re, im := s.addZ(a, b), z{s.sub(a.im, b.im), s.sub(b.re, a.re)}
			low := z{s.times(cos, re.re), s.times(cos, re.im)}
			VFMADD231PS(sin, im.re, low.re)
			VFMADD231PS(sin, im.im, low.im)
			low.store(lo.Offset(o))
			high := z{s.times(sin, re.re), s.times(sin, re.im)}
			VFNMADD231PS(cos, im.re, high.re)
			VFNMADD231PS(cos, im.im, high.im)
			high.store(hi.Offset(o))
		}
	})
}

func (s isa) packDCT2() {
	s.begin("packDCT2", "packDCT2Generic", "z, y, lo, hi, w *float32, zStride, yStride, loStride, hiStride, wStride, n int, h float32", "n > 0")
	lo, hi := newWalk("lo", "loStride"), newWalk("hi", "hiStride")
	zw, yw := newWalk("z", "zStride"), newWalk("y", "yStride")
	w, n, h := newWalk("w", "wStride"), param("n"), s.paramScalar("h")
	loop(n, []walk{lo, hi, zw, yw, w}, func() {
		cos, sin := s.times(h, s.broadcast(w.Mem)), s.times(h, s.broadcast(w.Offset(4)))
		for _, o := range s.offsets {
			a, b := s.loadZ(lo.Offset(o)), s.loadZ(hi.Offset(o))
			p := z{s.times(cos, a.re), s.times(cos, a.im)}
			VFMADD231PS(sin, b.re, p.re)
			VFMADD231PS(sin, b.im, p.im)
			q := z{s.times(cos, b.re), s.times(cos, b.im)}
			VFNMADD231PS(sin, a.re, q.re)
			VFNMADD231PS(sin, a.im, q.im)
			z{s.sub(p.re, q.im), s.add(q.re, p.im)}.store(zw.Offset(o))
			z{s.add(p.re, q.im), s.sub(p.im, q.re)}.store(yw.Offset(o))
		}
	})
}
