// Package par runs loops on one shared pool of workers.
//
// Work is split at fixed places that depend on n and grain alone, never on
// the number of workers, so a caller that keeps one partial result per chunk
// and adds them in order gets the same bits on any machine.
package par

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A job is one loop in flight. Its caller and every entry of the queue hold a
// reference; the last to let go gives it back.
type job struct {
	f       func(lo, hi int)
	n       int
	grain   int
	next    atomic.Int64        // the first index nobody has taken
	pending atomic.Int64        // chunks not yet finished
	refs    atomic.Int64        // who still holds the job
	done    chan struct{}       // gets one token when pending falls to 0
	failed  atomic.Pointer[any] // what the first failing chunk panicked with
}

var (
	mu      sync.Mutex
	workers int // goroutines that serve queue
	limit   atomic.Int64
	queue   = make(chan *job, 256)
	jobs    = sync.Pool{New: func() any { return &job{done: make(chan struct{}, 1)} }}
)

// spins is how often a goroutine looks for work, or for the end of its loop,
// before it sleeps: some 20 microseconds, about what waking one up costs.
// Training a small model has thousands of short loops a second.
const spins = 200

func init() { SetThreads(runtime.GOMAXPROCS(0)) }

// SetThreads sets how many goroutines, the caller's included, work on a loop.
// It returns the former number and must not be called while a loop runs. It
// panics if n < 1.
func SetThreads(n int) (old int) {
	if n < 1 {
		panic("par: SetThreads wants at least 1")
	}
	mu.Lock()
	defer mu.Unlock()
	for ; workers < n-1; workers++ {
		go serve()
	}
	return int(limit.Swap(int64(n)))
}

// Threads returns the number of goroutines that work on a loop.
func Threads() int { return int(limit.Load()) }

func serve() {
	for {
		(<-queue).serve()
		for i := 0; i < spins; i++ {
			select {
			case j := <-queue:
				j.serve()
				i = 0
			default:
				runtime.Gosched()
			}
		}
	}
}

// For calls f on the chunks [0, grain), [grain, 2 grain), ... of [0, n), some
// of them at the same time, and returns when all are done. Calls may nest: a
// caller that waits for its last chunks works on other loops meanwhile. A
// panic in f reaches the caller of For.
func For(n, grain int, f func(lo, hi int)) {
	grain = max(grain, 1)
	chunks := (n + grain - 1) / grain
	helpers := min(Threads(), chunks) - 1
	if helpers < 1 {
		for lo := 0; lo < n; lo += grain {
			f(lo, min(lo+grain, n))
		}
		return
	}
	j := jobs.Get().(*job)
	j.f, j.n, j.grain = f, n, grain
	j.next.Store(0)
	j.pending.Store(int64(chunks))
	j.refs.Store(int64(1 + helpers))
	for range helpers {
		select {
		case queue <- j:
		default: // the queue is full: the caller does the rest
			j.refs.Add(-1)
		}
	}
	j.run()
	j.wait()
	e := j.failed.Load()
	j.release()
	if e != nil {
		panic(*e)
	}
}

// wait returns when every chunk is done.
func (j *job) wait() {
	for range spins {
		if j.pending.Load() == 0 {
			<-j.done
			return
		}
		runtime.Gosched()
	}
	for {
		select {
		case <-j.done:
			return
		case other := <-queue:
			other.help(j)
		}
	}
}

// help takes chunks of another job until j is done, and then leaves the rest to
// others: a short loop must not wait for the end of a long one.
func (j *job) help(own *job) {
	for own.pending.Load() > 0 && j.take() {
	}
	if int(j.next.Load()) < j.n {
		select {
		case queue <- j:
			return
		default: // the queue is full: those at it do the rest
		}
	}
	j.release()
}

// serve works on a job taken from the queue.
func (j *job) serve() {
	j.run()
	j.release()
}

func (j *job) release() {
	if j.refs.Add(-1) == 0 {
		j.f = nil
		j.failed.Store(nil)
		jobs.Put(j)
	}
}

// run takes chunks until none is left.
func (j *job) run() {
	for j.take() {
	}
}

// take works on the next chunk and reports whether there was one.
func (j *job) take() bool {
	hi := int(j.next.Add(int64(j.grain)))
	lo := hi - j.grain
	if lo >= j.n {
		return false
	}
	j.chunk(lo, min(hi, j.n))
	return true
}

func (j *job) chunk(lo, hi int) {
	defer func() {
		if e := recover(); e != nil {
			cause := e // so that only a panic allocates
			j.failed.CompareAndSwap(nil, &cause)
		}
		if j.pending.Add(-1) == 0 {
			j.done <- struct{}{}
		}
	}()
	if j.failed.Load() == nil {
		j.f(lo, hi)
	}
}
