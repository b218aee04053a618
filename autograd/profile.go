package autograd

import (
	"slices"
	"time"
)

// A Profile adds up the time that operations take, by name. The zero value is
// ready; a tape fills the one in its Profile field.
type Profile struct {
	byOp    map[string]*OpTime
	started time.Time // the operation that is being recorded
}

// OpTime is the time of all calls of one operation.
type OpTime struct {
	Op                string
	Calls             int // forward
	Forward, Backward time.Duration
}

// Times lists the operations, the slowest first.
func (p *Profile) Times() (list []OpTime) {
	for _, o := range p.byOp {
		list = append(list, *o)
	}
	slices.SortFunc(list, func(a, b OpTime) int {
		return int(b.Forward + b.Backward - a.Forward - a.Backward)
	})
	return list
}

func (p *Profile) of(op string) *OpTime {
	if p.byOp == nil {
		p.byOp = map[string]*OpTime{}
	}
	o := p.byOp[op]
	if o == nil {
		o = &OpTime{Op: op}
		p.byOp[op] = o
	}
	return o
}

// begin and end surround the forward computation of an operation.
func (p *Profile) begin() {
	if p != nil {
		p.started = time.Now()
	}
}

func (p *Profile) end(op string) {
	if p != nil {
		o := p.of(op)
		o.Calls++
		o.Forward += time.Since(p.started)
	}
}

// back runs the gradient of n.
func (p *Profile) back(t *Tape, n *Node) {
	start := time.Now()
	n.back(t, n)
	if p != nil {
		p.of(n.Op).Backward += time.Since(start)
	}
}
