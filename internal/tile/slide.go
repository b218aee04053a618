package tile

// A Window says which rows a convolution along a sequence reads: row l of the
// result takes rows l-Before, l-Before+1, ... of an operand of which only the
// rows First to End-1 exist; others count as zeros.
type Window struct{ Before, First, End int }

// span returns the taps k0 to k1-1 of row l that read rows which exist, and how
// many rows from l on and below hi read alike.
func (w Window) span(l, hi, taps int) (k0, k1, n int) {
	k0, k1 = max(0, w.First+w.Before-l), min(taps, w.End+w.Before-l)
	if k0 == 0 && k1 == taps {
		return k0, k1, max(1, min(hi, w.End+w.Before-taps+1)-l)
	}
	return k0, k1, 1
}

// Slide is Conv for the rows lo <= l < hi within a window: the first row of dst
// and of start is that of l = lo, the first row of x that of w.First.
func Slide(dst, start, x Rows, taps []float32, w Window, lo, hi int) {
	for l := lo; l < hi; {
		k0, k1, n := w.span(l, hi, len(taps)/Cols)
		Conv(dst.From(l-lo), start.From(l-lo), x.From(l+k0-w.Before-w.First), taps[k0*Cols:k1*Cols], n)
		l += n
	}
}

// SlideGrad is ConvGrad for Slide: the first row of g is that of l = lo.
func SlideGrad(sum []float32, g, x Rows, w Window, lo, hi int) {
	for l := lo; l < hi; {
		k0, k1, n := w.span(l, hi, len(sum)/Cols)
		ConvGrad(sum[k0*Cols:k1*Cols], g.From(l-lo), x.From(l+k0-w.Before-w.First), n)
		l += n
	}
}
