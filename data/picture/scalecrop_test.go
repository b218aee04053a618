package picture

import (
	"slices"
	"testing"

	"github.com/orchid-seq/orchid/internal/random"
)

// TestScaleBox: boxes are inside, and have areas and proportions as asked for but
// for rounding.
func TestScaleBox(t *testing.T) {
	r := random.New(1, "crop")
	smallest, largest := 1., 0.
	for range 5000 {
		b := scaleBox(60, 100, 0.08, &r)
		if b.Y < 0 || b.X < 0 || b.Y+b.Height > 60 || b.X+b.Width > 100 {
			t.Fatalf("box %+v", b)
		}
		h, w := float64(b.Height), float64(b.Width)
		if (w+0.5)/(h-0.5) < 0.75 || (w-0.5)/(h+0.5) > 4./3 {
			t.Fatalf("box %+v", b)
		}
		area := h * w / 6000
		smallest, largest = min(smallest, area), max(largest, area)
	}
	if smallest < 0.075 || smallest > 0.1 || largest < 0.75 || largest > 0.8 { // 80 by 60 at the most
		t.Errorf("areas from %v to %v", smallest, largest)
	}
	// Where nothing fits: the middle.
	if b := scaleBox(10, 100, 1, &r); b != (Box{0, 43, 10, 13}) {
		t.Errorf("box %+v", b)
	}
	if b := scaleBox(1, 1, 0.08, &r); b != (Box{0, 0, 1, 1}) {
		t.Errorf("box %+v", b)
	}
}

func TestScaleCrop(t *testing.T) {
	src := New(5, 8, 3)
	for i := range src.Pixels {
		src.Pixels[i] = uint8(i)
	}
	r := random.New(1, "crop")
	dst, seen := New(4, 4, 3), map[string]bool{}
	for range 50 {
		ScaleCrop(dst, src, 0.2, &r)
		seen[string(dst.Pixels)] = true
	}
	if len(seen) < 20 {
		t.Errorf("%d crops of 50 differ", len(seen))
	}
}

func TestCentreCrop(t *testing.T) {
	src := grid([]uint8{1, 2, 3, 4, 5, 6}, []uint8{7, 8, 9, 10, 11, 12}, []uint8{13, 14, 15, 16, 17, 18}, []uint8{19, 20, 21, 22, 23, 24})
	for _, c := range []struct {
		height, width int
		share         float64
		want          []uint8
	}{
		{4, 4, 1, []uint8{2, 3, 4, 5, 8, 9, 10, 11, 14, 15, 16, 17, 20, 21, 22, 23}},
		{2, 2, 0.5, []uint8{9, 10, 15, 16}},
		{4, 6, 1, src.Pixels},
		{1, 6, 1, []uint8{7, 8, 9, 10, 11, 12}},
	} {
		dst := New(c.height, c.width, 1)
		if CentreCrop(dst, src, c.share); !slices.Equal(dst.Pixels, c.want) {
			t.Errorf("%d x %d of %g: got %v, want %v", c.height, c.width, c.share, dst.Pixels, c.want)
		}
	}
	dst := New(7, 3, 1) // much larger than a picture of one pixel
	if CentreCrop(dst, grid([]uint8{9}), 0.875); !slices.Equal(dst.Pixels, slices.Repeat([]uint8{9}, 21)) {
		t.Errorf("got %v", dst.Pixels)
	}
}
