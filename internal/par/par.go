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

// A job is one loop in flight. It may outlive its For as a stale entry of the
// queue, so it is never reused.
type job struct {
	f       func(lo, hi int)
	n       int
	grain   int
	next    atomic.Int64 // the first index nobody has taken
	pending atomic.Int64 // chunks not yet finished
	done    chan struct{}
	failed  atomic.Pointer[any] // what the first failing chunk panicked with
}

var (
	mu      sync.Mutex
	workers int // goroutines that serve queue
	limit   atomic.Int64
	queue   = make(chan *job, 256)
)

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
		go func() {
			for j := range queue {
				j.run()
			}
		}()
	}
	return int(limit.Swap(int64(n)))
}

// Threads returns the number of goroutines that work on a loop.
func Threads() int { return int(limit.Load()) }

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
	j := &job{f: f, n: n, grain: grain, done: make(chan struct{})}
	j.pending.Store(int64(chunks))
offer:
	for range helpers {
		select {
		case queue <- j:
		default:
			break offer // the queue is full: the caller does the rest
		}
	}
	j.run()
	for waiting := true; waiting; {
		select {
		case <-j.done:
			waiting = false
		case other := <-queue:
			other.run()
		}
	}
	if e := j.failed.Load(); e != nil {
		panic(*e)
	}
}

// run takes chunks until none is left.
func (j *job) run() {
	for {
		hi := int(j.next.Add(int64(j.grain)))
		lo := hi - j.grain
		if lo >= j.n {
			return
		}
		j.chunk(lo, min(hi, j.n))
	}
}

func (j *job) chunk(lo, hi int) {
	defer func() {
		if e := recover(); e != nil {
			j.failed.CompareAndSwap(nil, &e)
		}
		if j.pending.Add(-1) == 0 {
			close(j.done)
		}
	}()
	if j.failed.Load() == nil {
		j.f(lo, hi)
	}
}
