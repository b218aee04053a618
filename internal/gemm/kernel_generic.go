package gemm

// portable is plain Go. Its 2x4 tile keeps 8 sums, 4 columns of b and an
// element of a in the 15 registers that the compiler has on amd64; a 4x4 tile
// spills. A strip of b, kc*nr*4 = 4 KiB, stays in any L1, the packed block,
// kc*nc*4 = 256 KiB, in most L2.
var portable = kernel{nr: 4, kc: 256, nc: 256, micro: []micro{{2, micro2x4}, {1, micro1x4}},
	packCols: packColsGeneric, packRows: packRowsGeneric}

// micro2x4 is the loop of micro for two rows. The conversions round each
// product, so that no compiler fuses it with the sum and all machines agree.
func micro2x4(k int, a []float32, ars, acs int, b []float32, bs int, in []float32, is int, out []float32, os int, scale float32, _ *float32) {
	var c00, c01, c02, c03, c10, c11, c12, c13 float32
	a0, a1 := a, a[ars:]
	for p := range k {
		x0, x1 := a0[p*acs], a1[p*acs]
		y := (*[4]float32)(b[p*bs:])
		c00 += float32(x0 * y[0])
		c01 += float32(x0 * y[1])
		c02 += float32(x0 * y[2])
		c03 += float32(x0 * y[3])
		c10 += float32(x1 * y[0])
		c11 += float32(x1 * y[1])
		c12 += float32(x1 * y[2])
		c13 += float32(x1 * y[3])
	}
	store4((*[4]float32)(out), (*[4]float32)(in), scale, c00, c01, c02, c03)
	store4((*[4]float32)(out[os:]), (*[4]float32)(in[is:]), scale, c10, c11, c12, c13)
}

// micro1x4 is the loop of micro for one row.
func micro1x4(k int, a []float32, _, acs int, b []float32, bs int, in []float32, _ int, out []float32, _ int, scale float32, _ *float32) {
	var c0, c1, c2, c3 float32
	for p := range k {
		x := a[p*acs]
		y := (*[4]float32)(b[p*bs:])
		c0 += float32(x * y[0])
		c1 += float32(x * y[1])
		c2 += float32(x * y[2])
		c3 += float32(x * y[3])
	}
	store4((*[4]float32)(out), (*[4]float32)(in), scale, c0, c1, c2, c3)
}

func store4(out, in *[4]float32, scale, c0, c1, c2, c3 float32) {
	out[0] = float32(scale*c0) + in[0]
	out[1] = float32(scale*c1) + in[1]
	out[2] = float32(scale*c2) + in[2]
	out[3] = float32(scale*c3) + in[3]
}
