package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
)

var reductions = []kernel{
	{name: "dot", slices: "x, y", results: []result{{"sum", 0, VADDPS}}, unroll: 4, body: func(l *lanes) {
		l.addMul(l.sum("sum"), l.load("x"), l.arg("y"))
	}},
	{name: "sum", slices: "x", results: []result{{"sum", 0, VADDPS}}, unroll: 4, body: func(l *lanes) {
		VADDPS(l.arg("x"), l.sum("sum"), l.sum("sum"))
	}},
	// The instruction forgets a NaN that it met before, so nan keeps them:
	// 0*x is NaN for those alone once Inf is clipped.
	{name: "maximum", slices: "x", results: []result{{"most", math.Inf(-1), VMAXPS}, {"nan", 0, VADDPS}}, unroll: 4, body: func(l *lanes) {
		x := l.keep(l.load("x"), math.Inf(-1))
		VMAXPS(x, l.sum("most"), l.sum("most"))
		clipped := l.min(l.reg(l.c(math.MaxFloat32)), l.abs(x))
		l.addMul(l.sum("nan"), clipped, l.c(0))
	}},
	{name: "zeroes", slices: "x", results: []result{{"sum", 0, VADDPS}}, unroll: 4, body: func(l *lanes) {
		l.addMul(l.sum("sum"), l.reg(l.c(0)), l.arg("x"))
	}},
}
