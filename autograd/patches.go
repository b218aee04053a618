package autograd

// Patches puts pictures on the tape as rows of square patches, in row-major
// order; a constant, without a gradient.
//
//	pictures [B, H, W, C]
//	y [B H/P W/P, P P C]
func (t *Tape) Patches(pictures []float32, B, H, W, C, P int) *Node {
	want(len(pictures) == B*H*W*C && H%P == 0 && W%P == 0, "patches", "pictures [B, H, W, C], H and W multiples of P")
	y := t.op("patches", []int{B * (H / P) * (W / P), P * P * C}, nil)
	at := 0
	for b := range B {
		for i := 0; i < H; i += P {
			for j := 0; j < W; j += P {
				for r := range P {
					from := ((b*H+i+r)*W + j) * C
					at += copy(y.Data[at:at+P*C], pictures[from:])
				}
			}
		}
	}
	return t.done(y)
}
