// Command gen writes kernels_amd64.s and kernels_amd64.go.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/buildtags"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A work row is 16 real parts and 16 imaginary parts, or 16 columns of group A
// and 16 of group B.
const (
	partBytes = 16 * 4
	rowBytes  = 2 * partBytes
)

// An isa is one instruction set; a part of a row takes as many of its vectors
// as there are offsets.
type isa struct {
	suffix    string
	vector    func() reg.VecVirtual
	registers int
	offsets   []int // in bytes
}

var isas = []isa{
	{"AVX2", YMM, 16, []int{0, 32}},
	{"AVX512", ZMM, 32, []int{0}},
}

func main() {
	Constraint(buildtags.Not("noasm").ToConstraint())
	for _, s := range isas {
		s.scale(false)
		s.scale(true)
		s.mul()
		s.unpackDFT()
		s.packDFT()
		s.unpackDCT2()
		s.packDCT2()
		s.radix2()
		s.radix4()
		s.radix8()
		for _, r := range []int{3, 5, 7, 11, 13} {
			s.radixOdd(r)
		}
	}
	Generate()
}

func (s isa) load(m Mem) reg.VecVirtual { v := s.vector(); VMOVUPS(m, v); return v }

func (s isa) broadcast(m Mem) reg.VecVirtual { v := s.vector(); VBROADCASTSS(m, v); return v }

func (s isa) add(a, b Op) reg.VecVirtual { v := s.vector(); VADDPS(b, a, v); return v }

func (s isa) sub(a, b Op) reg.VecVirtual { v := s.vector(); VSUBPS(b, a, v); return v }

func (s isa) times(a, b Op) reg.VecVirtual { v := s.vector(); VMULPS(b, a, v); return v }

// param loads an argument to a general register.
func param(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }

// paramScalar broadcasts an argument.
func (s isa) paramScalar(name string) reg.VecVirtual { return s.broadcast(argument(name)) }

func ret() {
	VZEROUPPER()
	RET()
}

// A z is a complex vector.
type z struct{ re, im reg.VecVirtual }

func (s isa) loadZ(m Mem) z { return z{s.load(m), s.load(m.Offset(partBytes))} }

func (v z) store(m Mem) {
	VMOVUPS(v.re, m)
	VMOVUPS(v.im, m.Offset(partBytes))
}

func (s isa) addZ(a, b z) z { return z{s.add(a.re, b.re), s.add(a.im, b.im)} }

func (s isa) subZ(a, b z) z { return z{s.sub(a.re, b.re), s.sub(a.im, b.im)} }

// twist returns x times the scalar at w.
func (s isa) twist(x z, w Mem) z {
	wr, wi := s.broadcast(w), s.broadcast(w.Offset(4))
	v := z{s.times(wr, x.re), s.times(wr, x.im)}
	VFNMADD231PS(x.im, wi, v.re)
	VFMADD231PS(x.re, wi, v.im)
	return v
}

// fourier4 returns the DFT of length 4.
func (s isa) fourier4(a, b, c, d z) (_, _, _, _ z) {
	e, f := s.addZ(a, c), s.subZ(a, c)
	g, h := s.addZ(b, d), s.subZ(b, d)
	return s.addZ(e, g), z{s.add(f.re, h.im), s.sub(f.im, h.re)},
		s.subZ(e, g), z{s.sub(f.re, h.im), s.add(f.im, h.re)}
}
