package bagofwords

import (
	"context"
	"fmt"
)

const (
	memory = 10    // pairs of steps and gradient changes that are kept
	rounds = 5_000 // ten times what the largest data set has needed
)

// minimize moves w to where the objective is at most near above its minimum,
// by L-BFGS (Nocedal and Wright, algorithm 7.4) with steps halved until the
// objective falls as its slope promises (Armijo). It is convex, which alone
// keeps the approximate Hessian positive.
func minimize(ctx context.Context, w []float64, o *objective, near float64) error {
	g, next, gNext, d := make([]float64, len(w)), make([]float64, len(w)), make([]float64, len(w)), make([]float64, len(w))
	var past []pair
	curvature := o.curvature()
	f := o.value(w, g)
	for range rounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		if o.above(g) <= near {
			return nil
		}
		direction(d, g, curvature, past)
		slope := dot(d, g)
		step, fNext := 1.0, 0.0
		for ; ; step /= 2 {
			copy(next, w)
			axpy(step, d, next)
			if fNext = o.value(next, gNext); fNext <= f+1e-4*step*slope {
				break
			}
			if step < 1e-10 { // rounding hides what is left to gain
				return nil
			}
		}
		p := pair{s: make([]float64, len(w)), y: make([]float64, len(w))}
		if len(past) == memory {
			p, past = past[0], past[1:]
		}
		copy(p.s, next)
		axpy(-1, w, p.s)
		copy(p.y, gNext)
		axpy(-1, g, p.y)
		if p.sy = dot(p.s, p.y); p.sy > 0 {
			past = append(past, p)
		}
		copy(w, next)
		f, g, gNext = fNext, gNext, g
	}
	return fmt.Errorf("bagofwords: no minimum after %d rounds: %.3g above it at most, want %.3g", rounds, o.above(g), near)
}

// A pair is a step s and the change y of the gradient on it.
type pair struct {
	s, y []float64
	sy   float64
}

// direction writes -H g, H being the inverse Hessian that the pairs suggest
// where they say something, and that of the curvature alone elsewhere.
func direction(d, g, curvature []float64, past []pair) {
	for i, v := range g {
		d[i] = -v
	}
	a := make([]float64, len(past))
	for i := len(past) - 1; i >= 0; i-- {
		a[i] = dot(past[i].s, d) / past[i].sy
		axpy(-a[i], past[i].y, d)
	}
	for i, c := range curvature {
		d[i] /= c
	}
	for i, p := range past {
		axpy(a[i]-dot(p.y, d)/p.sy, p.s, d)
	}
}
