package picture

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
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

func open(t testing.TB, dir string, o Options) (train, test *Set) {
	t.Helper()
	train, test, err := Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return train, test
}

func TestFolders(t *testing.T) {
	dir := t.TempDir()
	var grey bytes.Buffer
	g := image.NewGray(image.Rect(0, 0, 3, 2))
	for i := range g.Pix {
		g.Pix[i] = 200
	}
	if err := jpeg.Encode(&grey, g, nil); err != nil {
		t.Fatal(err)
	}
	write(t, picture(t, 2, 3, func(y, x int) color.Color { return color.NRGBA{uint8(x), uint8(y), 9, 255} }), dir, "train", "cat", "b.png")
	write(t, picture(t, 4, 7, plain(color.NRGBA{200, 100, 50, 255})), dir, "train", "cat", "c.PNG")
	write(t, picture(t, 2, 3, plain(color.NRGBA{200, 100, 50, 0})), dir, "train", "ant", "clear.png")
	write(t, grey.Bytes(), dir, "train", "bee", "a.jpeg")
	write(t, []byte("not data"), dir, "train", "cat", "README.txt")
	write(t, []byte("not data"), dir, "train", ".cache", "x.png")
	write(t, []byte("not data"), dir, "train", "README.txt")
	write(t, grey.Bytes(), dir, "train", "cat", "more", "d.jpg")
	want := [][]uint8{
		make([]uint8, 18),
		slices.Repeat([]uint8{200}, 18),
		{0, 0, 9, 1, 0, 9, 2, 0, 9, 0, 1, 9, 1, 1, 9, 2, 1, 9},
		slices.Repeat([]uint8{200, 100, 50}, 6),
	}
	var sums []string
	for name, o := range map[string]Options{
		"in memory": {}, "sized": {Height: 2, Width: 3}, "own sizes": {Height: 2, Width: 3, Own: true}, "in files": {Memory: 1},
	} {
		var notes []string
		o.Note = func(text string) { notes = append(notes, text) }
		s, test := open(t, dir, o)
		if len(notes) != 1 || !strings.Contains(notes[0], "left out 2 files and folders of classes that are no .png, .jpg or .jpeg file: cat/README.txt, cat/more") {
			t.Errorf("%s: notes %q", name, notes)
		}
		if test != nil || s.Files() != (o.Memory == 1) || (s.Pixels != nil) != (o.Memory == 0 && !o.Own) {
			t.Errorf("%s: %+v, %v", name, s, test)
		}
		if s.Height != 2 || s.Width != 3 || !slices.Equal(s.Classes, []string{"ant", "bee", "cat"}) || !slices.Equal(s.Labels, []int{0, 1, 2, 2}) {
			t.Errorf("%s: %d x %d, classes %q, labels %v", name, s.Height, s.Width, s.Classes, s.Labels)
		}
		for i := range want {
			got := New(2, 3, 3)
			if err := s.Read(got, i); err != nil || !slices.Equal(got.Pixels, want[i]) {
				t.Errorf("%s: picture %d: %v, want %v; %v", name, i, got.Pixels, want[i], err)
			}
		}
		if p, err := s.Picture(3); err != nil || (p.Height == 4) != (s.Pixels == nil) {
			t.Errorf("%s: the last picture is %d x %d, %v", name, p.Height, p.Width, err)
		}
		mean, std, _ := MeanStd(s)
		if o.Own || o.Memory == 1 { // every picture counts by its own pixels
			numtest.Close(t, "mean", mean, []float64{(1200 + 6 + 28*200) / 255. / 46, (1200 + 3 + 28*100) / 255. / 46, (1200 + 54 + 28*50) / 255. / 46}, 1e-6)
		} else {
			numtest.Close(t, "mean", mean, []float64{(2400 + 6) / 255. / 24, (1800 + 3) / 255. / 24, (1500 + 54) / 255. / 24}, 1e-6)
		}
		if len(std) != 3 {
			t.Errorf("%s: std %v", name, std)
		}
		sums = append(sums, s.Checksum())
	}
	if slices.Sort(sums); len(slices.Compact(sums)) != 3 { // the first two are the same
		t.Errorf("checksums %q", sums)
	}
}

func TestFoldersRefuse(t *testing.T) {
	good := picture(t, 2, 2, plain(color.White))
	dir := t.TempDir()
	write(t, nil, dir, "train", "notes.txt")
	_, _, err := Open(t.Context(), dir, Options{})
	wantError(t, err, dir, "no class folders")
	write(t, good, dir, "train", "a", "notes.txt")
	_, _, err = Open(t.Context(), dir, Options{})
	wantError(t, err, dir, "a class without")
	write(t, good[:len(good)-20], dir, "train", "a", "cut.png")
	_, _, err = Open(t.Context(), dir, Options{Skip: true})
	wantError(t, err, "none of 1 files", "cut.png", "EOF")
}

// TestBadFiles has files with a bad header and one with a good header and bad
// pixels among good ones.
func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	white := picture(t, 3, 2, plain(color.White))
	good := picture(t, 20, 20, func(y, x int) color.Color { return color.NRGBA{uint8(x * y), uint8(7 * x), uint8(9 * y), 255} })
	write(t, white, dir, "train", "a", "0.png")
	write(t, good[:len(good)/2], dir, "train", "a", "1-pixels.png") // a good header
	write(t, white, dir, "train", "a", "2.png")
	write(t, white, dir, "train", "b", "0.png")
	for i := range 11 {
		write(t, []byte("GIF"), dir, "train", "b", "bad"+string(rune('a'+i))+".jpg")
	}
	write(t, nil, dir, "train", "b", "empty.jpg")
	_, _, err := Open(t.Context(), dir, Options{})
	wantError(t, err, "13 of 16 files", "bad-files=skip", "1-pixels.png", "bada.jpg", "badi.jpg", "and 3 more")
	if strings.Contains(err.Error(), "badj") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}

	// Those of both parts are said together.
	write(t, nil, dir, "test", "a", "0.png")
	write(t, white, dir, "test", "a", "1.png")
	for _, memory := range []int{0, 1} {
		_, _, err = Open(t.Context(), dir, Options{Memory: memory})
		wantError(t, err, "of 16 files", "bada.jpg", "1 of 2 files", filepath.Join(dir, "test", "a", "0.png")+": the file is empty")
	}
	if err := os.RemoveAll(filepath.Join(dir, "test")); err != nil {
		t.Fatal(err)
	}

	var notes []string
	o := Options{Skip: true, Note: func(text string) { notes = append(notes, text) }}
	s, _ := open(t, dir, o)
	if !slices.Equal(s.Labels, []int{0, 0, 1}) || len(s.Pixels) != 3*18 || len(notes) != 1 || !strings.Contains(notes[0], "left out 13 of 16 files") {
		t.Errorf("%+v, %q", s, notes)
	}
	for _, name := range []string{"1-pixels.png", "bada.jpg", "badk.jpg", "empty.jpg"} { // each, since they are named nowhere else
		if !strings.Contains(notes[0], name+": ") {
			t.Errorf("%s is not named in %q", name, notes[0])
		}
	}
	check(t, s)

	// From files: the damaged pixels are found when they are wanted.
	o.Memory = 1
	s, _ = open(t, dir, o)
	if s.Len() != 4 || !strings.Contains(notes[1], "left out 12 of 16 files") {
		t.Errorf("%v, %q", s.Labels, notes)
	}
	_, err = s.Picture(1)
	wantError(t, err, "1-pixels.png", "not enough pixel data")
	sum := s.Checksum()
	write(t, good, dir, "train", "a", "1-pixels.png") // a whole copy in its place
	again, _ := open(t, dir, o)
	if again.Checksum() != sum {
		t.Error("a repaired file changes the checksum")
	}
	write(t, white, dir, "train", "a", "1-pixels.png")
	if again, _ = open(t, dir, o); again.Checksum() == sum {
		t.Error("a picture of another size does not change the checksum")
	}
	write(t, good[:len(good)/2], dir, "train", "a", "1-pixels.png")
	if mean, _, faults := MeanStd(s); mean[0] != 1 || len(faults) != 1 || !strings.Contains(faults[0].Error(), "1-pixels.png") {
		t.Errorf("mean %v, faults %v", mean, faults)
	}
}

func TestOpenStops(t *testing.T) {
	dir := t.TempDir()
	write(t, picture(t, 3, 2, plain(color.White)), dir, "train", "a", "0.png")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Open(ctx, dir, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestSplits(t *testing.T) {
	dir := t.TempDir()
	white := picture(t, 3, 2, plain(color.White))
	write(t, white, dir, "train", "a", "0.png")
	write(t, white, dir, "train", "b", "0.png")
	if _, test := open(t, dir, Options{}); test != nil {
		t.Fatal(test)
	}
	write(t, picture(t, 5, 5, plain(color.White)), dir, "val", "b", "0.png")
	done := 0
	train, test := open(t, dir, Options{Report: func(n, total int) { done += n }})
	check(t, train)
	check(t, test)
	if test.Height != 3 || test.Width != 2 || !slices.Equal(test.Labels, []int{1}) || done != 6 {
		t.Errorf("test part %+v; reported %d", test, done)
	}
	note := ""
	o := Options{Skip: true, Note: func(text string) { note = text }}
	write(t, white, dir, "test", "0.png") // as ImageNet has it
	if _, test = open(t, dir, o); test == nil || !slices.Equal(test.Labels, []int{1}) || !strings.Contains(note, "test: not used, since it has no class folders; the test part is ") {
		t.Errorf("test part %+v, %q", test, note)
	}
	write(t, white, dir, "test", "images", "0.png") // and Tiny ImageNet
	if _, test = open(t, dir, o); test == nil || !slices.Equal(test.Labels, []int{1}) || !strings.Contains(note, "test: not used, since it has no class folders") {
		t.Errorf("test part %+v, %q", test, note)
	}
	if err := os.RemoveAll(filepath.Join(dir, "test", "images")); err != nil {
		t.Fatal(err)
	}
	write(t, white, dir, "test", "b", "0.png") // goes before val
	write(t, white, dir, "test", "b", "1.png")
	if _, test = open(t, dir, o); test.Len() != 2 || !strings.Contains(note, "val: not used; the test part is ") {
		t.Errorf("test part %+v, %q", test, note)
	}
	if err := errors.Join(os.RemoveAll(filepath.Join(dir, "val")), os.RemoveAll(filepath.Join(dir, "test"))); err != nil {
		t.Fatal(err)
	}
	write(t, white, dir, "test", "c", "0.png")
	write(t, white, dir, "test", "d e", "0.png")
	_, _, err := Open(t.Context(), dir, Options{})
	wantError(t, err, "2 of 2 classes", `"c", "d e"`, "bad-files=skip")
	_, _, err = Open(t.Context(), dir, Options{Skip: true})
	wantError(t, err, "no folder of a class")
	write(t, white, dir, "test", "a", "0.png")
	_, test = open(t, dir, o)
	if !slices.Equal(test.Labels, []int{0}) || !strings.Contains(note, `left out 2 of 3 classes, which the training part lacks: "c", "d e"`) {
		t.Errorf("%v, %q", test.Labels, note)
	}
}

// TestReadFile: a file is read in colour or in grey, whatever it holds.
func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	m := image.NewNRGBA(image.Rect(3, 5, 5, 6)) // two pixels, not from 0 on
	m.Set(3, 5, color.NRGBA{255, 0, 0, 255})
	m.Set(4, 5, color.NRGBA{10, 10, 10, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	write(t, b.Bytes(), dir, "x.png")
	write(t, b.Bytes()[:30], dir, "half.png")
	write(t, nil, dir, "empty.png")
	for channels, want := range map[int][]uint8{3: {255, 0, 0, 10, 10, 10}, 1: {76, 10}} {
		p, err := ReadFile(filepath.Join(dir, "x.png"), channels)
		if err != nil || p.Height != 1 || p.Width != 2 || p.Channels != channels || !bytes.Equal(p.Pixels, want) {
			t.Errorf("%d channels: %+v, %v, want %v", channels, p, err, want)
		}
	}
	_, err := ReadFile(filepath.Join(dir, "half.png"), 3)
	wantError(t, err, "half.png: ")
	_, err = ReadFile(filepath.Join(dir, "empty.png"), 1)
	wantError(t, err, "empty.png: the file is empty")
}

// TestResized: sets in memory become those of another size, at once or when wanted.
func TestResized(t *testing.T) {
	dir := t.TempDir()
	write(t, idx(idxImages, []uint32{2, 1, 2}, 0, 100, 8, 8), dir, "train-images-idx3-ubyte")
	write(t, idx(idxLabels, []uint32{2}, 9, 0), dir, "train-labels-idx1-ubyte")
	for _, o := range []Options{{Height: 1, Width: 4}, {Height: 1, Width: 4, Memory: 7}, {Height: 1, Width: 4, Own: true}} {
		note := ""
		o.Note = func(text string) { note = text }
		s, _ := open(t, dir, o)
		p := New(1, 4, 1)
		if err := s.Read(p, 0); err != nil || !slices.Equal(p.Pixels, []uint8{0, 25, 75, 100}) || !strings.Contains(note, "1x2 are resized to 1x4") {
			t.Errorf("%v, %q", p, note)
		}
		if (s.Pixels != nil) != (o.Memory == 0 && !o.Own) || s.Files() {
			t.Errorf("%+v gives %+v", o, s)
		}
	}
}

// TestKnownClasses: a model knows its classes, of which a folder may lack some, as
// it may lack the training part.
func TestKnownClasses(t *testing.T) {
	dir := t.TempDir()
	white := picture(t, 3, 2, plain(color.White))
	write(t, white, dir, "test", "b", "0.png")
	train, test := open(t, dir, Options{Classes: []string{"c", "b", "a"}})
	if train != nil || !slices.Equal(test.Labels, []int{1}) || !slices.Equal(test.Classes, []string{"c", "b", "a"}) {
		t.Errorf("%v, %+v", train, test)
	}
	if _, test = open(t, dir, Options{}); !slices.Equal(test.Classes, []string{"b"}) {
		t.Errorf("%+v", test)
	}
	write(t, white, dir, "train", "a", "0.png")
	if train, test = open(t, dir, Options{Classes: []string{"a", "b", "c"}}); !slices.Equal(train.Labels, []int{0}) || !slices.Equal(test.Labels, []int{1}) {
		t.Errorf("%+v, %+v", train, test)
	}
	_, _, err := Open(t.Context(), dir, Options{Classes: []string{"a", "c"}})
	wantError(t, err, `1 of 1 classes are not among those of the model: "b"`)
}

// TestMeanStdSpread: of a set in files, the pictures that are measured are from one
// end to the other.
func TestMeanStdSpread(t *testing.T) {
	dir := t.TempDir()
	write(t, picture(t, 1, 1, plain(color.Black)), dir, "train", "a", "0.png")
	write(t, picture(t, 1, 1, plain(color.White)), dir, "train", "b", "0.png")
	two, _ := open(t, dir, Options{Memory: 1})
	s := *two
	s.Labels, s.files = nil, nil
	for class := range 2 {
		for range measured - measured/4 {
			s.Labels, s.files = append(s.Labels, class), append(s.files, two.files[class])
		}
	}
	mean, std, _ := MeanStd(&s)
	numtest.Close(t, "mean", mean, []float64{0.5, 0.5, 0.5}, 1e-6)
	numtest.Close(t, "std", std, []float64{0.5, 0.5, 0.5}, 1e-6)
}
