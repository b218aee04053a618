package signal

import (
	"fmt"
	"math"

	"github.com/orchid-seq/orchid/autograd"
)

// A scale is how values get mean 0 and deviation 1. What it has measured is stored
// with the model.
type scale struct {
	how       string
	channels  int
	mean, std *autograd.Param // [C], or [L, C] for step; nil where nothing is measured
}

func newScale(how string, channels, length int) scale {
	s := scale{how: how, channels: channels}
	switch how {
	case "global":
		s.mean, s.std = autograd.NewParam("values.mean", channels), autograd.NewParam("values.deviation", channels)
	case "step":
		s.mean, s.std = autograd.NewParam("values.mean", length, channels), autograd.NewParam("values.deviation", length, channels)
	default:
		return s
	}
	s.mean.Frozen, s.std.Frozen = true, true
	for i := range s.std.Data {
		s.std.Data[i] = 1
	}
	return s
}

// params lists what is stored.
func (s scale) params() []*autograd.Param {
	if s.mean == nil {
		return nil
	}
	return []*autograd.Param{s.mean, s.std}
}

// fits says what is wrong with a sequence of so many rows.
func (s scale) fits(rows int) error {
	if s.how == "step" && rows*s.channels != len(s.mean.Data) {
		return fmt.Errorf("%d samples where normalize=step, which measures every place, wants %d as all others have; normalize=global takes any length", rows, len(s.mean.Data)/s.channels)
	}
	return nil
}

// apply normalises a sequence x [rows, C] that fits, in place.
func (s scale) apply(x []float32) {
	switch s.how {
	case "none":
		return
	case "sequence":
		m := newMoments(s.channels)
		m.add(x)
		mean, std := m.result()
		normalize(x, mean, std)
	default:
		normalize(x, s.mean.Data, s.std.Data)
	}
}

// normalize is x[i] = (x[i] - mean[i%n]) / std[i%n], n being the length of both.
func normalize(x, mean, std []float32) {
	for n := len(mean); len(x) > 0; x = x[n:] {
		for i, m := range mean {
			x[i] = (x[i] - m) / std[i]
		}
	}
}

// unit returns the period of what is measured in a sequence: a whole one for step.
func (s scale) unit() int {
	if s.mean == nil {
		return s.channels
	}
	return len(s.mean.Data)
}

// moments are the means and the sums of squared deviations of values that come in
// turns of n.
type moments struct {
	count         float64
	mean, squares []float64
}

func newMoments(n int) *moments {
	return &moments{mean: make([]float64, n), squares: make([]float64, n)}
}

// add takes whole turns in, by Welford's rule, which keeps its precision where the
// mean is large.
func (m *moments) add(x []float32) {
	for n := len(m.mean); len(x) > 0; x = x[n:] {
		m.count++
		for i := range m.mean {
			v := float64(x[i])
			d := v - m.mean[i]
			m.mean[i] += d / m.count
			m.squares[i] += d * (v - m.mean[i])
		}
	}
}

// result returns means and deviations; what never varies gets deviation 1, so that
// it is only centred.
func (m *moments) result() (mean, std []float32) {
	mean, std = make([]float32, len(m.mean)), make([]float32, len(m.mean))
	for i := range mean {
		mean[i], std[i] = float32(m.mean[i]), float32(math.Sqrt(m.squares[i]/m.count))
		if !(m.squares[i] > 0) || std[i] == 0 {
			std[i] = 1
		}
	}
	return mean, std
}
