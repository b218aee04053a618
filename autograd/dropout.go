package autograd

import "github.com/orchid-seq/orchid/tensor"

// Dropout sets elements to zero with probability rate while training and
// scales the others by 1/(1-rate). Which ones follows from the tape's Seed and
// Step and the node's place on the tape.
func (t *Tape) Dropout(x *Node, rate float64) *Node {
	if !t.Training || rate == 0 {
		return x
	}
	mask := t.pool.Get(len(x.Data))
	t.mask(mask, rate)
	y := t.Mul(x, t.Input(mask, x.Shape...))
	y.saved = append(y.saved, mask) // released with y
	return y
}

// DropPath drops whole sequences from a residual branch with probability rate
// while training (stochastic depth) and scales the others by 1/(1-rate).
//
//	x, y [T, D]
func (t *Tape) DropPath(x *Node, seq tensor.Offsets, rate float64) *Node {
	if !t.Training || rate == 0 {
		return x
	}
	wantSeq("drop-path", x, seq)
	mask, rows := t.pool.Get(seq.Count()), t.pool.Get(x.Rows())
	t.mask(mask, rate)
	for i := range seq.Count() {
		for r := seq[i]; r < seq[i+1]; r++ {
			rows[r] = mask[i]
		}
	}
	y := t.ScaleRows(x, rows)
	t.pool.Put(mask)
	t.pool.Put(rows)
	return y
}

func (t *Tape) mask(dst []float32, rate float64) {
	s := t.stream("dropout")
	keep := float32(1 / (1 - rate))
	for i := range dst {
		dst[i] = 0
		if s.Float64() >= rate {
			dst[i] = keep
		}
	}
}
