package autograd

import "slices"

// recomputed are the attributes of Recompute.
type recomputed struct {
	f     func(x *Node) *Node
	base  int // the tape's, as f began
	scope *scope
}

// Recompute returns f(x), which it computes twice: now, to keep nothing of what
// f records but the result, and in the backward pass, to have it for the time
// that it is needed. So a stack of blocks holds x of every one and the inner
// values of one. Not a bit of any value or gradient changes by it.
//
// f must record the same operations both times and must not change anything
// that it reads. It must end in an operation of its own and must not hand out
// any other node that it records. On a tape with NoGrad Recompute is Temporary.
//
//	y = f(x)
func (t *Tape) Recompute(x *Node, f func(x *Node) *Node) *Node {
	if t.NoGrad || t.discard {
		return t.Temporary(func() *Node { return f(x) })
	}
	base := t.base + t.used
	y := t.add("recompute", x)
	y.Attr, y.back = recomputed{f, base, t.scope}, recomputeBack
	t.aside(base, func() {
		t.discard = true
		z := f(x)
		if z.leaf || !slices.Contains(t.Nodes(), z) {
			panic("autograd: Recompute of a function that does not end in an operation of its own")
		}
		y.Shape, y.needs = append(y.Shape, z.Shape...), z.needs
		y.Data, z.Data = z.Data, nil
		base += t.used
	})
	t.base = base - t.used // so that numbers go on as without Recompute
	return y
}

// recomputeBack gives the gradient to the result of another call of f.
func recomputeBack(t *Tape, y *Node) {
	r := y.Attr.(recomputed)
	t.pool.Put(y.Data)
	y.Data = nil
	t.aside(r.base, func() {
		t.replay, t.scope = true, r.scope
		z := r.f(y.In[0])
		z.Grad, y.Grad = y.Grad, nil
		t.play()
	})
}

// aside runs f on an empty list of nodes, numbered from base on, which it
// releases in the end, even if f panics.
func (t *Tape) aside(base int, f func()) {
	before := t.recording
	t.recording = recording{nodes: t.spare, base: base, scope: t.scope, replay: t.replay}
	t.spare = nil
	defer func() {
		for _, n := range t.Nodes() {
			t.release(n)
		}
		t.spare, t.recording = t.nodes, before
	}()
	f()
}
