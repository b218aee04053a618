package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// blockElements is how many elements are added up in float32 before the sums
// move to float64.
const blockElements = 1024

// Each kernel of LayerNorm takes several rows, since a row is short: while its
// sums are still on their way, the next one starts.
var norms = []kernel{
	{name: "rowShifts", slices: "shift, x", others: "cols int, inv float64", whole: func(l *lanes) {
		l.eachRow("shift", "x", func(row reg.Register, cols Mem) {
			sum := l.blocks(cols, 4, []string{"sum"}, func() {
				VADDPS(l.arg("x"), l.sum("sum"), l.sum("sum"))
			})[0]
			VMULSD(inv(), sum, sum)
			VCVTSD2SS(sum, sum, sum)
			VMOVSS(sum, l.element("shift", row))
		})
	}},
	{name: "rowDeviations", slices: "mean, rstd, x", others: "cols int, inv float64, eps float64", whole: func(l *lanes) {
		l.eachRow("mean", "x", func(row reg.Register, cols Mem) {
			shift := l.broadcast("mean", row)
			s := l.blocks(cols, 4, []string{"sum", "squares"}, func() {
				d := l.keep(l.sub(l.load("x"), shift), 0)
				VADDPS(d, l.sum("sum"), l.sum("sum"))
				l.addMul(l.sum("squares"), d, d)
			})
			d, q, mean, one := s[0], s[1], XMM(), XMM()
			VMULSD(inv(), d, d)
			VMULSD(inv(), q, q)
			VCVTSS2SD(shift.AsX(), shift.AsX(), mean)
			VADDSD(d, mean, mean)
			VCVTSD2SS(mean, mean, mean)
			VMOVSS(mean, l.element("mean", row))
			VMULSD(d, d, d)
			VSUBSD(d, q, q)
			VADDSD(address(Param("eps")), q, q)
			VSQRTSD(q, q, q)
			VCVTSS2SD(l.c(1).(Mem), q, one)
			VDIVSD(q, one, q)
			VCVTSD2SS(q, q, q)
			VMOVSS(q, l.element("rstd", row))
		})
	}},
	{name: "rowNormals", slices: "dst, x, gain, bias, mean, rstd", others: "cols int", whole: func(l *lanes) {
		l.eachRow("mean", "dst, x", func(row reg.Register, cols Mem) {
			mean, rstd := l.broadcast("mean", row), l.broadcast("rstd", row)
			l.columns(cols, 4, func() {
				h := l.mul(l.sub(l.load("x"), mean), rstd)
				l.mulAdd(h, l.load("gain"), l.arg("bias"))
				l.store(h, "dst")
			})
		})
	}},
	{name: "rowBackSums", slices: "sum, dot, dgain, dbias, dy, x, gain, mean, rstd", others: "cols int, inv float64", whole: func(l *lanes) {
		l.eachRow("mean", "dy, x", func(row reg.Register, cols Mem) {
			mean, rstd := l.broadcast("mean", row), l.broadcast("rstd", row)
			s := l.blocks(cols, 2, []string{"sum", "dot"}, func() {
				h, dy := l.mul(l.sub(l.load("x"), mean), rstd), l.load("dy")
				dgain := l.load("dgain")
				l.addMul(dgain, dy, h)
				l.store(dgain, "dgain")
				l.store(l.add(dy, l.arg("dbias")), "dbias")
				g := l.mul(dy, l.arg("gain"))
				VADDPS(g, l.sum("sum"), l.sum("sum"))
				l.addMul(l.sum("dot"), g, h)
			})
			for i, v := range s {
				VMULSD(inv(), v, v)
				VCVTSD2SS(v, v, v)
				VMOVSS(v, l.element([]string{"sum", "dot"}[i], row))
			}
		})
	}},
	{name: "rowBack", slices: "dx, dy, x, gain, mean, rstd, sum, dot", others: "cols int", whole: func(l *lanes) {
		rowBack(l, func(g, rstd value) { l.store(l.mul(g, rstd), "dx") })
	}},
	{name: "rowBackAdd", slices: "dx, dy, x, gain, mean, rstd, sum, dot", others: "cols int", whole: func(l *lanes) {
		rowBack(l, func(g, rstd value) {
			dx := l.load("dx")
			l.addMul(dx, g, rstd)
			l.store(dx, "dx")
		})
	}},
}

// rowBack hands on g - sum - h dot and rstd, whose product is the gradient of x.
func rowBack(l *lanes, store func(g, rstd value)) {
	l.eachRow("mean", "dx, dy, x", func(row reg.Register, cols Mem) {
		mean, rstd := l.broadcast("mean", row), l.broadcast("rstd", row)
		sum, dot := l.broadcast("sum", row), l.broadcast("dot", row)
		l.columns(cols, 2, func() {
			h := l.mul(l.sub(l.load("x"), mean), rstd)
			g := l.sub(l.mul(l.load("dy"), l.arg("gain")), sum)
			l.subMul(g, h, dot)
			store(g, rstd)
		})
	})
}

// eachRow runs body for each element of the slice count, with the number of
// columns, and moves the matrices on by a row.
func (l *lanes) eachRow(count, matrices string, body func(row reg.Register, cols Mem)) {
	cols, row, end := address(Param("cols")), GP64(), address(Param(count).Len())
	XORQ(row, row)
	l.at = GP64()
	Label("row")
	CMPQ(row, end)
	JGE(LabelRef("end"))
	body(row, cols)
	width := GP64()
	MOVQ(cols, width)
	for _, m := range fields(matrices) {
		b := l.base[m]
		LEAQ(Mem{Base: b}.Idx(width, 4), b)
	}
	INCQ(row)
	JMP(LabelRef("row"))
	Label("end")
}

// inv is the inverse of the number of columns.
func inv() Mem { return address(Param("inv")) }

// columns runs body over a row.
func (l *lanes) columns(cols Mem, unroll int, body func()) {
	n := GP64()
	MOVQ(cols, n)
	XORQ(l.at, l.at)
	l.each(n, unroll, body)
}

// blocks runs body over a row and returns its sums, float64, into which the
// accumulators go after each block.
func (l *lanes) blocks(cols Mem, unroll int, sums []string, body func()) (totals []reg.VecVirtual) {
	left, n := GP64(), GP64()
	MOVQ(cols, left)
	XORQ(l.at, l.at)
	for range sums {
		t := XMM()
		VXORPS(t, t, t)
		totals = append(totals, t)
	}
	Label("more")
	MOVQ(U32(blockElements), n)
	CMPQ(left, n)
	CMOVQLT(left, n)
	SUBQ(n, left)
	for _, s := range sums {
		l.sums[s] = nil
		for range unroll {
			v := l.value()
			VXORPS(v, v, v)
			l.sums[s] = append(l.sums[s], v)
		}
	}
	l.each(n, unroll, body)
	for i, s := range sums {
		sum := l.fold(l.sums[s], VADDPS).(reg.VecVirtual)
		VCVTSS2SD(sum, sum, sum)
		VADDSD(sum, totals[i], totals[i])
	}
	TESTQ(left, left)
	JNZ(LabelRef("more"))
	return totals
}

// element is that of a row in a slice.
func (l *lanes) element(slice string, row reg.Register) Mem {
	return Mem{Base: l.base[slice]}.Idx(row, 4)
}

// broadcast returns a vector of it.
func (l *lanes) broadcast(slice string, row reg.Register) value {
	v := l.value()
	VBROADCASTSS(l.element(slice, row), v)
	return v
}
