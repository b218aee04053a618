package picture

import "math"

// affine says where the pixel at (x, y) from the middle of a picture comes from:
// (a[0] x + a[1] y + a[2], a[3] x + a[4] y + a[5]) from its middle.
type affine [6]float64

// affine moves the pixels of p, by bilinear interpolation between pixel centres.
// Outside of the picture everything has the colour fill.
func (p Picture) affine(spare Picture, a affine, fill []uint8) {
	copy(spare.Pixels, p.Pixels)
	midX, midY := float64(p.Width-1)/2, float64(p.Height-1)/2
	for y := range p.Height {
		to, dy := p.row(y), float64(y)-midY
		for x := range p.Width {
			dx := float64(x) - midX
			spare.sample(to[x*p.Channels:(x+1)*p.Channels], a[3]*dx+a[4]*dy+a[5]+midY, a[0]*dx+a[1]*dy+a[2]+midX, fill)
		}
	}
}

// sample writes the pixel at a place between pixels.
func (p Picture) sample(dst []uint8, y, x float64, fill []uint8) {
	fy, fx := math.Floor(y), math.Floor(x)
	// Before conversion, so that no place is too far off for an int.
	if fy < -1 || fx < -1 || fy >= float64(p.Height) || fx >= float64(p.Width) {
		copy(dst, fill)
		return
	}
	y0, x0 := int(fy), int(fx)
	wy, wx := float32(y-fy), float32(x-fx)
	n00, n01, n10, n11 := p.at(y0, x0, fill), p.at(y0, x0+1, fill), p.at(y0+1, x0, fill), p.at(y0+1, x0+1, fill)
	for c := range dst {
		top := float32(n00[c]) + wx*(float32(n01[c])-float32(n00[c]))
		bottom := float32(n10[c]) + wx*(float32(n11[c])-float32(n10[c]))
		dst[c] = uint8(top + wy*(bottom-top) + 0.5)
	}
}

// at returns the pixel at a place, fill outside of the picture.
func (p Picture) at(y, x int, fill []uint8) []uint8 {
	if uint(y) >= uint(p.Height) || uint(x) >= uint(p.Width) {
		return fill
	}
	i := (y*p.Width + x) * p.Channels
	return p.Pixels[i : i+p.Channels]
}
