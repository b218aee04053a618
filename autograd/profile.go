package autograd

import (
	"cmp"
	"slices"
	"time"
)

// A Profile adds up the time that operations take, by name. The zero value is
// ready; a tape fills the one in its Profile field. A nil Profile counts
// nothing. It is not safe for concurrent use.
type Profile struct {
	byOp    map[string]*OpTime
	started time.Time     // the operation that is being recorded
	total   time.Duration // of all operations
}

// OpTime is the time of all calls of one operation.
type OpTime struct {
	Op                string
	Calls             int // forward
	Forward, Backward time.Duration
}

// Total is the time of both passes.
func (o OpTime) Total() time.Duration { return o.Forward + o.Backward }

// Times lists the operations, the slowest first.
func (p *Profile) Times() (list []OpTime) {
	for _, o := range p.byOp {
		list = append(list, *o)
	}
	slices.SortFunc(list, func(a, b OpTime) int {
		return cmp.Or(cmp.Compare(b.Total(), a.Total()), cmp.Compare(a.Op, b.Op))
	})
	return list
}

// Time runs f and adds its time under a name, as forward time: for what a step
// does beside its tape.
func (p *Profile) Time(name string, f func()) {
	p.begin()
	f()
	p.end(name)
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
		o, d := p.of(op), time.Since(p.started)
		o.Calls++
		o.Forward += d
		p.total += d
	}
}

// back runs the gradient of n. What that has other operations do is their time.
func (p *Profile) back(t *Tape, n *Node) {
	if p == nil {
		n.back(t, n)
		return
	}
	start, before := time.Now(), p.total
	n.back(t, n)
	own := time.Since(start) - (p.total - before)
	p.of(n.Op).Backward += own
	p.total += own
}
