package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A pass is the frame of a whole radix pass: for each of groups and runs, it
// takes run butterflies on adjacent rows.
type pass struct {
	src, dst         reg.GPVirtual // first row of the butterfly
	srcStep, dstStep reg.GPVirtual // bytes between its rows
	w, roots         Mem
}

func (s isa) pass(radix int, flags attr.Attribute, body func(p pass)) {
	name := fmt.Sprintf("radix%d%s", radix, s.suffix)
	TEXT(name, flags, "func(dst, src, twiddles, roots *float32, dstStride, srcStride, dstStep, srcStep, dstSkip, srcSkip, groups, runs, run int)")
	Pragma("noescape")
	Doc(name+" is pass.applyGeneric; all is in bytes. In each of groups, with the next twiddles, and in",
		"each of runs it takes run butterflies, Step between their rows, Stride from one to the next; then",
		"it skips dstSkip after a run and srcSkip after a group. It requires groups, runs, run > 0.")
	p := pass{
		src: param("src"), dst: param("dst"), srcStep: param("srcStep"), dstStep: param("dstStep"),
		w: Mem{Base: param("twiddles")}, roots: Mem{Base: param("roots")},
	}
	n := GP64()
	runs := param("runs")
	Label("group")
	Label("run")
	MOVQ(argument("run"), n)
	Label("butterfly")
	body(p)
	ADDQ(argument("srcStride"), p.src)
	ADDQ(argument("dstStride"), p.dst)
	DECQ(n)
	JNZ(LabelRef("butterfly"))
	ADDQ(argument("dstSkip"), p.dst)
	DECQ(runs)
	JNZ(LabelRef("run"))
	MOVQ(argument("runs"), runs)
	ADDQ(argument("srcSkip"), p.src)
	ADDQ(U32(8*(radix-1)), p.w.Base)
	DECQ(argument("groups"))
	JNZ(LabelRef("group"))
	ret()
}

// argument returns where an argument lies on the stack; groups counts down
// there.
func argument(name string) Mem {
	p, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}

func (s isa) radix2() {
	s.pass(2, NOSPLIT, func(p pass) {
		for _, o := range s.offsets {
			a := s.loadZ(Mem{Base: p.src, Disp: o})
			b := s.twist(s.loadZ(Mem{Base: p.src, Index: p.srcStep, Scale: 1, Disp: o}), p.w)
			s.addZ(a, b).store(Mem{Base: p.dst, Disp: o})
			s.subZ(a, b).store(Mem{Base: p.dst, Index: p.dstStep, Scale: 1, Disp: o})
		}
	})
}

// quad returns the addresses of four rows by step from base.
func quad(base, step, step3 reg.GPVirtual, disp int) [4]Mem {
	return [4]Mem{
		{Base: base, Disp: disp},
		{Base: base, Index: step, Scale: 1, Disp: disp},
		{Base: base, Index: step, Scale: 2, Disp: disp},
		{Base: base, Index: step3, Scale: 1, Disp: disp},
	}
}

func triple(step reg.GPVirtual) reg.GPVirtual {
	v := GP64()
	LEAQ(Mem{Base: step, Index: step, Scale: 2}, v)
	return v
}

func (s isa) radix4() {
	s.pass(4, NOSPLIT, func(p pass) {
		src3, dst3 := triple(p.srcStep), triple(p.dstStep)
		for _, o := range s.offsets {
			from, to := quad(p.src, p.srcStep, src3, o), quad(p.dst, p.dstStep, dst3, o)
			x := [4]z{s.loadZ(from[0])}
			for u := 1; u < 4; u++ {
				x[u] = s.twist(s.loadZ(from[u]), p.w.Offset(8*(u-1)))
			}
			x[0], x[1], x[2], x[3] = s.fourier4(x[0], x[1], x[2], x[3])
			for j := range x {
				x[j].store(to[j])
			}
		}
	})
}

// radix8 joins the transforms of the even and of the odd rows. The odd ones
// wait on the stack where registers are few.
func (s isa) radix8() {
	spill := s.registers < 32
	s.pass(8, NOSPLIT, func(p pass) {
		var stack Mem
		if spill {
			stack = AllocLocal(8 * 32)
		}
		for _, o := range s.offsets {
			x := s.eighths(p, o)
			odd := [4]z{}
			odd[0], odd[1], odd[2], odd[3] = s.fourier4(x(1), x(3), x(5), x(7))
			odd[1] = z{s.add(odd[1].re, odd[1].im), s.sub(odd[1].im, odd[1].re)}
			odd[3] = z{s.sub(odd[3].im, odd[3].re), s.add(odd[3].re, odd[3].im)}
			ops := [8]Op{}
			for j, v := range odd {
				ops[2*j], ops[2*j+1] = v.re, v.im
				if spill {
					ops[2*j], ops[2*j+1] = stack.Offset(64*j), stack.Offset(64*j+32)
					VMOVUPS(v.re, ops[2*j])
					VMOVUPS(v.im, ops[2*j+1])
				}
			}
			even := [4]z{}
			even[0], even[1], even[2], even[3] = s.fourier4(x(0), x(2), x(4), x(6))
			h := s.broadcast(p.roots.Offset(8)) // cos of 2π/8
			dst3, high := triple(p.dstStep), GP64()
			LEAQ(Mem{Base: p.dst, Index: p.dstStep, Scale: 4}, high)
			lo, hi := quad(p.dst, p.dstStep, dst3, o), quad(high, p.dstStep, dst3, o)
			for j, e := range even {
				re, im := ops[2*j], ops[2*j+1]
				switch j {
				case 0:
					z{s.add(e.re, re), s.add(e.im, im)}.store(lo[0])
					z{s.sub(e.re, re), s.sub(e.im, im)}.store(hi[0])
				case 1:
					z{s.fma(e.re, h, re), s.fma(e.im, h, im)}.store(lo[1])
					z{s.fnma(e.re, h, re), s.fnma(e.im, h, im)}.store(hi[1])
				case 2: // times -i
					z{s.add(e.re, im), s.sub(e.im, re)}.store(lo[2])
					z{s.sub(e.re, im), s.add(e.im, re)}.store(hi[2])
				case 3:
					z{s.fma(e.re, h, re), s.fnma(e.im, h, im)}.store(lo[3])
					z{s.fnma(e.re, h, re), s.fma(e.im, h, im)}.store(hi[3])
				}
			}
		}
	})
}

// eighths returns a loader of the twisted rows of a radix-8 butterfly.
func (s isa) eighths(p pass, disp int) func(u int) z {
	src3, high := triple(p.srcStep), GP64()
	LEAQ(Mem{Base: p.src, Index: p.srcStep, Scale: 4}, high)
	lo, hi := quad(p.src, p.srcStep, src3, disp), quad(high, p.srcStep, src3, disp)
	rows := append(lo[:], hi[:]...)
	return func(u int) z {
		v := s.loadZ(rows[u])
		if u == 0 {
			return v
		}
		return s.twist(v, p.w.Offset(8*(u-1)))
	}
}

// fma returns a + b*c.
func (s isa) fma(a, b reg.VecVirtual, c Op) reg.VecVirtual {
	v := s.vector()
	VMOVAPS(a, v)
	VFMADD231PS(c, b, v)
	return v
}

// fnma returns a - b*c.
func (s isa) fnma(a, b reg.VecVirtual, c Op) reg.VecVirtual {
	v := s.vector()
	VMOVAPS(a, v)
	VFNMADD231PS(c, b, v)
	return v
}

// radixOdd takes the inputs in mirrored pairs, like butterflyOdd. Sums and
// differences wait on the stack where registers are few.
func (s isa) radixOdd(r int) {
	pairs := (r - 1) / 2
	spill := 4*pairs+7 > s.registers
	flags := NOSPLIT
	if spill {
		flags = 0 // the frame outgrows what NOSPLIT allows
	}
	s.pass(r, flags, func(p pass) {
		var stack Mem
		if spill {
			stack = AllocLocal(4 * 32 * pairs)
		}
		for _, o := range s.offsets {
			first := s.loadZ(Mem{Base: p.src, Disp: o})
			total := z{s.vector(), s.vector()}
			VMOVAPS(first.re, total.re)
			VMOVAPS(first.im, total.im)
			lo, hi := GP64(), GP64()
			IMUL3Q(Imm(uint64(r)), p.srcStep, hi)
			ADDQ(p.src, hi)
			MOVQ(p.src, lo)
			terms := make([][4]Op, pairs+1) // re, im of the sum and of the difference
			for u := 1; u <= pairs; u++ {
				ADDQ(p.srcStep, lo)
				SUBQ(p.srcStep, hi)
				a := s.twist(s.loadZ(Mem{Base: lo, Disp: o}), p.w.Offset(8*(u-1)))
				b := s.twist(s.loadZ(Mem{Base: hi, Disp: o}), p.w.Offset(8*(r-u-1)))
				sum, diff := s.addZ(a, b), s.subZ(a, b)
				VADDPS(sum.re, total.re, total.re)
				VADDPS(sum.im, total.im, total.im)
				for i, v := range []reg.VecVirtual{sum.re, sum.im, diff.re, diff.im} {
					terms[u][i] = v
					if spill {
						m := stack.Offset(32 * (4*(u-1) + i))
						VMOVUPS(v, m)
						terms[u][i] = m
					}
				}
			}
			total.store(Mem{Base: p.dst, Disp: o})
			IMUL3Q(Imm(uint64(r)), p.dstStep, hi)
			ADDQ(p.dst, hi)
			MOVQ(p.dst, lo)
			for j := 1; j <= pairs; j++ {
				ADDQ(p.dstStep, lo)
				SUBQ(p.dstStep, hi)
				even, odd := z{s.vector(), s.vector()}, z{s.vector(), s.vector()}
				VMOVAPS(first.re, even.re)
				VMOVAPS(first.im, even.im)
				for u := 1; u <= pairs; u++ {
					root := p.roots.Offset(8 * (u * j % r))
					cos := s.broadcast(root)
					VFMADD231PS(terms[u][0], cos, even.re)
					VFMADD231PS(terms[u][1], cos, even.im)
					sin := s.broadcast(root.Offset(4))
					if u == 1 {
						VMULPS(terms[u][2], sin, odd.re)
						VMULPS(terms[u][3], sin, odd.im)
						continue
					}
					VFMADD231PS(terms[u][2], sin, odd.re)
					VFMADD231PS(terms[u][3], sin, odd.im)
				}
				z{s.add(even.re, odd.im), s.sub(even.im, odd.re)}.store(Mem{Base: lo, Disp: o})
				z{s.sub(even.re, odd.im), s.add(even.im, odd.re)}.store(Mem{Base: hi, Disp: o})
			}
		}
	})
}
