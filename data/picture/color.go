package picture

// A table says what becomes of each value of a channel.
type table [256]uint8

// newTable returns the table of a function, rounded and cut off at 0 and 255.
func newTable(f func(v float64) float64) (t table) {
	for v := range t {
		t[v] = clamp(f(float64(v)))
	}
	return t
}

func clamp(v float64) uint8 { return uint8(max(0, min(v+0.5, 255))) }

// look replaces every value.
func (p Picture) look(t *table) {
	for i, v := range p.Pixels {
		p.Pixels[i] = t[v]
	}
}

// lookEach replaces the values of each channel by a table made from how often each
// value occurs there.
func (p Picture) lookEach(f func(counts *[256]uint64) table) {
	counts := make([][256]uint64, p.Channels)
	p.count(counts)
	for c := range counts {
		t := f(&counts[c])
		for i := c; i < len(p.Pixels); i += p.Channels {
			p.Pixels[i] = t[p.Pixels[i]]
		}
	}
}

// brighten multiplies all values by f.
func (p Picture) brighten(f float64) {
	t := newTable(func(v float64) float64 { return f * v })
	p.look(&t)
}

// solarize inverts values from the threshold on.
func (p Picture) solarize(threshold float64) {
	t := newTable(func(v float64) float64 {
		if v >= threshold {
			return 255 - v
		}
		return v
	})
	p.look(&t)
}

// posterize keeps the highest bits of all values.
func (p Picture) posterize(bits int) {
	mask := uint8(0xff << (8 - bits))
	for i := range p.Pixels {
		p.Pixels[i] &= mask
	}
}

// autocontrast stretches each channel so that its values reach 0 and 255.
func (p Picture) autocontrast() {
	p.lookEach(func(counts *[256]uint64) table {
		lo, hi := 0, 255
		for lo < 255 && counts[lo] == 0 {
			lo++
		}
		for hi > lo && counts[hi] == 0 {
			hi--
		}
		if lo == hi {
			lo, hi = 0, 255 // one value, which stays
		}
		return newTable(func(v float64) float64 { return (v - float64(lo)) * 255 / float64(hi-lo) })
	})
}

// equalize makes the values of each channel occur about equally often, with the
// rounding of the Python Imaging Library.
func (p Picture) equalize() {
	p.lookEach(func(counts *[256]uint64) (t table) {
		var total, last uint64
		for _, k := range counts {
			if k > 0 {
				total, last = total+k, k
			}
		}
		step := (total - last) / 255
		n := step / 2
		for v, k := range counts {
			if step == 0 {
				t[v] = uint8(v)
				continue
			}
			t[v] = uint8(min(n/step, 255))
			n += k
		}
		return t
	})
}

// grey returns the brightness of a pixel: that of ITU-R 601 for three channels,
// otherwise the first of them.
func grey(px []uint8) int {
	if len(px) != 3 {
		return int(px[0])
	}
	return (19595*int(px[0]) + 38470*int(px[1]) + 7471*int(px[2]) + 1<<15) >> 16
}

// contrast multiplies the distance from the mean brightness by f.
func (p Picture) contrast(f float64) {
	sum, n := 0, p.Height*p.Width
	for i := range n {
		sum += grey(p.Pixels[i*p.Channels : (i+1)*p.Channels])
	}
	mean := float64((sum + n/2) / n)
	t := newTable(func(v float64) float64 { return mean + f*(v-mean) })
	p.look(&t)
}

// saturate multiplies the distance of colours from grey by f.
func (p Picture) saturate(f float64) {
	if p.Channels != 3 {
		return
	}
	for i := 0; i < len(p.Pixels); i += 3 {
		px := p.Pixels[i : i+3]
		g := float64(grey(px))
		for c, v := range px {
			px[c] = clamp(g + f*(float64(v)-g))
		}
	}
}

// sharpen multiplies the distance from the smoothed picture, in which a pixel
// weighs 5 and its eight neighbours 1, by f. The outermost pixels stay.
func (p Picture) sharpen(spare Picture, f float64) {
	copy(spare.Pixels, p.Pixels)
	C := p.Channels
	for y := 1; y < p.Height-1; y++ {
		above, here, below := spare.row(y-1), spare.row(y), spare.row(y+1)
		for i := C; i < len(here)-C; i++ {
			sum := 5 * int(here[i])
			for _, j := range [3]int{i - C, i, i + C} {
				sum += int(above[j]) + int(below[j])
			}
			sum += int(here[i-C]) + int(here[i+C])
			smooth := float64(sum) / 13
			p.row(y)[i] = clamp(smooth + f*(float64(here[i])-smooth))
		}
	}
}
