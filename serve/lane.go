package serve

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/orchid-seq/orchid"
)

// A job is the texts of a request that stand in a queue.
type job struct {
	ctx     context.Context
	options any // jobs with equal ones are computed together
	compute func(ctx context.Context, inputs []orchid.Input) ([]any, error)
	inputs  []orchid.Input
	tokens  []int
	results []any

	next int           // the first text that is in no batch yet
	left int           // texts without a result
	err  error         // why there are no more
	done chan struct{} // closed when left is 0, or with err
}

// A lane computes what stands in its queue, a batch after the other. A goroutine does
// so while there is anything.
type lane struct {
	budget int  // tokens of a batch; a longer text is alone
	last   bool // give way to whatever else there is to do
	counts *counters

	mu    sync.Mutex
	busy  bool
	queue []*job
}

// do waits for the results of a job, or for the end of its context.
func (l *lane) do(j *job) error {
	j.left, j.done, j.results = len(j.inputs), make(chan struct{}), make([]any, len(j.inputs))
	l.mu.Lock()
	l.queue = append(l.queue, j)
	if !l.busy {
		l.busy = true
		go l.work()
	}
	l.mu.Unlock()
	select {
	case <-j.done:
		return j.err
	case <-j.ctx.Done():
		l.leave(j)
		return j.ctx.Err()
	}
}

// leave takes a job out of the queue. Texts of it that are being computed stay there.
func (l *lane) leave(j *job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = slices.DeleteFunc(l.queue, func(other *job) bool { return other == j })
}

func (l *lane) work() {
	if l.last {
		background()
	}
	for {
		b := l.take()
		if b == nil {
			return
		}
		results, err := b.run()
		l.deliver(b, results, err)
	}
}

// A batch is texts of some jobs, which are computed together.
type batch struct {
	jobs   []*job // each once
	parts  []part
	tokens int
}

// A part is a text of a job.
type part struct {
	job *job
	i   int
}

// take returns the next batch, nil and no longer busy if the queue is empty. It has
// texts with the options of the first job, of each such job in turn one, until the
// budget is used up: a large request does not keep small ones waiting. Jobs of which
// texts are left go to the end of the queue.
func (l *lane) take() *batch {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		l.busy = false
		return nil
	}
	b := &batch{}
	options := l.queue[0].options
	for more := true; more; {
		more = false
		for _, j := range l.queue {
			if j.options != options || j.next == len(j.inputs) || b.tokens > 0 && b.tokens+j.tokens[j.next] > l.budget {
				continue
			}
			if j.next == 0 || !slices.Contains(b.jobs, j) {
				b.jobs = append(b.jobs, j)
			}
			b.parts = append(b.parts, part{j, j.next})
			b.tokens += j.tokens[j.next]
			j.next++
			more = true
		}
	}
	var others, rest []*job
	for _, j := range l.queue {
		switch {
		case j.next == len(j.inputs):
		case slices.Contains(b.jobs, j):
			rest = append(rest, j)
		default:
			others = append(others, j)
		}
	}
	l.queue = append(others, rest...)
	return b
}

// run computes a batch. It ends early when none of those who asked waits any more.
func (b *batch) run() (results []any, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	waiting := atomic.Int64{}
	waiting.Store(int64(len(b.jobs)))
	for _, j := range b.jobs {
		defer context.AfterFunc(j.ctx, func() {
			if waiting.Add(-1) == 0 {
				cancel()
			}
		})()
	}
	inputs := make([]orchid.Input, len(b.parts))
	for n, p := range b.parts {
		inputs[n] = p.job.inputs[p.i]
	}
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("panic: %v\n%s", e, debug.Stack())
		}
	}()
	results, err = b.jobs[0].compute(ctx, inputs)
	if err == nil && len(results) != len(inputs) {
		err = fmt.Errorf("%d results of %d texts", len(results), len(inputs))
	}
	return results, err
}

// deliver hands out what a batch has given.
func (l *lane) deliver(b *batch, results []any, err error) {
	l.counts.batch(len(b.parts), b.tokens)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		for _, j := range b.jobs {
			if j.err == nil && j.left > 0 {
				j.err = err
				close(j.done)
			}
		}
		l.queue = slices.DeleteFunc(l.queue, func(j *job) bool { return j.err != nil })
		return
	}
	for n, p := range b.parts {
		j := p.job
		j.results[p.i] = results[n]
		if j.left--; j.left == 0 {
			close(j.done)
		}
	}
}

// waiting returns how many jobs are in the queue.
func (l *lane) waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queue)
}
