package par

import (
	"sync/atomic"
	"testing"
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
