package gemm

import "testing"

func TestPeakFMA(t *testing.T) {
	levels(t, func(t *testing.T) {
		if g := PeakFMA(); !(g > 0) {
			t.Errorf("PeakFMA() = %v", g)
		}
	})
}
