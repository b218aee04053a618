package plot

import (
	"fmt"
	"math"
)

// An axis spans whole powers of its base or, for base 0, whole steps.
type axis struct {
	base, low, high float64
	some            bool
}

// holds reports whether the axis has a place for v: it is finite and, on a
// logarithmic axis, above 0.
func (a *axis) holds(v float64) bool {
	return !math.IsNaN(v) && !math.IsInf(v, 0) && (a.base == 0 || v > 0)
}

func (a *axis) include(v float64) {
	if !a.some {
		a.low, a.high, a.some = v, v, true
	}
	a.low, a.high = min(a.low, v), max(a.high, v)
}

// scale maps a value to where it would stand on a linear axis.
func (a *axis) scale(v float64) float64 {
	if a.base == 0 {
		return v
	}
	return math.Log(v) / math.Log(a.base)
}

// ends returns the first and the last tick, scaled, and the step between ticks: a
// whole number of powers, or 1, 2 or 5 times a power of ten, of which there are
// eight at most.
func (a *axis) ends() (low, high, step float64) {
	const most, slack = 8, 1e-9 // a tick is its own end
	if !a.some {
		return 0, 1, 1
	}
	low, high = a.scale(a.low), a.scale(a.high)
	step = 1
	if a.base == 0 {
		switch {
		case high > low:
		case high > 0: // one value stands at the top: a share of 1 has nothing above it
			low = 0
		default:
			high = low + 1
		}
		step = math.Pow(10, math.Floor(math.Log10((high-low)/most)))
		for _, f := range []float64{1, 2, 5, 10, 20} {
			if (high-low)/(f*step) <= most-1 {
				step *= f
				break
			}
		}
	} else {
		step = max(1, math.Ceil((high-low)/most))
	}
	unit := step
	if a.base > 0 {
		unit = 1
	}
	low, high = unit*math.Floor(low/unit+slack), unit*math.Ceil(high/unit-slack)
	return low, max(high, low+unit), step
}

// place returns where v stands, from 0 to 1.
func (a *axis) place(v float64) float64 {
	low, high, _ := a.ends()
	return (a.scale(v) - low) / (high - low)
}

// ticks returns the values to mark.
func (a *axis) ticks() (list []float64) {
	low, high, step := a.ends()
	for i := 0; ; i++ {
		e := low + float64(i)*step
		switch {
		case e > high+step/1000:
			return list
		case a.base > 0:
			e = math.Pow(a.base, e)
		case math.Abs(e) < step/1000:
			e = 0 // not what rounding left of it
		}
		list = append(list, e)
	}
}

// label writes a value of the axis.
func (a *axis) label(v float64) string {
	if a.base == 2 {
		return short(v)
	}
	return fmt.Sprintf("%.6g", v)
}

// short writes a power of two.
func short(v float64) string {
	switch {
	case v >= 1<<20:
		return fmt.Sprintf("%gM", v/(1<<20))
	case v >= 1<<10:
		return fmt.Sprintf("%gk", v/(1<<10))
	}
	return fmt.Sprintf("%g", v)
}
