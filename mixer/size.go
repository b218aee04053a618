package mixer

// size returns how many numbers newOrchid makes, without making them; in float64,
// for it may be more than memory or an int could hold.
func (c Config) size(D, maxLength int) float64 {
	d, steps := float64(D), float64(c.Order-1)
	linear := func(in, out float64) float64 { return in*out + out }
	n := linear(d, (steps+2)*d) + linear(d, d) + (steps+2)*d*float64(c.ShortTaps+1)
	if c.StaticKernel {
		n += c.Filter.size(d*steps, float64(maxLength))
	} else {
		n += d * steps // the skip
	}
	if c.Residual {
		n += c.Filter.size(d*steps, float64(maxLength))
	}
	return n + newConditioner(c.withoutLayers(), "", D).size()
}
