package par

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestForCoversEveryIndexOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 5} {
		defer SetThreads(SetThreads(threads))
		for _, n := range []int{0, 1, 2, 7, 64, 1001} {
			for _, grain := range []int{0, 1, 3, 64, 2000} {
				seen := make([]atomic.Int32, n)
				For(n, grain, func(lo, hi int) {
					for i := lo; i < hi; i++ {
						seen[i].Add(1)
					}
				})
				for i := range seen {
					if got := seen[i].Load(); got != 1 {
						t.Fatalf("threads %d, n %d, grain %d: index %d seen %d times", threads, n, grain, i, got)
					}
				}
			}
		}
	}
}

// TestNested would hang if a waiting caller did not work on other loops.
func TestNested(t *testing.T) {
	defer SetThreads(SetThreads(3))
	var sum atomic.Int64
	For(20, 1, func(lo, _ int) {
		For(20, 1, func(l, _ int) {
			For(20, 1, func(int, int) { sum.Add(int64(lo * l)) })
		})
	})
	if want := int64(190 * 190 * 20); sum.Load() != want {
		t.Fatalf("got %d, want %d", sum.Load(), want)
	}
}

func TestPanicReachesCaller(t *testing.T) {
	defer SetThreads(SetThreads(2))
	defer func() {
		if e := recover(); e != "chunk 3" {
			t.Fatalf("recovered %v", e)
		}
		For(10, 1, func(int, int) {}) // the pool still works
	}()
	For(10, 1, func(lo, _ int) {
		if lo == 3 {
			panic("chunk 3")
		}
	})
	t.Fatal("no panic")
}

func BenchmarkFor(b *testing.B) {
	for b.Loop() {
		For(2, 1, func(int, int) {})
	}
}

// TestShortBesideLong: who waits for the last chunk of a short loop helps with a
// long one, but not to its end.
func TestShortBesideLong(t *testing.T) {
	defer SetThreads(SetThreads(2))
	taken, helped, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var once sync.Once
	var done atomic.Int64
	const chunks = 1000
	for len(queue) > 0 { // what other tests have left has no chunks any more
		runtime.Gosched()
	}
	For(2, 1, func(lo, _ int) {
		if lo == 1 { // a worker's
			close(taken)
			<-helped
			return
		}
		<-taken
		go func() {
			defer close(ended)
			For(chunks, 1, func(lo, _ int) {
				if lo == 0 {
					<-helped
				} else { // who waits for the short loop
					once.Do(func() { close(helped) })
					time.Sleep(time.Millisecond)
				}
				done.Add(1)
			})
		}()
	})
	if n := done.Load(); n == chunks {
		t.Error("the short loop waited for the end of the long one")
	}
	<-ended
	if n := done.Load(); n != chunks {
		t.Errorf("%d of %d chunks", n, chunks)
	}
}
