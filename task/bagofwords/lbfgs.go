package bagofwords

import (
	"context"
	"math"
)

const (
	memory = 10    // pairs of steps and gradient changes that are kept
	rounds = 5_000 // ten times what the largest data set has needed

	// work bounds the multiplications of one minimum, to some minutes: rounds times
	// entries of the matrix times outputs. GLUE and IMDB stay far below.
	work = 200_000_000_000
	// fewRounds are always done.
	fewRounds = 10
)

// minimize moves w to where the objective is at most near above its minimum,
// by L-BFGS (Nocedal and Wright, algorithm 7.4) with steps halved until the
// objective falls as its slope promises (Armijo). It is convex, which alone
// keeps the approximate Hessian positive. It returns a bound of how far above the
// minimum w is: more than near if that would take too many rounds, near also where
// rounding hides what is left to gain. Report is called with the share of the way
// behind it.
func minimize(ctx context.Context, w []float64, o *objective, near float64, report func(share float64)) (above float64, err error) {
	g, next, gNext, d := make([]float64, len(w)), make([]float64, len(w)), make([]float64, len(w)), make([]float64, len(w))
	var past []pair
	curvature := o.curvature()
	f := o.value(w, g)
	begin, share := o.above(g), 0.0
	for range o.most {
		if err := ctx.Err(); err != nil {
			return begin, err
		}
		above = o.above(g)
		if above <= near {
			return above, nil
		}
		if s := math.Log(begin/above) / math.Log(begin/near); s > share {
			share = min(1, s)
		}
		report(share)
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
				return near, nil
			}
			if err := ctx.Err(); err != nil {
				return above, err
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
	return o.above(g), nil
}

// rounds is how often minimize tries.
func (o *objective) rounds() int {
	entries := 1
	for _, r := range o.x.rows {
		entries += len(r)
	}
	return max(fewRounds, min(rounds, work/(entries*o.outputs)))
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
