package model

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/tensor"
)

// errHeard ends a forward pass of which nothing else is wanted.
var errHeard = errors.New("heard")

// Hear runs f, which takes the encoder forward, and returns what the mixer of a block
// is given first meanwhile: the rows [L, D] of the first sequence. It listens to every
// tape if t is nil. Otherwise it listens to t alone, which goes no further
// (autograd.Catch gives f an error) and must not be used again; other tapes may go
// forward at the same time.
func (e *Encoder) Hear(block int, t *autograd.Tape, f func() error) (*tensor.Tensor, error) {
	b, a := e.Blocks[block], &ear{tape: t}
	b.ears.add(a)
	defer b.ears.remove(a)
	switch err := f(); {
	case a.rows != nil && (err == nil || errors.Is(err, errHeard)):
		return a.rows, nil
	case err != nil:
		return nil, err
	}
	return nil, fmt.Errorf("the model did not go through block %d", block)
}

// An ear keeps what it hears first.
type ear struct {
	tape *autograd.Tape // nil for any
	rows *tensor.Tensor
}

// ears listen to a block. The zero value has none.
type ears struct {
	count atomic.Int32 // of list, so that a block without ears need not lock
	mu    sync.Mutex
	list  []*ear
}

func (e *ears) add(a *ear) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, a)
	e.count.Add(1)
}

func (e *ears) remove(a *ear) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = slices.DeleteFunc(e.list, func(other *ear) bool { return other == a })
	e.count.Add(-1)
}

func (e *ears) hear(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets) {
	if e.count.Load() == 0 {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, a := range e.list {
		if a.rows == nil && (a.tape == nil || a.tape == t) {
			L, D := seq.Len(0), x.Cols()
			a.rows = tensor.From(slices.Clone(x.Data[:L*D]), L, D)
			if a.tape != nil {
				t.Stop = func() error { return errHeard }
			}
		}
	}
}
