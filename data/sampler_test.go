package data

import (
	"slices"
	"testing"
)

func TestSampler(t *testing.T) {
	s := Sampler{N: 103, Batch: 10, Seed: 5}
	if got := s.StepsPerEpoch(); got != 11 {
		t.Fatalf("%d steps an epoch", got)
	}
	epoch := func(s *Sampler, e int) (all []int) {
		for i := range 11 {
			all = append(all, s.At(11*e+i)...)
		}
		return all
	}
	first, second := epoch(&s, 0), epoch(&s, 1)
	if slices.Equal(first, second) {
		t.Error("two epochs in the same order")
	}
	again := Sampler{N: 103, Batch: 10, Seed: 5}
	if got := again.At(14); !slices.Equal(got, second[30:40]) {
		t.Errorf("a sampler that starts at step 14 deals %v, want %v", got, second[30:40])
	}
	slices.Sort(second)
	for i, v := range second {
		if v != i {
			t.Fatalf("an epoch does not hold every example once: %v", second)
		}
	}
}
