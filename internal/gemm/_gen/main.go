// Command _gen writes the micro-kernels of package gemm.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/buildtags"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	Constraint(buildtags.Not("noasm").ToConstraint())
	for _, rows := range []int{6, 4, 2, 1} {
		micro("AVX2", YMM, 32, rows)
	}
	peak("AVX2", YMM, 8)
	for _, rows := range []int{14, 8, 4, 2, 1} {
		micro("AVX512", ZMM, 64, rows)
	}
	peak("AVX512", ZMM, 16)
	for _, vectors := range []int{1, 2, 4} {
		packCols(vectors)
	}
	packRows()
	add()
	Generate()
}

// micro emits the micro-kernel for a tile of rows by two vectors of width
// bytes. All sums stay in registers; each term costs two loads of b and a
// broadcast of a for each row, well under what the load ports allow. The tile
// of c, which is used last, is fetched first; what others will need, on the way.
func micro(level string, vector func() reg.VecVirtual, width, rows int) {
	name := fmt.Sprintf("micro%dx%d%s", rows, 2*width/4, level)
	TEXT(name, NOSPLIT, "func(k int, a []float32, ars, acs int, b []float32, bs int, in []float32, is int, out []float32, os int, scale float32, ahead *float32)")
	Doc(fmt.Sprintf("%s is the loop of micro for %d rows and %d columns with %s.", name, rows, 2*width/4, level))

	out, os := Mem{Base: Load(Param("out").Base(), GP64())}, stride("os")
	for i := range rows {
		if i > 0 {
			ADDQ(os, out.Base)
		}
		for line := 0; line < 2*width; line += 64 {
			PREFETCHT0(out.Offset(line))
		}
	}
	k := Load(Param("k"), GP64())
	a := newStrip("a", "ars", rows)
	acs := stride("acs")
	b := Mem{Base: Load(Param("b").Base(), GP64())}
	bs := stride("bs")
	sums := make([][2]reg.VecVirtual, rows)
	for i := range sums {
		for h := range sums[i] {
			sums[i][h] = zero(vector)
		}
	}

	ahead := Mem{Base: Load(Param("ahead"), GP64())}
	Label("term")
	b0, b1 := vector(), vector()
	VMOVUPS(b, b0)
	VMOVUPS(b.Offset(width), b1)
	for i, sum := range sums {
		x := vector()
		VBROADCASTSS(a.row(i), x)
		VFMADD231PS(b0, x, sum[0])
		VFMADD231PS(b1, x, sum[1])
	}
	a.advance(acs)
	ADDQ(bs, b.Base)
	PREFETCHT1(ahead)
	ADDQ(U8(64), ahead.Base)
	DECQ(k)
	JNZ(LabelRef("term"))

	in, is := Mem{Base: Load(Param("in").Base(), GP64())}, stride("is")
	out, os = Mem{Base: Load(Param("out").Base(), GP64())}, stride("os")
	scale := vector()
	addr, err := Param("scale").Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(addr.Addr, scale)
	for i, sum := range sums {
		if i > 0 {
			ADDQ(is, in.Base)
			ADDQ(os, out.Base)
		}
		for h, s := range sum {
			VMULPS(scale, s, s)
			VADDPS(in.Offset(h*width), s, s)
			VMOVUPS(s, out.Offset(h*width))
		}
	}
	VZEROUPPER()
	RET()
}

// A strip addresses an element in each of up to 14 rows of a matrix: x86 addresses
// reach 0, 1, 2 and 4 strides from a base, 3 and 6 with a register that holds
// three strides and 5 with one more, so a base serves 7 rows.
type strip struct {
	bases   []reg.GPVirtual
	strides map[int]reg.Register
}

const perBase = 7

func newStrip(data, ld string, rows int) strip {
	s := strip{strides: map[int]reg.Register{}}
	base := GP64()
	Load(Param(data).Base(), base)
	s.bases = append(s.bases, base)
	if rows == 1 {
		return s
	}
	one := stride(ld)
	s.strides[1] = one
	if rows > 3 {
		three := GP64()
		LEAQ(Mem{Base: one, Index: one, Scale: 2}, three)
		s.strides[3] = three
	}
	if rows > 5 {
		five := GP64()
		LEAQ(Mem{Base: one, Index: one, Scale: 4}, five)
		s.strides[5] = five
	}
	if rows > perBase {
		base7 := GP64()
		LEAQ(Mem{Base: base, Index: one, Scale: 4}, base7)
		ADDQ(s.strides[3], base7)
		s.bases = append(s.bases, base7)
	}
	return s
}

// row returns the address of the current element of row i.
func (s strip) row(i int) Mem {
	m := Mem{Base: s.bases[i/perBase]}
	switch n := i % perBase; n {
	case 0:
	case 1, 2, 4:
		m.Index, m.Scale = s.strides[1], uint8(n)
	case 3, 6:
		m.Index, m.Scale = s.strides[3], uint8(n/3)
	case 5:
		m.Index, m.Scale = s.strides[5], 1
	}
	return m
}

// advance moves every row on by that many bytes.
func (s strip) advance(bytes Op) {
	for _, base := range s.bases {
		ADDQ(bytes, base)
	}
}

// stride loads a parameter that counts floats and turns it into bytes.
func stride(param string) reg.Register {
	s := Load(Param(param), GP64())
	SHLQ(U8(2), s)
	return s
}

func zero(vector func() reg.VecVirtual) reg.VecVirtual {
	v := vector()
	VXORPS(v, v, v)
	return v
}

// peak emits a loop of n times 12 independent chains of fused multiply-adds:
// more than the latency of 4 to 5 cycles times the 2 units of any core.
func peak(level string, vector func() reg.VecVirtual, lanes int) {
	const chains = 12
	TEXT("peak"+level, NOSPLIT, "func(n int)")
	Doc(fmt.Sprintf("peak%s runs n times %d fused multiply-adds of %d lanes.", level, chains, lanes))
	n := Load(Param("n"), GP64())
	x := zero(vector)
	sums := make([]reg.VecVirtual, chains)
	for i := range sums {
		sums[i] = zero(vector)
	}
	Label("loop")
	for _, s := range sums {
		VFMADD231PS(x, x, s)
	}
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// packCols emits packCols for rows of up to vectors times 8 floats. It loads
// what there is, under a mask, and stores whole vectors: what sticks out of a
// row is overwritten by the next.
func packCols(vectors int) {
	name := fmt.Sprintf("packCols%dAVX2", 8*vectors)
	TEXT(name, NOSPLIT, "func(dst []float32, nr int, src []float32, ld, k, w int)")
	Doc(fmt.Sprintf("%s is packColsGeneric for 0 < w <= nr <= %d. It spills up to %d floats past dst[k*nr].", name, 8*vectors, 8*vectors-1))
	dst, nr := Mem{Base: Load(Param("dst").Base(), GP64())}, stride("nr")
	src, ld := Mem{Base: Load(Param("src").Base(), GP64())}, stride("ld")
	k := Load(Param("k"), GP64())
	ones := GP64()
	LEAQ(maskTable(), ones)
	SUBQ(stride("w"), ones)
	masks := make([]reg.VecVirtual, vectors)
	for i := range masks {
		masks[i] = YMM()
		VMOVUPS(Mem{Base: ones}.Offset(4*maskLanes+32*i), masks[i])
	}
	Label("row")
	for i, mask := range masks {
		v := YMM()
		VMASKMOVPS(src.Offset(32*i), mask, v)
		VMOVUPS(v, dst.Offset(32*i))
	}
	ADDQ(ld, src.Base)
	ADDQ(nr, dst.Base)
	DECQ(k)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

const maskLanes = 32

var masks *Mem

// maskTable returns maskLanes lanes of ones and as many of zeros: read from w
// lanes before its middle on, it is a mask of w lanes.
func maskTable() Mem {
	if masks == nil {
		m := GLOBL("masks", RODATA|NOPTR)
		for i := range maskLanes {
			DATA(4*i, U32(0xffffffff))
		}
		for i := range maskLanes {
			DATA(4*(maskLanes+i), U32(0))
		}
		masks = &m
	}
	return *masks
}

// packRows emits the transposition of blocks of 8 by 8: pairs, fours, halves.
func packRows() {
	TEXT("packRows8AVX2", NOSPLIT, "func(dst []float32, nr int, src []float32, ld, k int)")
	Doc("packRows8AVX2 is packRowsGeneric for w = 8, without the zeros, and k a positive multiple of 8.")
	dst, nr := newStrip("dst", "nr", 8), stride("nr")
	SHLQ(U8(3), nr)
	src := newStrip("src", "ld", 8)
	k := Load(Param("k"), GP64())
	Label("block")
	var x, y [8]reg.VecVirtual
	for i := range 8 {
		x[i], y[i] = YMM(), YMM()
	}
	for i := range 8 {
		VMOVUPS(src.row(i), x[i])
	}
	for i := 0; i < 8; i += 2 { // y[i], y[i+1]: columns 0 1 and 2 3 (4 5 and 6 7) of rows i and i+1
		VUNPCKLPS(x[i+1], x[i], y[i])
		VUNPCKHPS(x[i+1], x[i], y[i+1])
	}
	for i := 0; i < 8; i += 4 { // x[i+j]: column j (and 4+j) of rows i to i+3
		VSHUFPS(U8(0x44), y[i+2], y[i], x[i])
		VSHUFPS(U8(0xee), y[i+2], y[i], x[i+1])
		VSHUFPS(U8(0x44), y[i+3], y[i+1], x[i+2])
		VSHUFPS(U8(0xee), y[i+3], y[i+1], x[i+3])
	}
	for i := range 4 {
		VPERM2F128(U8(0x20), x[i+4], x[i], y[i])
		VPERM2F128(U8(0x31), x[i+4], x[i], y[i+4])
	}
	for i := range 8 {
		VMOVUPS(y[i], dst.row(i))
	}
	src.advance(U8(32))
	dst.advance(nr)
	SUBQ(U8(8), k)
	JNZ(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// add emits the sum of two slices.
func add() {
	TEXT("addAVX2", NOSPLIT, "func(dst, x []float32)")
	Doc("addAVX2 is addGeneric for len(x) >= len(dst), a positive multiple of 8.")
	dst, x := Mem{Base: Load(Param("dst").Base(), GP64())}, Mem{Base: Load(Param("x").Base(), GP64())}
	n := Load(Param("dst").Len(), GP64())
	Label("next")
	v := YMM()
	VMOVUPS(dst, v)
	VADDPS(x, v, v)
	VMOVUPS(v, dst)
	ADDQ(U8(32), dst.Base)
	ADDQ(U8(32), x.Base)
	SUBQ(U8(8), n)
	JNZ(LabelRef("next"))
	VZEROUPPER()
	RET()
}
