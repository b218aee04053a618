package main

var optimizers = []kernel{
	{name: "adamW", slices: "w, g, m, v", scalars: "fresh1, keep2, fresh2, shrink, rate, inv2, eps", unroll: 1, body: func(l *lanes) {
		s := l.scalars
		g, m := l.load("g"), l.load("m")
		l.addMul(m, l.sub(g, m), s["fresh1"])
		l.store(m, "m")
		v := l.mul(s["keep2"], l.arg("v"))
		l.addMul(v, l.mul(g, g), s["fresh2"])
		l.store(v, "v")
		root := l.add(l.sqrt(l.mul(v, s["inv2"])), s["eps"])
		step := l.div(l.mul(m, s["rate"]), root)
		w := l.load("w")
		w = l.mul(w, s["shrink"])
		l.store(l.sub(w, step), "w")
	}},
}
