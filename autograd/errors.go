package autograd

import (
	"fmt"
	"strings"

	"github.com/orchid-seq/orchid/internal/vec"
)

// A ShapeError reports operands that do not fit an operation.
type ShapeError struct {
	Op   string
	Want string  // in the letters of the operation's doc comment
	Got  [][]int // the shapes of the operands
}

func (e *ShapeError) Error() string {
	return fmt.Sprintf("autograd: %s wants %s, got %v", e.Op, e.Want, e.Got)
}

// A NonFiniteError reports the first NaN or infinity of a pass.
type NonFiniteError struct {
	Op    string
	Scope string // the part of the model, such as "blocks.0.mixer"
	What  string // "value" or "gradient"
	Shape []int
	Index int
}

func (e *NonFiniteError) Error() string {
	where := e.Scope
	if where == "" {
		where = "model"
	}
	return fmt.Sprintf("%s: op %s: %s of shape %v is not finite at element %d", where, e.Op, e.What, e.Shape, e.Index)
}

// checkFinite panics with a *NonFiniteError if v holds a NaN or an infinity.
func checkFinite(n *Node, v []float32, what string) {
	if vec.AllFinite(v) {
		return
	}
	for i := range v {
		if !vec.AllFinite(v[i : i+1]) {
			panic(&NonFiniteError{Op: n.Op, Scope: n.Scope, What: what, Shape: append([]int(nil), n.Shape...), Index: i})
		}
	}
}

// An InputError is what a loss panics with when data that it needs cannot be
// read any more: a file that was there when training began.
type InputError struct{ Err error }

// Error says what could not be read.
func (e *InputError) Error() string { return e.Err.Error() }

// Unwrap returns the error of the data.
func (e *InputError) Unwrap() error { return e.Err }

// stopped is what an operation panics with when Tape.Stop has an error.
type stopped struct{ err error }

// Catch runs f and returns the *ShapeError, *NonFiniteError or *InputError that it
// panics with, or the error of [Tape.Stop], if any. Every other panic goes on.
func Catch(f func()) (err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *ShapeError:
			err = e
		case *NonFiniteError:
			err = e
		case *InputError:
			err = e
		case *stopped:
			err = e.err
		default:
			panic(e)
		}
	}()
	f()
	return nil
}

// want panics with a *ShapeError unless ok.
func want(ok bool, op, letters string, in ...*Node) {
	if ok {
		return
	}
	e := &ShapeError{Op: op, Want: letters}
	for _, n := range in {
		if n != nil {
			e.Got = append(e.Got, append([]int(nil), n.Shape...))
		}
	}
	panic(e)
}

// wantSeq panics with a *ShapeError unless seq fills the rows of x.
func wantSeq(op string, x *Node, seq interface{ Check(int) error }) {
	if err := seq.Check(x.Rows()); err != nil {
		panic(&ShapeError{Op: op, Want: "offsets that fill x: " + err.Error(), Got: [][]int{append([]int(nil), x.Shape...)}})
	}
}

// String prints the tape, a line a node.
func (t *Tape) String() string {
	var b strings.Builder
	for i, n := range t.Nodes() {
		fmt.Fprintf(&b, "%4d %-16s %-14v %s\n", i, n.Op, n.Shape, n.Scope)
	}
	return b.String()
}
