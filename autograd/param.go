package autograd

import "github.com/orchid-seq/orchid/tensor"

// A Group names the optimizer settings that a parameter follows.
type Group string

// The groups. Filters and conditioners may have a learning rate and a weight
// decay of their own; positions are the positional features of static
// kernels, which the paper trains at 1e-5.
const (
	Main        Group = ""
	Filter      Group = "filter"
	Conditioner Group = "conditioner"
	Positions   Group = "positions"
)

// A Param is a trainable value with its gradient. Name is the name in
// checkpoints.
type Param struct {
	tensor.Tensor
	Name    string
	Grad    []float32
	Group   Group
	NoDecay bool // biases, norms and the like: no weight decay
	Frozen  bool // a buffer: stored and loaded, never trained
	Init    Init // how its first value is drawn

	fixed *fixed // nil if it may change
}

// NewParam returns a zero parameter.
func NewParam(name string, shape ...int) *Param {
	p := &Param{Tensor: *tensor.New(shape...), Name: name}
	p.Grad = make([]float32, len(p.Data))
	return p
}

// Count returns the number of trainable numbers in a list of parameters.
func Count(params []*Param) int {
	n := 0
	for _, p := range params {
		if !p.Frozen {
			n += len(p.Data)
		}
	}
	return n
}
