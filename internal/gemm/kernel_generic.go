package gemm

// portable is plain Go. Its tile keeps 6 sums and 2 elements of a in the 15
// registers that the compiler has on amd64; with 8 sums it spills one, which
// costs a third of the speed. A strip of b, kc*nr*4 = 3 KiB, stays in any L1,
// the packed block, kc*nc*4 = 255 KiB, in most L2.
var portable = kernel{
	nr: 3, kc: 256, nc: 255,
	micro:    []micro{{2, micro2x3}, {1, micro1x3}},
	packCols: packColsGeneric, packRows: packRowsGeneric,
}

// micro2x3 is the loop of micro for two rows. The conversions round each
// product, so that no compiler fuses it with the sum and all machines agree.
func micro2x3(k int, a []float32, ars, acs int, b []float32, bs int, in []float32, is int, out []float32, os int, scale float32, _ *float32) {
	var c00, c01, c02, c10, c11, c12 float32
	a0, a1 := a, a[ars:]
	ia, ib := 0, 0
	for range k {
		x0, x1 := a0[ia], a1[ia]
		y := (*[3]float32)(b[ib:])
		c00 += float32(y[0] * x0)
		c10 += float32(y[0] * x1)
		c01 += float32(y[1] * x0)
		c11 += float32(y[1] * x1)
		c02 += float32(y[2] * x0)
		c12 += float32(y[2] * x1)
		ia += acs
		ib += bs
	}
	store3((*[3]float32)(out), (*[3]float32)(in), scale, c00, c01, c02)
	store3((*[3]float32)(out[os:]), (*[3]float32)(in[is:]), scale, c10, c11, c12)
}

// micro1x3 is the loop of micro for one row.
func micro1x3(k int, a []float32, _, acs int, b []float32, bs int, in []float32, _ int, out []float32, _ int, scale float32, _ *float32) {
	var c0, c1, c2 float32
	ia, ib := 0, 0
	for range k {
		x := a[ia]
		y := (*[3]float32)(b[ib:])
		c0 += float32(y[0] * x)
		c1 += float32(y[1] * x)
		c2 += float32(y[2] * x)
		ia += acs
		ib += bs
	}
	store3((*[3]float32)(out), (*[3]float32)(in), scale, c0, c1, c2)
}

func store3(out, in *[3]float32, scale, c0, c1, c2 float32) {
	out[0] = float32(scale*c0) + in[0]
	out[1] = float32(scale*c1) + in[1]
	out[2] = float32(scale*c2) + in[2]
}
