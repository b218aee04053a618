package data

import "time"

// Loader makes batches ahead: while the caller uses batch n, batch n+1 is made
// in the background, on a goroutine of the loader's own. That is the one
// goroutine below package train outside the pool of package par, whose loops
// end before their callers go on, where this must run on. It cannot change
// results, as a batch depends on its number alone.
//
// A Loader is not safe for concurrent use.
type Loader[B any] struct {
	batch  func(n int) B
	ask    chan int
	answer chan answer[B]
	ahead  int // the batch that is being made, or waits to be taken; -1 for none
	waited time.Duration
}

// answer is a batch, or what making it panicked with.
type answer[B any] struct {
	batch B
	panic any
}

// NewLoader returns a loader of the batches that a function makes. The
// function is called for one batch at a time, always by the loader's
// goroutine, and for one batch more than is needed. It must not write to the
// batch it made before, which is in use meanwhile.
func NewLoader[B any](batch func(n int) B) *Loader[B] {
	l := &Loader[B]{batch: batch, ask: make(chan int), answer: make(chan answer[B], 1), ahead: -1}
	go l.run()
	return l
}

// run makes the batches that are asked for until Close.
func (l *Loader[B]) run() {
	for n := range l.ask {
		l.answer <- l.try(n)
	}
	close(l.answer)
}

// try makes a batch and catches its panic for the caller of At.
func (l *Loader[B]) try(n int) (a answer[B]) {
	defer func() { a.panic = recover() }()
	a.batch = l.batch(n)
	return a
}

// At returns batch n, at once if it was made ahead, and has batch n+1 made. It
// panics with what the making of batch n panicked with. The batch is the
// caller's until the next call of At.
func (l *Loader[B]) At(n int) B {
	begin := time.Now()
	if l.ahead != n {
		l.drop()
		l.ask <- n
	}
	a := <-l.answer
	l.waited += time.Since(begin)
	l.ahead = -1
	if a.panic != nil {
		panic(a.panic)
	}
	l.ask <- n + 1
	l.ahead = n + 1
	return a.batch
}

// drop waits for the batch made ahead and forgets it.
func (l *Loader[B]) drop() {
	if l.ahead >= 0 {
		<-l.answer
		l.ahead = -1
	}
}

// Waited returns how long calls of At have waited for batches so far.
func (l *Loader[B]) Waited() time.Duration { return l.waited }

// Close ends the background work and returns when it has ended. At must not be
// called afterwards.
func (l *Loader[B]) Close() {
	if l.ask == nil {
		return
	}
	close(l.ask)
	for range l.answer { // until run has returned
	}
	l.ask = nil
}
