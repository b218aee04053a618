package numtest

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorder is a testing.TB that keeps what a check reports.
type recorder struct {
	testing.TB
	log  []string
	skip bool
}

func (r *recorder) Helper()                   {}
func (r *recorder) Errorf(f string, a ...any) { r.log = append(r.log, fmt.Sprintf(f, a...)) }
func (r *recorder) Skip(a ...any)             { r.skip = true; panic(r) }
func (r *recorder) Skipf(string, ...any)      { r.skip = true; panic(r) }

func TestClose(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		got, want []float64
		tol       float64
		fails     string // a part of the message, "" if it passes
	}{
		{[]float64{}, []float64{}, 0, ""},
		{[]float64{1, -100}, []float64{1.5, -100}, 0.01, ""},
		{[]float64{1, -100}, []float64{3, -100}, 0.01, "element 0 of 2: got 1, want 3"},
		{[]float64{1, 2}, []float64{1}, 1, "got 2 elements, want 1"},
		{[]float64{0, 1e-30}, []float64{0, 0}, 1, "element 1"},
		{[]float64{1, nan, 9}, []float64{1, 2, 3}, 10, "element 1"},
		{[]float64{1, 2}, []float64{1, nan}, 10, "element 1"},
		{[]float64{nan}, []float64{nan}, 10, "element 0"},
		{[]float64{5, 5}, []float64{1, inf}, 10, "element 1"},
		{[]float64{5, inf}, []float64{1, inf}, 10, "element 1"},
		{[]float64{-inf, 5}, []float64{1, 5}, 10, "element 0"},
	} {
		r := &recorder{TB: t}
		Close(r, "y", c.got, c.want, c.tol)
		if got := strings.Join(r.log, "\n"); (c.fails == "") != (got == "") || !strings.Contains(got, c.fails) {
			t.Errorf("Close(%v, %v, %v) reports %q, want %q", c.got, c.want, c.tol, got, c.fails)
		}
	}
	Close(t, "mixed types", []float32{0.1}, []float64{0.1}, 0x1p-24)
}

func TestBitEqual(t *testing.T) {
	nan, zero := float32(math.NaN()), float32(0)
	for _, c := range []struct {
		a, b  []float32
		fails string
	}{
		{[]float32{1, nan, 0}, []float32{1, nan, 0}, ""},
		{[]float32{1, 2, 3}, []float32{1, 4, 5}, "2 of 3 elements differ, first element 1"},
		{[]float32{zero}, []float32{float32(math.Copysign(0, -1))}, "element 0"},
		{[]float32{1}, nil, "1 elements against 0"},
	} {
		r := &recorder{TB: t}
		BitEqual(r, "y", c.a, c.b)
		if got := strings.Join(r.log, "\n"); (c.fails == "") != (got == "") || !strings.Contains(got, c.fails) {
			t.Errorf("BitEqual(%v, %v) reports %q, want %q", c.a, c.b, got, c.fails)
		}
	}
}

func TestNormal(t *testing.T) {
	x := Normal(3, 1<<16)
	BitEqual(t, "same seed, shorter", x[:100], Normal(3, 100))
	var sum, squares float64
	for _, v := range x {
		sum += float64(v)
		squares += float64(v) * float64(v)
	}
	// The standard errors are 1/256 and sqrt(2)/256; five of them.
	n := float64(len(x))
	if mean, variance := sum/n, squares/n; !(math.Abs(mean) < 0.02) || !(math.Abs(variance-1) < 0.03) {
		t.Errorf("mean %v, variance %v", mean, variance)
	}
	if x[0] == Normal(4, 1)[0] {
		t.Error("another seed gives the same numbers")
	}
}

func TestGuarded(t *testing.T) {
	for n := range 40 {
		for off := range 17 {
			s, check := Guarded(n, off)
			if len(s) != n || cap(s) != n {
				t.Fatalf("n=%d: length %d, capacity %d", n, len(s), cap(s))
			}
			if n > 0 && address(s)%64 != uintptr(4*off%64) {
				t.Fatalf("off=%d: the address ends in %d", off, address(s)%64)
			}
			for i := range s {
				if !math.IsNaN(float64(s[i])) {
					t.Fatalf("n=%d: element %d is not NaN", n, i)
				}
				s[i] = 1
			}
			check(t)
		}
	}
}

// TestGuardedSees writes over every element of both guards.
func TestGuardedSees(t *testing.T) {
	const n, off = 5, 3
	b := newBands(n, off)
	for i := range b.whole {
		if i >= b.lo && i < b.hi {
			continue
		}
		for _, v := range []float32{0, float32(math.NaN())} {
			b.whole[i] = v
			r := &recorder{TB: t}
			b.check(r)
			if want := fmt.Sprintf("to element %d of a slice of 5", i-b.lo); len(r.log) != 1 || !strings.Contains(r.log[0], want) {
				t.Fatalf("reports %q, want %q", r.log, want)
			}
		}
		b.whole[i] = math.Float32frombits(poison)
	}
	if b.lo < guard || len(b.whole)-b.hi < guard {
		t.Errorf("guards of %d and %d elements", b.lo, len(b.whole)-b.hi)
	}
}

func TestShared(t *testing.T) {
	shared := func(path ...string) (p string, skipped bool) {
		r := &recorder{TB: t}
		defer func() {
			if e := recover(); e != nil && e != any(r) {
				panic(e)
			}
			skipped = r.skip
		}()
		return Shared(r, path...), false
	}
	top := t.TempDir()
	deep := filepath.Join(top, "repo", "a", "b")
	for _, dir := range []string{deep, filepath.Join(top, "shared", "data")} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(top, "repo", "go.mod"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	t.Chdir(deep)
	t.Setenv("ORCHID_SHARED", "")
	p, skipped := shared("data")
	if !strings.HasSuffix(p, filepath.Join("shared", "data")) || skipped {
		t.Errorf("got %q, skipped %v", p, skipped)
	}
	if _, skipped := shared("data", "absent"); !skipped {
		t.Error("an absent path does not skip")
	}
	t.Setenv("ORCHID_SHARED", "off")
	if _, skipped := shared("data"); !skipped {
		t.Error("ORCHID_SHARED=off does not skip")
	}
}
