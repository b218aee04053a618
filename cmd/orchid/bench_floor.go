package main

import (
	"math"

	"github.com/orchid-seq/orchid/mixer"
)

// A work is a number of floating-point operations that nothing spares: matrix
// products, and 2.5 L log2 L a channel and real transform of length L. At the
// peak of the cores it takes a time below which no program comes: the floor.
// Passes over memory, sines, norms, and what is computed twice are left out.
type work struct{ products, transforms float64 }

func (w work) plus(v work) work { return work{w.products + v.products, w.transforms + v.transforms} }

// total is the number of operations, in units of 10^9.
func (w work) total() float64 { return (w.products + w.transforms) / 1e9 }

// floor is the time of the work in milliseconds.
func (w work) floor(gflops float64) float64 { return 1e3 * w.total() / gflops }

// works is the work of a mixer: forward, forward with the spectra of the static
// kernels kept, and forward with backward.
type works struct{ forward, served, both work }

// worksOf counts for B sequences of L rows and D channels.
func worksOf(c mixer.Config, B, L, D int) works {
	rows, d := float64(B)*float64(L), float64(D)
	switch c.Mixer {
	case "attention":
		linear, scores := product(rows, d, 4*d), product(rows, float64(L), d)
		// Backward has four products with the scores, and computes them once
		// more: they are too many to keep.
		forward := work{products: linear + 2*scores}
		return works{forward, forward, work{products: 3*linear + (2+5)*scores}}
	case "m2":
		x := work{product(rows, d, 4*d), 4 * float64(B) * d * transform(2*L)}
		two := filterWork(c.Filter, L, L, d).plus(filterWork(c.Filter, L, L, d))
		return worksWith(x, two.plus(two))
	case "hyena":
		x := work{product(rows, d, 4*d), 2 * float64(B) * d * transform(2*L)}
		return worksWith(x, filterWork(c.Filter, L, 2*L, d))
	}
	steps := float64(c.Order - 1)
	x := work{products: product(rows, d, (steps+2)*d) + product(rows, d, d)}
	channels := float64(B) * d // a step of the chain takes its channels there and back
	x.transforms = 2 * steps * channels * transform(L)
	seen := channels // by the conditioner
	if c.Conditioner == "correlation" {
		seen *= 2
	}
	if c.DoubleKernel { // twice as long; kernels go back to time and there again
		x.transforms += seen*transform(2*L) + steps*channels*(transform(2*L)+transform(L))
	} else {
		x.transforms += seen * transform(L)
	}
	var filters work
	if c.StaticKernel {
		filters = filters.plus(filterWork(c.Filter, L, L, steps*d))
	}
	if c.Residual {
		x.transforms += 2 * channels * transform(L)
		filters = filters.plus(filterWork(c.Filter, L, L, steps*d))
	}
	return worksWith(x, filters)
}

// worksWith adds what the filters need, once for the whole batch. A product has
// two in its gradient, a transform one.
func worksWith(x, filters work) works {
	forward := x.plus(filters)
	return works{forward, x, work{3 * forward.products, 2 * forward.transforms}}
}

// filterWork is that of making C filters of L taps, and their spectra of n rows.
func filterWork(c mixer.FilterConfig, L, n int, C float64) work {
	l, E, W := float64(L), float64(c.Features), float64(c.Width)
	w := work{transforms: C * transform(n)}
	if c.Linear {
		w.products = product(l, E, C)
	} else {
		w.products = product(l, E, W) + float64(c.Inner)*product(l, W, W) + product(l, W, C)
	}
	return w
}

// product counts an [m, k] by [k, n] matrix product.
func product(m, k, n float64) float64 { return 2 * m * k * n }

// transform counts a real transform of n rows of one channel.
func transform(n int) float64 { return 2.5 * float64(n) * math.Log2(float64(n)) }
