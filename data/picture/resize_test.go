package picture

import (
	"slices"
	"testing"
)

// TestResize compares with bilinear interpolation and box averages worked out
// by hand.
func TestResize(t *testing.T) {
	grey := func(v ...uint8) (rgb []uint8) {
		for _, v := range v {
			rgb = append(rgb, v, v, v)
		}
		return rgb
	}
	for _, c := range []struct {
		src        []uint8
		h, w       int
		want       []uint8
		height, wd int
	}{
		// Twice as wide: centres at 1/4 and 3/4 between the old ones.
		{grey(0, 100), 1, 2, grey(0, 25, 75, 100), 1, 4},
		{grey(0, 100), 2, 1, grey(0, 25, 75, 100), 4, 1},
		// Half as wide: a triangle of reach 2 has weights 1 3 3 1, over the
		// edge cut off: 3 3 1 of 7.
		{grey(0, 70, 140, 210), 1, 4, grey(50, 160), 1, 2},
		{grey(255, 255, 255, 255, 255, 255), 2, 3, grey(255), 1, 1},
		{grey(9), 1, 1, grey(9, 9, 9, 9, 9, 9), 3, 2},
	} {
		src, dst := Picture{c.h, c.w, 3, c.src}, New(c.height, c.wd, 3)
		if Resize(dst, src, src.whole()); !slices.Equal(dst.Pixels, c.want) {
			t.Errorf("%v to %d x %d: got %v, want %v", c.src, c.height, c.wd, dst.Pixels, c.want)
		}
	}
}

// TestResizeBox: only the box counts.
func TestResizeBox(t *testing.T) {
	src := Picture{3, 4, 1, []uint8{
		9, 9, 9, 9,
		9, 0, 100, 9,
		9, 40, 60, 9,
	}}
	for _, c := range []struct {
		dst  Picture
		want []uint8
	}{
		{New(2, 2, 1), []uint8{0, 100, 40, 60}},
		{New(1, 1, 1), []uint8{50}},
		{New(2, 4, 1), []uint8{0, 25, 75, 100, 40, 45, 55, 60}},
	} {
		if Resize(c.dst, src, Box{1, 1, 2, 2}); !slices.Equal(c.dst.Pixels, c.want) {
			t.Errorf("got %v, want %v", c.dst.Pixels, c.want)
		}
	}
	wantPanic(t, "box", func() { Resize(New(1, 1, 1), src, Box{1, 1, 2, 4}) })
	wantPanic(t, "channels", func() { Resize(New(1, 1, 3), src, src.whole()) })
}
