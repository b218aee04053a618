package plan

import (
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/optim"
	"github.com/orchid-seq/orchid/task"
)

// A prober runs made-up batches of a task.
type prober struct {
	task     task.Sized
	work     work
	params   []*autograd.Param
	seed     uint64
	pictures bool // of one length
	training bool // with gradients
	varied   bool // the tape will come to keep buffers of many sizes
}

// A probe is what some batches took.
type probe struct {
	batches [][]int // their lengths, those of the largest first, those of the timed one last
	bytes   float64 // held by the tape
	garbage float64 // bytes that a pass leaves to the collector
	seconds float64 // of a pass, at best, Settled, had it been alone on the machine
}

func (p probe) largest() []int { return p.batches[0] }

func (p probe) timed() []int { return p.batches[len(p.batches)-1] }

// enough is for how long short passes are repeated in any case: threads that work on two
// sequences at once hold more than one thread does, and may not meet in the first pass.
const enough = 10 * time.Millisecond

// firstRows is about the size of the first probe.
const firstRows = 128

// climb runs parts of batches, the largest first, each about twice as large as the one
// before, up to all of them or until the next would take more than what is left of the
// budget.
func (p *prober) climb(batches [][]int, how cut, budget time.Duration) (curve, error) {
	defer debug.FreeOSMemory() // what follows finds the machine as it was
	watch, n := NewWatch(), 1
	for rows(batches[0])/n > firstRows {
		n *= 2
	}
	for {
		part := each(batches, func(b []int) []int { return how.apply(b, n) })
		start := watch.spent()
		if _, err := p.run(part, 0); err != nil {
			return curve{}, err
		}
		if now := watch.spent(); n == 1 || now+4*(now-start) > budget {
			c, err := p.around(part, (budget-now)/3)
			c.share = float64(rows(part[0])) / float64(rows(batches[0]))
			return c, err
		}
		n /= 2
	}
}

// around runs batches, half as many of their sequences, and sequences half as long, each
// for about so long at most.
func (p *prober) around(part [][]int, budget time.Duration) (c curve, err error) {
	c.work = p.work
	if c.top, err = p.run(part, budget); err != nil {
		return c, err
	}
	if len(part[0]) > 1 {
		if c.fewer, err = p.run(each(part, fewer), budget); err != nil {
			return c, err
		}
	}
	if !p.pictures && longest(part[0]) >= 4 {
		if c.shorter, err = p.run(each(part, func(b []int) []int { return shorter(b, 2) }), budget); err != nil {
			return c, err
		}
	}
	c.fit()
	return c, nil
}

// run takes batches through a tape of its own, the last more often, for about so long
// at most.
func (p *prober) run(batches [][]int, budget time.Duration) (probe, error) {
	t := autograd.Tape{Training: p.training, NoGrad: !p.training, Afresh: true, Seed: p.seed}
	r := probe{batches: batches}
	var took []float64
	for _, b := range batches {
		if err := p.pass(&t, b); err != nil {
			return r, err
		}
	}
	watch := NewWatch()
	for times := 0; times < 1 || times < 20 && watch.spent() < max(budget, enough); times++ {
		heap, pass := allocated(), NewWatch()
		if err := p.pass(&t, r.timed()); err != nil {
			return r, err
		}
		took = append(took, pass.Alone().Seconds())
		r.garbage = allocated() - heap
	}
	r.bytes, r.seconds = float64(t.HeldBytes()), Settled(took)
	if p.varied {
		r.bytes = 2 * float64(t.PeakBytes()) // what a tensor.Pool keeps at most
	}
	return r, nil
}

// memory tells that of batches from parts of some of them, whose last it times.
func (p *prober) memory(all sampled, budget time.Duration) (curve, bytesPlane, error) {
	some := all.spread()
	p.varied = all.varied()
	c, err := p.climb(some, p.byLength(), budget)
	if err != nil {
		return c, bytesPlane{}, err
	}
	plane := c.bytes(some[0])
	plane.whole *= c.resident(some)
	return c, plane, nil
}

// pass takes a batch through a tape.
func (p *prober) pass(t *autograd.Tape, lengths []int) error {
	return autograd.Catch(func() {
		t.Reset()
		loss := p.task.MadeUp(t, lengths)
		if p.training {
			t.Backward(loss, nil, 1)
		}
	})
}

// Settled returns the mean of the faster half of some times, which it sorts.
func Settled(times []float64) float64 {
	slices.Sort(times)
	half := times[:(len(times)+1)/2]
	sum := 0.0
	for _, t := range half {
		sum += t
	}
	return sum / float64(len(half))
}

// allocated is how many bytes the process has had from the heap so far.
func allocated() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.TotalAlloc)
}

// keepBuffers returns a function that undoes what training steps do to parameters
// that are not trained, such as running statistics.
func (p *prober) keepBuffers() (restore func()) {
	kept := map[*autograd.Param][]float32{}
	for _, q := range p.params {
		if q.Frozen {
			kept[q] = slices.Clone(q.Data)
		}
	}
	return func() {
		for q, data := range kept {
			copy(q.Data, data)
		}
		optim.ZeroGrad(p.params)
	}
}

// optimizerSeconds measures a step of the optimizer on some of the parameters: to
// zero gradients, their norm, and AdamW, which moves nothing at rate 0.
func optimizerSeconds(params []*autograd.Param) float64 {
	const most = 1 << 22
	var some []*autograd.Param
	for _, p := range params {
		if n := autograd.Count(append(some, p)); !p.Frozen && (some == nil || n <= most) {
			some = append(some, p)
		}
	}
	o := optim.NewAdamW(some, nil, 0.9, 0.98, 1e-8)
	best := math.Inf(1)
	for range 3 {
		start := NewWatch()
		optim.ZeroGrad(some)
		optim.GradNorm(some)
		optim.Clip(some, 2, 1)
		o.Step(0)
		best = min(best, start.Alone().Seconds())
	}
	return best * float64(autograd.Count(params)) / float64(max(1, autograd.Count(some)))
}
