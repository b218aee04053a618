package orchid

import (
	"context"
	"sync"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/task/language"
)

type tape = autograd.Tape

// batchTokens is how many tokens are computed together at most, a longer text
// alone: enough for the kernels, and little memory.
const batchTokens = 8192

// tapes are those of earlier calls with their buffers, as long as they are small: to
// find memory for a short text takes a good part of the time that it takes to read it.
var tapes = sync.Pool{New: func() any { return &tape{NoGrad: true} }}

const tapeBytes = 32 << 20

// Usage says how much of a text was read.
type Usage struct {
	Tokens int // special ones included
	Cut    int // left out at the end, because Truncate allowed it
}

// batches are texts that go through a model.
type batches struct {
	ctx    context.Context
	encode func(in Input) (Encoding, error)
	// compute works on some texts that could be read: list[i] is inputs[which[i]].
	compute func(t *tape, b language.Batch, which []int, list []Encoding)
	// tell says how much of a text was read, or why it was not.
	tell func(i int, u Usage, err error)
}

// run encodes the inputs and computes them, as many together as batchTokens
// allows. The error is that of the context or of the model, and concerns all.
func (r batches) run(inputs []Input) error {
	t := tapes.Get().(*tape)
	t.Stop = r.ctx.Err
	var b language.Batch
	var which []int
	var list []Encoding
	flush := func() error {
		if len(which) == 0 {
			return nil
		}
		err := autograd.Catch(func() { r.compute(t, b, which, list) })
		t.Reset()
		b, which, list = language.Batch{}, nil, nil
		return err
	}
	for i, in := range inputs {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		e, err := r.encode(in)
		r.tell(i, Usage{len(e.IDs), e.Cut}, err)
		if err != nil {
			continue
		}
		if len(b.Words)+len(e.IDs) > batchTokens {
			if err := flush(); err != nil {
				return err
			}
		}
		b.Add(e.IDs, e.Second())
		which, list = append(which, i), append(list, e)
	}
	if err := flush(); err != nil {
		return err
	}
	if t.Stop = nil; t.HeldBytes() <= tapeBytes {
		tapes.Put(t)
	}
	return r.ctx.Err()
}
