package numtest

import (
	"math"
	"reflect"
	"testing"
)

const (
	// guard is the number of elements on each side: four of the widest
	// vectors, as far as an unrolled kernel could overshoot.
	guard = 64

	// line is the elements of a cache line and of the widest vector.
	line = 16

	// poison is a NaN that no arithmetic makes.
	poison = 0x7fc5a5a5
)

// Guarded returns n elements between guard bands; the first stands off
// elements after a 64-byte boundary. Everything is NaN at first, so a kernel
// that reads past its input, or trusts what its output held, makes NaN. The
// function check reports an error if a guard was written.
func Guarded(n, off int) (slice []float32, check func(t testing.TB)) {
	b := newBands(n, off)
	return b.whole[b.lo:b.hi:b.hi], b.check
}

// bands is the memory of a guarded slice, which is its elements lo to hi.
type bands struct {
	whole  []float32
	lo, hi int
}

func newBands(n, off int) bands {
	whole := make([]float32, guard+line+off+n+guard)
	for i := range whole {
		whole[i] = math.Float32frombits(poison)
	}
	lo := guard
	for address(whole[lo:])%(4*line) != 0 {
		lo++
	}
	return bands{whole, lo + off, lo + off + n}
}

func (b bands) check(t testing.TB) {
	t.Helper()
	for i, v := range b.whole {
		if (i < b.lo || i >= b.hi) && math.Float32bits(v) != poison {
			t.Errorf("wrote %v to element %d of a slice of %d", v, i-b.lo, b.hi-b.lo)
			return
		}
	}
}

func address(x []float32) uintptr { return reflect.ValueOf(x).Pointer() }
