// Package autograd records coarse operations on a tape and plays their
// hand-written gradients back.
//
// Letters: T rows of all sequences of a packed batch, C or D channels, L the
// length of one sequence, K taps, F spectrum bins, V classes.
//
// Operations panic with a *ShapeError when shapes do not fit: that is a
// mistake in the calling model, not a condition of the world. Catch turns it
// into an error at the edges (a training step, a request).
package autograd

import (
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/internal/vec"
	"github.com/orchid-seq/orchid/tensor"
)

// A Node is a value on a tape. It records how it was made, so that a tape can
// be printed, profiled and checked.
type Node struct {
	Op    string    // the operation's name, as in the op table test
	Attr  any       // its attributes, nil if it has none
	Scope string    // where in the model, such as "blocks.0.mixer"
	In    []*Node   // its operands
	Shape []int     // row-major; Shape[0] is T for a packed batch
	Data  []float32 // the value
	Grad  []float32 // the gradient of the loss; nil before Backward reaches the node

	needs bool // a gradient is wanted
	blind bool // back does not read Data, the node's own value
	leaf  bool // Data and Grad belong to the caller
	saved [][]float32
	seq   tensor.Offsets
	arg   int                    // a small attribute of the operation
	ids   []int                  // indices of the caller, read only
	back  func(t *Tape, n *Node) // adds to the Grad of In
}

// Rows returns the first size of the shape.
func (n *Node) Rows() int { return n.Shape[0] }

// Cols returns the number of elements a row.
func (n *Node) Cols() int { return tensor.Size(n.Shape[1:]) }

// Row returns row i of a matrix.
func (n *Node) Row(i int) []float32 { return n.Data[i*n.Cols() : (i+1)*n.Cols()] }

// Indices returns the indices that an op such as embedding looked up, or the
// labels of a loss; nil if it has none. The caller must not change them.
func (n *Node) Indices() []int { return n.ids }

// A Tape is the list of nodes in the order in which they were computed. It
// owns their buffers: after Reset, nodes and their slices must not be used.
// It is not safe for concurrent use; give each goroutine its own.
type Tape struct {
	// Training selects the behaviour of dropout and batch normalisation.
	Training bool
	// NoGrad records values only: Backward will panic, and intermediate values
	// that Temporary marks live no longer than they must.
	NoGrad bool
	// Afresh makes what a model keeps from one pass to the next anew, so that the tape
	// shows what a pass needs without it.
	Afresh bool
	// Check makes every operation, forward and backward, panic with a
	// *NonFiniteError at the first value that is not finite.
	Check bool
	// Seed and Step choose the random numbers of dropout.
	Seed uint64
	Step int
	// Stop, if set, is asked before each operation of the forward pass, which ends with
	// its error: see Catch. It is how somebody who waits no longer says so.
	Stop func() error
	// Profile, if set, adds up the time of every operation.
	Profile *Profile

	recording
	pool   tensor.Pool
	root   scope     // the whole model
	spare  []*Node   // what nodes is while Recompute runs a function
	losses []float64 // of the rows that CrossEntropy looks at
}

// A recording is where a tape stands.
type recording struct {
	nodes   []*Node
	used    int    // nodes[:used] are recorded; the rest are spare
	base    int    // how many were recorded besides
	scope   *scope // the part of the model; nil for the whole
	discard bool   // the values will be computed again: see Recompute
	replay  bool   // they are being computed again
}

// Reset forgets all nodes and keeps their buffers for the next step.
func (t *Tape) Reset() {
	for _, n := range t.nodes[:t.used] {
		t.release(n)
	}
	t.recording = recording{nodes: t.nodes}
}

// release gives the buffers of a node back to the pool.
func (t *Tape) release(n *Node) {
	t.drop(n, true)
	*n = Node{In: n.In[:0], Shape: n.Shape[:0], saved: n.saved[:0]}
}

// PeakBytes returns the most memory that values, gradients and saved buffers
// held at one time since the tape was made.
func (t *Tape) PeakBytes() int { return t.pool.PeakBytes() }

// HeldBytes returns the most memory that the tape had at one time since it was made,
// what it keeps for later steps included.
func (t *Tape) HeldBytes() int { return t.pool.HeldBytes() }

// Nodes returns the recorded nodes, oldest first. The slice is the tape's own.
func (t *Tape) Nodes() []*Node { return t.nodes[:t.used] }

// Temporary runs f, which records operations and returns the one that matters.
// On a tape with NoGrad nobody will read the others again: their buffers go
// back to the pool for what comes next, and their Data becomes nil. So f must
// not hand out any other node that it records, and must not keep slices of
// them. What was recorded before, the result, and values that belong to the
// caller (inputs, variables, parameters) stay. On other tapes Temporary only
// calls f, for the backward pass needs everything, unless Recompute computes it
// again. Calls may nest.
func (t *Tape) Temporary(f func() *Node) *Node {
	first := t.used
	y := f()
	if !t.NoGrad && !t.discard {
		return y
	}
	for _, n := range t.nodes[first:t.used] {
		t.drop(n, n != y)
	}
	return y
}

// drop gives back what a node keeps for the backward pass, its gradient and, if
// asked to, its value; the record of how it was made stays.
func (t *Tape) drop(n *Node, value bool) {
	for _, s := range n.saved {
		t.pool.Put(s)
	}
	n.saved = n.saved[:0]
	if n.leaf {
		return
	}
	t.pool.Put(n.Grad)
	n.Grad = nil
	if value {
		t.pool.Put(n.Data)
		n.Data = nil
	}
}

// Forget gives the value of n back, if the operation that made it does not need
// it in the backward pass. The caller vouches that nobody else does, as is so
// for what Spectrum has transformed.
func (t *Tape) Forget(n *Node) {
	if n.blind && !n.leaf {
		t.pool.Put(n.Data)
		n.Data = nil
	}
}

// add appends a node that has no buffers yet.
func (t *Tape) add(op string, in ...*Node) *Node {
	if t.used == len(t.nodes) {
		t.nodes = append(t.nodes, new(Node))
	}
	n := t.nodes[t.used]
	t.used++
	n.Op, n.Scope = op, t.place().path
	for _, i := range in {
		if i != nil {
			n.needs = n.needs || (i.needs && !t.NoGrad)
		}
		n.In = append(n.In, i)
	}
	return n
}

// op appends a node for an operation's result, with any content.
func (t *Tape) op(name string, shape []int, back func(*Tape, *Node), in ...*Node) *Node {
	if t.Stop != nil {
		if err := t.Stop(); err != nil {
			panic(&stopped{err})
		}
	}
	t.Profile.begin()
	n := t.add(name, in...)
	n.Shape = append(n.Shape, shape...)
	n.Data = t.pool.Get(tensor.Size(shape))
	n.back = back
	return n
}

// keep saves a buffer of size floats for the backward pass.
func (t *Tape) keep(n *Node, size int) []float32 {
	b := t.pool.Get(size)
	n.saved = append(n.saved, b)
	return b
}

// done checks a finished forward result, if asked to, and returns it.
func (t *Tape) done(n *Node) *Node {
	t.Profile.end(n.Op)
	if t.Check {
		checkFinite(n, n.Data, "value")
	}
	return n
}

// leafNode puts a value on the tape that the tape does not own.
func (t *Tape) leafNode(op string, data, grad []float32, shape []int) *Node {
	if tensor.Size(shape) != len(data) {
		panic(&ShapeError{Op: op, Want: "as many elements as the shape", Got: [][]int{shape, {len(data)}}})
	}
	n := t.add(op)
	n.Shape = append(n.Shape, shape...)
	n.Data, n.Grad, n.leaf, n.needs = data, grad, true, grad != nil && !t.NoGrad
	return n
}

// Input puts a constant on the tape. The tape keeps data, it does not copy it.
func (t *Tape) Input(data []float32, shape ...int) *Node {
	return t.leafNode("input", data, nil, shape)
}

// Variable puts a value on the tape whose gradient is wanted: Backward adds
// to grad, which the caller owns.
func (t *Tape) Variable(data, grad []float32, shape ...int) *Node {
	return t.leafNode("variable", data, grad, shape)
}

// Param puts a parameter on the tape; Backward adds to p.Grad unless it is
// frozen.
func (t *Tape) Param(p *Param) *Node { return t.ParamPart(p, len(p.Data), p.Shape...) }

// ParamPart puts the first n numbers of a parameter on the tape, in another
// shape.
func (t *Tape) ParamPart(p *Param, n int, shape ...int) *Node {
	var grad []float32
	if !p.Frozen {
		grad = p.Grad[:n]
	}
	node := t.leafNode("param", p.Data[:n], grad, shape)
	node.Attr = p
	return node
}

// Backward adds the gradient of scale * sum(y * dy) to every Variable and
// Param. dy nil stands for ones, the case of a scalar loss. It consumes the
// tape: values and gradients of inner nodes are released as soon as nothing
// needs them any more.
func (t *Tape) Backward(y *Node, dy []float32, scale float32) {
	if t.NoGrad {
		panic("autograd: Backward on a tape with NoGrad")
	}
	if !y.needs {
		return // nothing depends on a parameter
	}
	g := t.grad(y)
	for i := range g {
		d := scale
		if dy != nil {
			d *= dy[i]
		}
		g[i] += d
	}
	t.play()
}

// play takes the gradients of the recorded nodes back to their operands.
func (t *Tape) play() {
	for i := t.used - 1; i >= 0; i-- {
		n := t.nodes[i]
		if n.leaf || !n.needs {
			continue
		}
		if n.Grad != nil && n.back != nil {
			if n.blind {
				t.Forget(n)
			}
			t.Profile.back(t, n)
			if t.Check {
				for _, in := range n.In {
					if in != nil && in.needs {
						checkFinite(n, in.Grad, "gradient")
					}
				}
			}
		}
		// What was computed after n has been played back already, so nobody
		// reads n again.
		t.drop(n, true)
	}
}

// grad returns the gradient buffer of n, zero at first; nil if none is wanted.
func (t *Tape) grad(n *Node) []float32 {
	if n == nil || !n.needs {
		return nil
	}
	if n.Grad == nil {
		n.Grad = t.pool.Get(tensor.Size(n.Shape))
		elements(len(n.Grad), func(lo, hi int) { clear(n.Grad[lo:hi]) })
	}
	return n.Grad
}

// firstGrad is grad for an op that writes every element: what it returns has
// any content unless add is set. An op that may have one node twice as operand
// must not rely on it for both.
func (t *Tape) firstGrad(n *Node) (g []float32, add bool) {
	if n == nil || !n.needs {
		return nil, false
	}
	if n.Grad == nil {
		n.Grad = t.pool.Get(tensor.Size(n.Shape))
		return n.Grad, false
	}
	return n.Grad, true
}

// addGrad adds g to the gradient of n, if one is wanted; the first addend is
// copied.
func (t *Tape) addGrad(n *Node, g []float32) {
	if n == nil || !n.needs {
		return
	}
	add := vec.Accumulate
	if n.Grad == nil {
		n.Grad = t.pool.Get(tensor.Size(n.Shape))
		add = func(dst, x []float32) { copy(dst, x[:len(dst)]) }
	}
	elements(len(n.Grad), func(lo, hi int) { add(n.Grad[lo:hi], g[lo:hi]) })
}

// stream returns the random numbers of the node being recorded.
func (t *Tape) stream(purpose string) random.Stream {
	return random.New(t.Seed, purpose, t.Step, t.base+t.used)
}
