//go:build !amd64 || noasm

package tile

func mul(dst, a, b Rows, n int)                   { mulGeneric(dst, a, b, n) }
func mulAdd(dst, a, b Rows, n int)                { mulAddGeneric(dst, a, b, n) }
func abs(dst, a Rows, n int)                      { absGeneric(dst, a, n) }
func mulSign(dst, a, b Rows, n int)               { mulSignGeneric(dst, a, b, n) }
func mulSum(dst, a, b, c Rows, n int)             { mulSumGeneric(dst, a, b, c, n) }
func dot(sum *[Cols]float32, a, b Rows, n int)    { dotGeneric(sum, a, b, n) }
func conjMul(dst, a, b Bins, add bool, n int)     { conjMulGeneric(dst, a, b, add, n) }
func conv(dst, start, x Rows, w []float32, n int) { convGeneric(dst, start, x, w, n) }
func convGrad(sum []float32, g, x Rows, n int)    { convGradGeneric(sum, g, x, n) }

func complexMulSum(dst, a, b, c Bins, conj bool, n int) {
	complexMulSumGeneric(dst, a, b, c, conj, n)
}

func gate(dst, x0, c, z, skip, r, u, direct Rows, n int) {
	gateGeneric(dst, x0, c, z, skip, r, u, direct, n)
}

func gateBack(dx0 Rows, dskip *[Cols]float32, dy, dc, c, z, skip Rows, n int) {
	gateBackGeneric(dx0, dskip, dy, dc, c, z, skip, n)
}

func productBack(dx1, dv, dz, dc, skip, x1, v Rows, n int) {
	productBackGeneric(dx1, dv, dz, dc, skip, x1, v, n)
}
