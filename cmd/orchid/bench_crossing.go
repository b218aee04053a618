package main

import (
	"fmt"
	"math"
)

// exponent is the slope of the straight line that fits log y over log x best.
func exponent(x, y []float64) float64 {
	var mx, my, xy, xx float64
	for i := range x {
		mx, my = mx+math.Log(x[i])/float64(len(x)), my+math.Log(y[i])/float64(len(x))
	}
	for i := range x {
		dx := math.Log(x[i]) - mx
		xy, xx = xy+dx*(math.Log(y[i])-my), xx+dx*dx
	}
	return xy / xx
}

// crossing returns the length from which a stays below b: 0 where a is not
// below b at the last length, the first length where it is below everywhere.
func crossing(lengths, a, b []float64) float64 {
	above := func(i int) float64 { return math.Log(a[i] / b[i]) }
	i := len(lengths) - 1
	if !(above(i) < 0) {
		return 0
	}
	for ; i > 0; i-- {
		if before := above(i - 1); before >= 0 {
			share := before / (before - above(i))
			return lengths[i-1] * math.Pow(lengths[i]/lengths[i-1], share)
		}
	}
	return lengths[0]
}

func crossingText(at float64, lengths []float64) string {
	switch at {
	case 0:
		return fmt.Sprintf("Orchid does not pass attention up to L = %.0f", lengths[len(lengths)-1])
	case lengths[0]:
		return fmt.Sprintf("Orchid is faster from L = %.0f on, the shortest measured", at)
	}
	return fmt.Sprintf("Orchid passes attention at L = %.0f", at)
}
