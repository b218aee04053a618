package main

var complexes = []kernel{
	{name: "complexMul", slices: "dr, di, ar, ai, br, bi", unroll: 1, body: func(l *lanes) {
		re, im := product(l)
		l.store(re, "dr")
		l.store(im, "di")
	}},
	{name: "complexMulAdd", slices: "dr, di, ar, ai, br, bi", unroll: 1, body: func(l *lanes) {
		re, im := product(l)
		l.store(l.add(re, l.arg("dr")), "dr")
		l.store(l.add(im, l.arg("di")), "di")
	}},
	{name: "complexMulConj", slices: "dr, di, ar, ai, br, bi", unroll: 1, body: func(l *lanes) {
		re, im := conjProduct(l)
		l.store(re, "dr")
		l.store(im, "di")
	}},
	{name: "complexMulConjAdd", slices: "dr, di, ar, ai, br, bi", unroll: 1, body: func(l *lanes) {
		re, im := conjProduct(l)
		l.store(l.add(re, l.arg("dr")), "dr")
		l.store(l.add(im, l.arg("di")), "di")
	}},
}

// product returns a*b.
func product(l *lanes) (re, im value) {
	ar, ai, br, bi := l.load("ar"), l.load("ai"), l.load("br"), l.load("bi")
	re, im = l.mul(ar, br), l.mul(ar, bi)
	l.subMul(re, ai, bi)
	l.addMul(im, ai, br)
	return re, im
}

// conjProduct returns conj(a)*b.
func conjProduct(l *lanes) (re, im value) {
	ar, ai, br, bi := l.load("ar"), l.load("ai"), l.load("br"), l.load("bi")
	re, im = l.mul(ar, br), l.mul(ar, bi)
	l.addMul(re, ai, bi)
	l.subMul(im, ai, br)
	return re, im
}
