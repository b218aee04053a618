package autograd

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
)

// tricky is a block with everything that could go wrong the second time: a
// random mask, running statistics, two uses of x, a part of the model.
type tricky struct {
	mean, variance, gain, bias *Param
}

func newTricky(C int) *tricky {
	b := &tricky{NewParam("mean", C), NewParam("variance", C), NewParam("gain", C), NewParam("bias", C)}
	copy(b.gain.Data, numtest.Normal(7, C))
	b.mean.Frozen, b.variance.Frozen = true, true
	return b
}

func (b *tricky) forward(t *Tape, x *Node) *Node {
	defer t.Enter("inner")()
	y := t.BatchNorm(t.Apply(x, GELU), t.Param(b.gain), t.Param(b.bias), BatchStats{Mean: b.mean, Variance: b.variance, Momentum: 0.1}, 1e-5)
	return t.Add(x, t.Dropout(t.Mul(y, x), 0.3))
}

// TestRecompute runs blocks as they are and recomputed, one within another too:
// the numbers of nodes, on which random masks depend, may differ as little as
// values and gradients.
func TestRecompute(t *testing.T) {
	const T, C = 37, 5
	x := numtest.Normal(1, T*C)
	run := func(wrap func(t *Tape, x *Node, f func(x *Node) *Node) *Node) []float32 {
		b, dx := newTricky(C), make([]float32, T*C)
		tape := Tape{Training: true, Seed: 3}
		all := []float32{}
		for range 3 {
			tape.Reset()
			tape.Step++
			y := tape.Apply(tape.Variable(x, dx, T, C), Activation{Name: "tanh"})
			for range 2 {
				y = wrap(&tape, y, func(x *Node) *Node { return b.forward(&tape, x) })
			}
			y = tape.Dropout(y, 0.5)
			all = append(all, y.Data...)
			tape.Backward(y, x, 1)
		}
		for _, p := range []*Param{b.mean, b.variance, b.gain, b.bias} {
			all = append(append(all, p.Data...), p.Grad...)
		}
		return append(all, dx...)
	}
	want := run(func(_ *Tape, x *Node, f func(x *Node) *Node) *Node { return f(x) })
	once := func(t *Tape, x *Node, f func(x *Node) *Node) *Node { return t.Recompute(x, f) }
	numtest.BitEqual(t, "recomputed", run(once), want)
	numtest.BitEqual(t, "twice", run(func(t *Tape, x *Node, f func(x *Node) *Node) *Node {
		return t.Recompute(x, func(x *Node) *Node { return t.Recompute(x, f) })
	}), want)
	numtest.BitEqual(t, "in a larger one", run(func(t *Tape, x *Node, f func(x *Node) *Node) *Node {
		return t.Recompute(x, func(x *Node) *Node { return t.Apply(once(t, x, f), Identity) })
	}), want)
}

// TestRecomputeFrozen: what nothing asks a gradient of is not computed again.
func TestRecomputeFrozen(t *testing.T) {
	const T, C = 3, 2
	calls := 0
	var tape Tape
	double := func(x *Node) *Node {
		calls++
		return tape.Add(x, x)
	}
	data, grad := numtest.Normal(1, T*C), make([]float32, T*C)
	v := tape.Variable(data, grad, T, C)
	tape.Backward(tape.Add(tape.Recompute(tape.Input(data, T, C), double), v), nil, 1)
	if calls != 1 {
		t.Errorf("a function of constants ran %d times", calls)
	}
	// Here only what f takes from outside has a gradient.
	tape.Reset()
	v = tape.Variable(data, grad, T, C)
	y := tape.Recompute(tape.Input(data, T, C), func(x *Node) *Node { return tape.Mul(x, v) })
	clear(grad)
	tape.Backward(y, nil, 1)
	numtest.BitEqual(t, "gradient of a captured node", grad, data)
}

// TestRecomputeErrors: an error in f, the first time or the second, says where
// it arose and leaves the tape as it was.
func TestRecomputeErrors(t *testing.T) {
	var tape Tape
	x, dx := []float32{-1, 2}, make([]float32, 2)
	rational := func(x *Node) *Node { // infinite at -1, and so is its gradient
		defer tape.Enter("pole")()
		return tape.Apply(x, Activation{Name: "rational"})
	}
	for _, c := range []struct {
		what string
		run  func(v *Node)
	}{
		{"value", func(v *Node) { tape.Recompute(v, rational) }},
		{"gradient", func(v *Node) {
			tape.Check = false
			y := tape.Recompute(v, rational)
			tape.Check = true
			tape.Backward(tape.Apply(y, Activation{Name: "tanh"}), nil, 1)
		}},
	} {
		tape.Reset()
		tape.Check = true
		leave := tape.Enter("model")
		v := tape.Variable(x, dx, 2, 1)
		err := Catch(func() { c.run(v) })
		var e *NonFiniteError
		if !errors.As(err, &e) || e.Scope != "model.pole" || e.Op != "rational" {
			t.Errorf("%s: got %v", c.what, err)
		}
		if i := slices.Index(tape.Nodes(), v); i != 0 {
			t.Errorf("%s: the variable is node %d of the tape", c.what, i)
		}
		leave()
	}
	tape.Reset()
	tape.Check = false
	y := tape.Recompute(tape.Variable([]float32{1}, dx[:1], 1), rational)
	if v := y.Data[0]; math.Abs(float64(v)-0.5) > 1e-7 {
		t.Errorf("after errors: %v, want 1/2", v)
	}
	defer func() {
		if recover() == nil {
			t.Error("a function that records nothing was accepted")
		}
	}()
	tape.Recompute(y, func(x *Node) *Node { return x })
}

// TestRecomputeProfile: operations are counted as often as they run, and no
// time twice.
func TestRecomputeProfile(t *testing.T) {
	tape := Tape{Profile: new(Profile)}
	x, dx := make([]float32, 1<<16), make([]float32, 1<<16)
	y := tape.Recompute(tape.Variable(x, dx, len(x), 1), func(x *Node) *Node { return tape.Apply(x, GELU) })
	tape.Backward(y, nil, 1)
	times := map[string]OpTime{}
	for _, o := range tape.Profile.Times() {
		times[o.Op] = o
	}
	if g, r := times["gelu"], times["recompute"]; g.Calls != 2 || g.Backward <= 0 || r.Total() > g.Total() {
		t.Errorf("%+v, %+v", g, r)
	}
}

// TestByRows: rows computed some at a time are the same bits, and nothing of what
// is in between stays.
func TestByRows(t *testing.T) {
	const T, C, most = 23, 5, 4
	x, w := numtest.Normal(1, T*C), numtest.Normal(2, 64*C)
	f := func(tape *Tape) func(x *Node) *Node {
		return func(x *Node) *Node { return tape.GLU(tape.Linear(x, tape.Input(w, 64, C), nil), GELU) }
	}
	var whole Tape
	want := f(&whole)(whole.Input(x, T, C)).Data
	parts := Tape{NoGrad: true}
	y := parts.ByRows(parts.Input(x, T, C), most, f(&parts))
	numtest.BitEqual(t, "by rows", y.Data, want)
	if got, most := parts.PeakBytes(), whole.PeakBytes()*2/3; got > most {
		t.Errorf("%d bytes at most, want at most %d", got, most)
	}
}
