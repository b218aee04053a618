package autograd

import (
	"math"

	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/internal/vec"
	"github.com/orchid-seq/orchid/tensor"
)

// Dropout sets elements to zero with probability rate, to the nearest 2^-16,
// while training and scales the others by 1/(1-rate). Which ones follows from the
// tape's Seed and Step and the node's place on the tape; the backward pass
// finds them again, so nothing is kept.
func (t *Tape) Dropout(x *Node, rate float64) *Node {
	if !t.Training || rate == 0 {
		return x
	}
	y := t.op("dropout", x.Shape, dropoutBack, x)
	y.Attr = dropped{t.stream("dropout"), uint32(math.Round(rate * (1 << 16)))}
	y.blind = true
	t.dropped(y, func(lo, hi int, mask []float32) { vec.Mul(y.Data[lo:hi], x.Data[lo:hi], mask) })
	return t.done(y)
}

func dropoutBack(t *Tape, y *Node) {
	dx, add := t.firstGrad(y.In[0])
	t.dropped(y, func(lo, hi int, mask []float32) {
		if add {
			vec.MulAdd(dx[lo:hi], y.Grad[lo:hi], mask)
		} else {
			vec.Mul(dx[lo:hi], y.Grad[lo:hi], mask)
		}
	})
}

// dropped are the attributes of Dropout: an element goes if its 16 bits of the
// stream are below the limit.
type dropped struct {
	stream random.Stream
	limit  uint32
}

// dropped calls f on chunks of the elements of y, with 0 for each that goes
// and 1/(1-rate) for the others.
func (t *Tape) dropped(y *Node, f func(lo, hi int, mask []float32)) {
	const perBlock = 8 // elements of a block of 128 random bits; chunks are multiples of it
	d := y.Attr.(dropped)
	keep := math.Float32bits(float32(1 / (1 - float64(d.limit)/(1<<16))))
	elements(tensor.Size(y.Shape), func(lo, hi int) {
		mask := t.pool.Get((hi - lo + perBlock - 1) / perBlock * perBlock)
		for i := 0; i < len(mask); i += perBlock {
			a, b := d.stream.Block(uint64((lo + i) / perBlock))
			for k := range perBlock / 2 {
				// The sign of limit - bits - 1 is set where an element stays.
				first := uint32(int32(d.limit-1-uint32(a>>(16*k)&0xffff)) >> 31)
				second := uint32(int32(d.limit-1-uint32(b>>(16*k)&0xffff)) >> 31)
				mask[i+k] = math.Float32frombits(first & keep)
				mask[i+perBlock/2+k] = math.Float32frombits(second & keep)
			}
		}
		f(lo, hi, mask[:hi-lo])
		t.pool.Put(mask)
	})
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
	s, keep := t.stream("drop-path"), float32(1/(1-rate))
	for i := range mask {
		mask[i] = 0
		if s.Float64() >= rate {
			mask[i] = keep
		}
	}
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
