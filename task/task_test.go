package task

import (
	"math"
	"slices"
	"testing"
)

func TestRank(t *testing.T) {
	x := []float32{1, 3, 3, 2}
	for label, want := range []int{3, 0, 1, 2} {
		if got := rank(x, label); got != want {
			t.Errorf("rank of %d: %d, want %d", label, got, want)
		}
	}
	if got := rank([]float32{float32(math.NaN()), 1}, 0); got != 2 {
		t.Errorf("a NaN ranks %d, want last", got)
	}
}

func TestScore(t *testing.T) {
	var s Score
	s.Add([]float32{1, 2, 3, 6, 5, 4}, 3, []int{2, 1}, 0.5)
	s.Add([]float32{1, 2, 3}, 3, []int{2}, 2)
	m := s.Metrics(4)
	for k, want := range map[string]float64{"accuracy": 2.0 / 3, "loss": 1, "chance": 0.25, "majority": 2.0 / 3} {
		if m[k] != want {
			t.Errorf("%s: %v, want %v", k, m[k], want)
		}
	}
	if s.Top5() != 1 {
		t.Errorf("top 5: %v", s.Top5())
	}
}

// TestEvalBatches keeps every example, in order, and to the limit where one has not more
// alone.
func TestEvalBatches(t *testing.T) {
	lengths := []int{3, 4, 3, 20, 1, 9, 2}
	got := EvalBatches(len(lengths), 10, func(i int) int { return lengths[i] })
	want := [][]int{{3, 4, 3}, {20}, {1, 9}, {2}}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := Fill(100, 30); !slices.Equal(got, []int{30, 30, 30}) {
		t.Errorf("a batch of at most 100: %v", got)
	}
	if got := Fill(10, 30); !slices.Equal(got, []int{30}) {
		t.Errorf("a batch of at most 10: %v", got)
	}
}
