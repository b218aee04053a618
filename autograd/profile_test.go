package autograd

import (
	"testing"
	"time"
)

// TestProfile counts the calls of a small tape, forward and backward.
func TestProfile(t *testing.T) {
	p := new(Profile)
	tape := Tape{Profile: p}
	x, dx := make([]float32, 6), make([]float32, 6)
	for range 3 {
		tape.Reset()
		v := tape.Variable(x, dx, 3, 2)
		tape.Backward(tape.Add(tape.Mul(v, v), tape.Mul(v, v)), nil, 1)
	}
	p.Time("pause", func() { time.Sleep(20 * time.Millisecond) })
	calls := map[string]int{}
	for _, o := range p.Times() {
		calls[o.Op] = o.Calls
		if !(o.Forward > 0) || o.Op != "pause" && !(o.Backward > 0) {
			t.Errorf("%+v: want times above 0", o)
		}
	}
	if len(calls) != 3 || calls["mul"] != 6 || calls["add"] != 3 || calls["pause"] != 1 {
		t.Errorf("calls %v", calls)
	}
	if first := p.Times()[0]; first.Op != "pause" || first.Total() < 20*time.Millisecond {
		t.Errorf("the slowest is %+v", first)
	}
	var none *Profile
	none.Time("nothing", func() {})
}
