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
