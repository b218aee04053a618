package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"
)

// picture returns a PNG of the given colours, all of one size.
func picture(t testing.TB, height, width int, at func(y, x int) color.Color) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, at(y, x))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func plain(c color.Color) func(y, x int) color.Color {
	return func(int, int) color.Color { return c }
}

func TestReadFolder(t *testing.T) {
	dir := t.TempDir()
	var grey bytes.Buffer
	g := image.NewGray(image.Rect(0, 0, 3, 2))
	for i := range g.Pix {
		g.Pix[i] = 200
	}
	if err := jpeg.Encode(&grey, g, nil); err != nil {
		t.Fatal(err)
	}
	write(t, picture(t, 2, 3, func(y, x int) color.Color { return color.NRGBA{uint8(x), uint8(y), 9, 255} }), dir, "cat", "b.png")
	write(t, picture(t, 4, 7, plain(color.NRGBA{200, 100, 50, 255})), dir, "cat", "c.PNG")
	write(t, picture(t, 2, 3, plain(color.NRGBA{200, 100, 50, 0})), dir, "ant", "clear.png")
	write(t, grey.Bytes(), dir, "bee", "a.jpeg")
	write(t, []byte("not data"), dir, "cat", "README.txt")
	write(t, []byte("not data"), dir, ".cache", "x.png")
	write(t, []byte("not data"), dir, "README.txt")
	s, err := ReadFolder(dir, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	check(t, s)
	if !slices.Equal(s.Classes, []string{"ant", "bee", "cat"}) || !slices.Equal(s.Labels, []int{0, 1, 2, 2}) {
		t.Errorf("classes %q, labels %v", s.Classes, s.Labels)
	}
	for i, want := range [][]uint8{
		make([]uint8, 18),
		slices.Repeat([]uint8{200}, 18),
		{0, 0, 9, 1, 0, 9, 2, 0, 9, 0, 1, 9, 1, 1, 9, 2, 1, 9},
		slices.Repeat([]uint8{200, 100, 50}, 6),
	} {
		if got := s.At(i); !slices.Equal(got, want) {
			t.Errorf("picture %d: %v, want %v", i, got, want)
		}
	}
	if s, err = ReadFolder(dir, 0, 0); err != nil || s.Height != 2 || s.Width != 3 {
		t.Errorf("size of the first picture: %v, %v", s, err)
	}
	wantPanic(t, "size", func() { ReadFolder(dir, 0, 3) })
}

func TestReadFolderRefuses(t *testing.T) {
	good := picture(t, 2, 2, plain(color.White))
	dir := t.TempDir()
	_, err := ReadFolder(dir, 2, 2)
	wantError(t, err, dir, "no class folders")
	write(t, good, dir, "a", "notes.txt")
	_, err = ReadFolder(dir, 2, 2)
	wantError(t, err, dir, "a class without")
	write(t, good[:len(good)-20], dir, "a", "cut.png")
	_, err = ReadFolder(dir, 2, 2)
	wantError(t, err, "cut.png", "not a readable picture")
}

func TestOpenFolders(t *testing.T) {
	dir := t.TempDir()
	white := picture(t, 3, 2, plain(color.White))
	write(t, white, dir, "train", "a", "0.png")
	write(t, white, dir, "train", "b", "0.png")
	if _, test, err := Open(dir); err != nil || test != nil {
		t.Fatal(test, err)
	}
	write(t, picture(t, 5, 5, plain(color.White)), dir, "val", "b", "0.png")
	train, test, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	check(t, train)
	check(t, test)
	if test.Height != 3 || test.Width != 2 || !slices.Equal(test.Labels, []int{1}) {
		t.Errorf("test part %+v", test)
	}
	write(t, white, dir, "test", "c", "0.png") // goes before val
	_, _, err = Open(dir)
	wantError(t, err, `class "c" is not among`)
}

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
		if got := resize(c.src, c.h, c.w, c.height, c.wd); !slices.Equal(got, c.want) {
			t.Errorf("%v to %d x %d: got %v, want %v", c.src, c.height, c.wd, got, c.want)
		}
	}
}
