package signal

import (
	"math"

	"github.com/orchid-seq/orchid/internal/random"
)

// pace draws how many rows a training sequence of so many gets when it is played at
// another speed, at most as many as the model is built for.
func (c FitConfig) pace(rows int, r *random.Stream) int {
	if c.Speed == 0 {
		return rows
	}
	n := int(math.Round(float64(rows) / factor(c.Speed, r)))
	return max(1, min(n, max(rows, c.MaxLength)))
}

// factor draws a number between 1/(1+most) and 1+most, whose logarithm is uniform.
func factor(most float64, r *random.Stream) float64 {
	return math.Pow(1+most, 2*r.Float64()-1)
}

// stretch plays x [rows, channels] in as many rows as dst has: cubic polynomials
// through four neighbours (Catmull and Rom), x going on at its ends as it ends.
func stretch(dst, x []float32, channels int) {
	from, to := len(x)/channels, len(dst)/channels
	for i := range to {
		at := float64(i) * float64(from) / float64(to)
		k := int(at)
		u := float32(at - float64(k))
		row := func(k int) []float32 { return x[min(max(k, 0), from-1)*channels:] }
		a, b, c, d := row(k-1), row(k), row(k+1), row(k+2)
		for j := range channels {
			dst[i*channels+j] = b[j] + u/2*(c[j]-a[j]+u*(2*a[j]-5*b[j]+4*c[j]-d[j]+u*(3*(b[j]-c[j])+d[j]-a[j])))
		}
	}
}

// vary changes a training sequence x [rows, channels] at random, in place: it moves
// it in time, multiplies it, and adds noise. The result depends on x and on the
// state of r alone.
func (c FitConfig) vary(x []float32, channels int, r *random.Stream) {
	rows := len(x) / channels
	if most := min(c.Shift, rows-1); most > 0 {
		move(x, channels*(r.IntN(2*most+1)-most))
	}
	if c.Gain > 0 {
		by := float32(factor(c.Gain, r))
		for i := range x {
			x[i] *= by
		}
	}
	if c.Noise > 0 {
		share := c.Noise * r.Float64()
		m := newMoments(channels)
		m.add(x)
		_, std := m.result()
		for i := range x {
			if d := i % channels; m.squares[d] > 0 { // silence stays silent
				x[i] += float32(share * float64(std[d]) * r.Normal())
			}
		}
	}
}

// move is x[i+by] = x[i], with zeros where nothing comes from.
func move(x []float32, by int) {
	if by >= 0 {
		copy(x[by:], x)
		clear(x[:by])
		return
	}
	clear(x[copy(x, x[-by:]):])
}
