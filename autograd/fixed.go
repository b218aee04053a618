package autograd

import (
	"sync"

	"github.com/orchid-seq/orchid/internal/gemm"
)

// fixed is a parameter that will not change, in the layout of products.
type fixed struct {
	once       sync.Once
	n, out, in int // of the first product that read it
	blocks     []gemm.Packed
}

// Fix promises that the values of p change no more, as in a model that serves
// requests: Linear and BlockLinear, on tapes with NoGrad, then keep them in the layout
// in which products read them, which takes as much memory again. Few rows would
// otherwise wait for that layout longer than for the product. The bits stay the same.
// Fix(false) takes the promise back, and with it the memory. Neither may run at the
// same time as a tape that reads p.
func (p *Param) Fix(on bool) {
	p.fixed = nil
	if on {
		p.fixed = new(fixed)
	}
}

// fixedBlocks returns the transposes of the n matrices of w [n, out, in] in the layout
// of products; nil if w may change, or is read in another shape than at first.
func (t *Tape) fixedBlocks(w *Node, n, out, in int) []gemm.Packed {
	p, ok := w.Attr.(*Param)
	if !ok || !t.NoGrad || p.fixed == nil || len(w.Data) != len(p.Data) {
		return nil
	}
	f := p.fixed
	f.once.Do(func() {
		f.n, f.out, f.in = n, out, in
		for i := range n {
			f.blocks = append(f.blocks, gemm.Pack(make([]float32, gemm.PackedLen(in, out)), gemm.Of(w.Data[i*out*in:], out, in, in).T()))
		}
	})
	if f.n != n || f.out != out || f.in != in {
		return nil
	}
	return f.blocks
}
