package main

import . "github.com/mmcloughlin/avo/build"

var norms = []kernel{
	{name: "deviation", slices: "x", scalars: "shift", results: []result{{"sum", 0, VADDPS}, {"squares", 0, VADDPS}}, unroll: 4, body: func(l *lanes) {
		d := l.keep(l.sub(l.load("x"), l.scalars["shift"]), 0)
		VADDPS(d, l.sum("sum"), l.sum("sum"))
		l.addMul(l.sum("squares"), d, d)
	}},
	{name: "normalize", slices: "dst, x, gain, bias", scalars: "mean, rstd", unroll: 4, body: func(l *lanes) {
		h := normal(l)
		l.mulAdd(h, l.load("gain"), l.arg("bias"))
		l.store(h, "dst")
	}},
	{name: "normalizeBackSums", slices: "dgain, dbias, dy, x, gain", scalars: "mean, rstd", results: []result{{"sum", 0, VADDPS}, {"dot", 0, VADDPS}}, unroll: 2, body: func(l *lanes) {
		h, dy := normal(l), l.load("dy")
		dgain := l.load("dgain")
		l.addMul(dgain, dy, h)
		l.store(dgain, "dgain")
		l.store(l.add(dy, l.arg("dbias")), "dbias")
		g := l.mul(dy, l.arg("gain"))
		VADDPS(g, l.sum("sum"), l.sum("sum"))
		l.addMul(l.sum("dot"), g, h)
	}},
	{name: "normalizeBack", slices: "dx, dy, x, gain", scalars: "mean, rstd, sum, dot", unroll: 2, body: func(l *lanes) {
		h := normal(l)
		g := l.sub(l.mul(l.load("dy"), l.arg("gain")), l.scalars["sum"])
		l.subMul(g, h, l.scalars["dot"])
		dx := l.load("dx")
		l.addMul(dx, g, l.scalars["rstd"])
		l.store(dx, "dx")
	}},
}

// normal returns (x-mean) * rstd.
func normal(l *lanes) value {
	return l.mul(l.sub(l.load("x"), l.scalars["mean"]), l.scalars["rstd"])
}
