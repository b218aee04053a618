package main

var arithmetic = []kernel{
	{name: "add", slices: "dst, a, b", unroll: 4, body: func(l *lanes) {
		l.store(l.add(l.load("a"), l.arg("b")), "dst")
	}},
	{name: "mul", slices: "dst, a, b", unroll: 4, body: func(l *lanes) {
		l.store(l.mul(l.load("a"), l.arg("b")), "dst")
	}},
	{name: "mulAdd", slices: "dst, a, b", unroll: 4, body: func(l *lanes) {
		d := l.load("dst")
		l.addMul(d, l.load("a"), l.arg("b"))
		l.store(d, "dst")
	}},
	{name: "accumulate", slices: "dst, x", unroll: 4, body: func(l *lanes) {
		l.store(l.add(l.load("dst"), l.arg("x")), "dst")
	}},
	{name: "scale", slices: "dst, x", scalars: "s", unroll: 4, body: func(l *lanes) {
		l.store(l.mul(l.scalars["s"], l.arg("x")), "dst")
	}},
	{name: "axpy", slices: "dst, x", scalars: "s", unroll: 4, body: func(l *lanes) {
		d := l.load("dst")
		l.addMul(d, l.scalars["s"], l.arg("x"))
		l.store(d, "dst")
	}},
	{name: "fill", slices: "dst", scalars: "s", unroll: 4, body: func(l *lanes) {
		l.store(l.scalars["s"], "dst")
	}},
}
