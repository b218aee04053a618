package autograd

// ByRows returns f(x) for an f that works on each row by itself. On a tape with
// NoGrad it computes at most so many rows at a time, so that what f records in
// between takes no memory that grows with x. Other tapes keep all of it anyway.
//
//	x [T, C]
//	y [T, C'], what f gives
func (t *Tape) ByRows(x *Node, most int, f func(x *Node) *Node) *Node {
	T, C := x.Rows(), x.Cols()
	if !t.NoGrad || T <= most {
		return f(x)
	}
	var data []float32
	cols := 0
	for lo := 0; lo < T; lo += most {
		hi := min(lo+most, T)
		t.Temporary(func() *Node {
			part := f(t.Input(x.Data[lo*C:hi*C], hi-lo, C))
			if data == nil {
				cols = part.Cols()
				data = t.pool.Get(T * cols)
			}
			copy(data[lo*cols:hi*cols], part.Data)
			return nil // nothing of it stays
		})
	}
	y := t.add("by-rows", x)
	y.Shape, y.Data = append(y.Shape, T, cols), data
	return y
}
