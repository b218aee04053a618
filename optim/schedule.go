package optim

import "math"

// Schedule is a learning rate over a run, as a factor of the full rate: a
// linear warm-up, then a decay to Final.
type Schedule struct {
	Steps  int     // of the whole run
	Warmup int     // steps of the warm-up
	Decay  string  // cosine, linear or constant
	Final  float64 // factor at the end
}

// At returns the factor for a step, counted from 0.
func (s Schedule) At(step int) float64 {
	if step < s.Warmup {
		return float64(step+1) / float64(s.Warmup)
	}
	done := float64(step-s.Warmup) / float64(max(1, s.Steps-s.Warmup))
	done = min(done, 1)
	switch s.Decay {
	case "cosine":
		return s.Final + (1-s.Final)*(1+math.Cos(math.Pi*done))/2
	case "linear":
		return s.Final + (1-s.Final)*(1-done)
	}
	return 1
}
