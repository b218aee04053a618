package mixer

// size returns how many numbers the parameters of the operator hold, without
// making them; as float64, for it may be more than memory, or an int, could.
func (c Config) size(D, maxLength int) float64 {
	d, steps := float64(D), float64(c.Order-1)
	parts := float64(c.projections())
	n := (d+1)*parts*d + (d+1)*d + parts*d*float64(c.ShortTaps+1)
	if c.StaticKernel {
		n += c.Filter.size(d*steps, float64(maxLength))
	} else {
		n += d * steps // its skip
	}
	if c.Residual {
		n += c.Filter.size(d*steps, float64(maxLength))
	}
	switch {
	case c.Conditioner == "correlation":
		n += 2 * c.stageSize(d, 1, 1)
	case c.time():
		n += c.stageSize(d, 1, 1)
	}
	if c.frequency() {
		in, out := c.parts()
		n += c.stageSize(d*steps, float64(in)/steps, float64(out))
	}
	return n
}

// stageSize is the size of a stage of G groups.
func (c Config) stageSize(G, in, out float64) float64 {
	layers, vectors := float64(c.ConditionerLayers), 0.0 // of G out numbers in a layer
	if c.ConditionerBias {
		vectors++
	}
	switch c.ConditionerNorm {
	case "layer":
		vectors += 2
	case "batch":
		vectors += 4
	}
	n := G * out * (float64(c.ConditionerTaps)*(in+(layers-1)*out) + layers*vectors)
	if c.ConditionerActivation == "ln" {
		n += 2
	}
	return n
}

// size returns how many numbers the parameters of a filter of C channels hold.
func (c FilterConfig) size(C, maxLength float64) float64 {
	E, W := float64(c.Features), float64(c.Width)
	n := C // the skip
	if c.Linear {
		n += E * C
	} else {
		n += (E+1)*W + float64(c.Inner)*(W+1)*W + W*C + W
	}
	if c.Positions != "relative" {
		n += maxLength * (E + 1)
	}
	if c.Modulate {
		n += C
	}
	return n
}
