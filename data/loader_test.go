package data

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestLoader(t *testing.T) {
	var made []int
	l := NewLoader(func(n int) int {
		made = append(made, n)
		return n * n
	})
	for _, n := range []int{5, 6, 7, 3, 4, 4, 9, 0, 1} {
		if got := l.At(n); got != n*n {
			t.Errorf("batch %d is %d", n, got)
		}
	}
	l.Close()
	l.Close() // does nothing
	if want := []int{5, 6, 7, 8, 3, 4, 5, 4, 5, 9, 10, 0, 1, 2}; !slices.Equal(made, want) {
		t.Errorf("made %v, want %v", made, want)
	}
}

// TestLoaderWaits works 3 s a batch that takes 10 s to make, then the reverse.
func TestLoaderWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := 10 * time.Second
		l := NewLoader(func(n int) int {
			time.Sleep(slow)
			return n
		})
		defer l.Close()
		for n := range 4 {
			l.At(n)
			time.Sleep(3 * time.Second)
		}
		if want := (10 + 3*7) * time.Second; l.Waited() != want {
			t.Errorf("waited %v, want %v", l.Waited(), want)
		}
		synctest.Wait()
		time.Sleep(slow)
		before := l.Waited()
		slow = 2 * time.Second
		for n := range 4 {
			l.At(4 + n)
			time.Sleep(3 * time.Second)
		}
		if l.Waited() != before {
			t.Errorf("waited %v where batches are made in time", l.Waited()-before)
		}
	})
}

func TestLoaderPanics(t *testing.T) {
	l := NewLoader(func(n int) int {
		if n%3 == 2 {
			panic(fmt.Sprint("batch ", n))
		}
		return n
	})
	defer l.Close()
	for n := range 9 {
		func() {
			defer func() {
				want := any(nil)
				if n%3 == 2 {
					want = fmt.Sprint("batch ", n)
				}
				if got := recover(); got != want {
					t.Errorf("batch %d panics with %v, want %v", n, got, want)
				}
			}()
			if got := l.At(n); got != n {
				t.Errorf("batch %d is %d", n, got)
			}
		}()
	}
}

func TestLoaderAllocatesNothing(t *testing.T) {
	two := [2][]int{make([]int, 9), make([]int, 9)}
	calls := 0
	l := NewLoader(func(n int) []int {
		b := two[calls%2]
		calls++
		b[0] = n
		return b
	})
	defer l.Close()
	n := 0
	if got := testing.AllocsPerRun(100, func() {
		if l.At(n)[0] != n {
			t.Error("the batch in use was written to")
		}
		n++
	}); got != 0 {
		t.Errorf("%g allocations a batch", got)
	}
}
