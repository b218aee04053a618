package random

import (
	"math"
	"slices"
	"testing"
)

// TestPhilox holds the block function to the known answers that its authors
// publish with Random123 (philox2x64, 10 rounds).
func TestPhilox(t *testing.T) {
	const ones = ^uint64(0)
	for _, c := range [][5]uint64{ // key, counter, result
		{0, 0, 0, 0xca00a0459843d731, 0x66c24222c9a845b5},
		{ones, ones, ones, 0x65b021d60cd8310f, 0x4d02f3222f86df20},
		{0xa4093822299f31d0, 0x243f6a8885a308d3, 0x13198a2e03707344, 0x0a5e742c2997341c, 0xb0f883d38000de5d},
	} {
		a, b := philox(c[0], c[1], c[2])
		if a != c[3] || b != c[4] {
			t.Errorf("philox(%#x, %#x, %#x) = %#x, %#x, want %#x, %#x", c[0], c[1], c[2], a, b, c[3], c[4])
		}
	}
}

// TestStreamsDiffer draws from streams that differ in one coordinate each.
func TestStreamsDiffer(t *testing.T) {
	seen := map[uint64]bool{}
	for _, s := range []Stream{New(1, "a"), New(2, "a"), New(1, "b"), New(1, "a", 0), New(1, "a", 1), New(1, "a", 0, 0), New(1, "a", 1, 0), New(1, "a", 0, 1)} {
		for range 3 {
			v := s.Uint64()
			if seen[v] {
				t.Errorf("%+v repeats %#x", s, v)
			}
			seen[v] = true
		}
	}
	a, b := New(1, "a", 7), New(1, "a", 7)
	for range 10 {
		if a.Uint64() != b.Uint64() {
			t.Fatal("equal streams differ")
		}
	}
}

// TestDistributions allows five standard errors.
func TestDistributions(t *testing.T) {
	const n = 200000
	s := New(3, "test")
	var sum, sq float64
	for range n {
		v := s.Normal()
		sum += v
		sq += v * v
	}
	if m := sum / n; math.Abs(m) > 5/math.Sqrt(n) {
		t.Errorf("normal: mean %v", m)
	}
	if v := sq / n; math.Abs(v-1) > 5*math.Sqrt(2.0/n) {
		t.Errorf("normal: variance %v", v)
	}
	const k = 7
	var count [k]int
	for range n {
		count[s.IntN(k)]++
	}
	for i, c := range count {
		if math.Abs(float64(c)-n/k) > 5*math.Sqrt(n/k) {
			t.Errorf("IntN: %d drawn %d times of %d", i, c, n)
		}
	}
	sum = 0
	for range n {
		v := float64(s.Float32())
		if v < 0 || v >= 1 {
			t.Fatalf("Float32 gave %v", v)
		}
		sum += v
	}
	if m := sum / n; math.Abs(m-0.5) > 5*math.Sqrt(1.0/12/n) {
		t.Errorf("uniform: mean %v", m)
	}
}

func TestPerm(t *testing.T) {
	s := New(4, "perm")
	p := s.Perm(100)
	q := s.Perm(100)
	if slices.Equal(p, q) {
		t.Error("two equal permutations")
	}
	slices.Sort(p)
	for i, v := range p {
		if i != v {
			t.Fatalf("not a permutation: %v", p)
		}
	}
}
