package mixer

import (
	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/tensor"
)

// across is a nonlinearity of Type II that runs over the batch: the release's
// "ln" and its softmax of magnitudes take the axis on which the batch stands by
// then. It makes a sequence depend on its neighbours, so no Config asks for it;
// golden files do.
type across struct {
	magnitude  bool
	scale, mid *autograd.Param // of "ln"; nil for the softmax
}

func newAcross(name string, magnitude bool) *across {
	a := &across{magnitude: magnitude}
	if name == "ln" {
		a.scale, a.mid = newLn("conv_kernel_nn.activation_q")
	}
	return a
}

// forward maps the spectra q of sequences of one length, bin by bin.
func (a *across) forward(t *autograd.Tape, q *autograd.Node, bins tensor.Offsets, complex bool) *autograd.Node {
	B, F := bins.Count(), bins.Len(0)
	if bins.MaxLen() != F || bins.Total() != B*F {
		panic(&autograd.ShapeError{Op: "nonlinearity over the batch", Want: "sequences of one length", Got: [][]int{bins}})
	}
	x := q
	if a.magnitude {
		x = t.Magnitude(q, complex)
	}
	order := planar(B, F) // row b B + i becomes bin b of sequence i
	bin := tensor.Uniform(F, B)
	y := t.Rows(x, order)
	if a.scale != nil {
		y = t.SequenceNorm(y, t.Param(a.scale), t.Param(a.mid), bin)
	} else {
		y = t.SequenceSoftmax(y, bin)
	}
	y = t.Rows(y, inverse(order))
	if a.magnitude {
		y = t.Rescale(q, y, x)
	}
	return y
}
