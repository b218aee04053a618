package picture

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/random"
)

// write puts a file into a folder, which it makes.
func write(t testing.TB, data []byte, path ...string) {
	t.Helper()
	p := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// at returns a picture of a set in memory.
func at(s *Set, i int) Picture {
	p, err := s.Picture(i)
	if err != nil {
		panic(err)
	}
	return p
}

// wantError holds the message to all of its parts.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("got error %v, want %q in it", err, part)
		}
	}
}

// check holds a set to what every set promises.
func check(t testing.TB, s *Set) {
	t.Helper()
	if s.Len() == 0 || len(s.Pixels) != s.Len()*s.Height*s.Width*s.Channels {
		t.Fatalf("%s: %d labels, %d pixels, %d x %d x %d", s.Name, s.Len(), len(s.Pixels), s.Height, s.Width, s.Channels)
	}
	for i, v := range s.Labels {
		if v < 0 || v >= len(s.Classes) {
			t.Fatalf("%s: label %d is %d of %d", s.Name, i, v, len(s.Classes))
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	_, _, err := Open(t.Context(), dir, Options{})
	wantError(t, err, dir, "train-images-idx3-ubyte", "data_batch_1.bin", "train/CLASS")
	_, _, err = Open(t.Context(), filepath.Join(dir, "absent"), Options{})
	wantError(t, err, "absent")
}

func TestNormalize(t *testing.T) {
	px := []uint8{0, 51, 255, 102, 204, 153}
	mean, std := []float32{0.5, 0.25, 0}, []float32{0.25, 0.5, 2}
	got := make([]float32, len(px))
	Normalize(got, px, mean, std)
	want := []float64{-2, (0.2 - 0.25) / 0.5, 0.5, (0.4 - 0.5) / 0.25, (0.8 - 0.25) / 0.5, 0.3}
	// Three roundings, each at most 2^-24 of values up to 1, then divided by
	// 0.25 at the least: 12 * 2^-24 against a largest value of 2.
	numtest.Close(t, "Normalize", got, want, 6*0x1p-24)

	for name, f := range map[string]func(){
		"dst":      func() { Normalize(got[:3], px, mean, std) },
		"std":      func() { Normalize(got, px, mean, std[:2]) },
		"channels": func() { Normalize(got[:5], px[:5], mean, std) },
		"none":     func() { Normalize(nil, nil, nil, nil) },
	} {
		wantPanic(t, name, f)
	}
}

func wantPanic(t *testing.T, name string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s: no panic", name)
		}
	}()
	f()
}

func TestMeanStd(t *testing.T) {
	s := &Set{
		Height: 1, Width: 2, Channels: 3, Labels: []int{0, 0},
		Pixels: []uint8{10, 7, 0, 20, 7, 255, 30, 7, 0, 40, 7, 255},
	}
	mean, std, _ := MeanStd(s)
	numtest.Close(t, "mean", mean, []float64{25. / 255, 7. / 255, 0.5}, 0x1p-24)
	numtest.Close(t, "std", std, []float64{math.Sqrt(125) / 255, 1, 0.5}, 0x1p-24)
}

// TestAugment holds every crop to one cut out of a picture that is really
// padded, and asks that all offsets and both directions occur.
func TestAugment(t *testing.T) {
	const h, w, c = 3, 5, 2
	s := &Set{Height: h, Width: w, Channels: c, Labels: []int{0, 0}}
	for i := range 2 * h * w * c {
		s.Pixels = append(s.Pixels, uint8(i*7))
	}
	for _, a := range []Augment{{}, {Flip: true}, {Pad: 2}, {Pad: 2, Flip: true}, {Pad: 8, Flip: true}} {
		// padded mirrors at the edges until it is inside, so that a Pad
		// beyond the size goes on with the image of the image.
		padded := func(y, x int) []uint8 {
			for y < 0 || y >= h {
				if y < 0 {
					y = -1 - y
				} else {
					y = 2*h - 1 - y
				}
			}
			for x < 0 || x >= w {
				if x < 0 {
					x = -1 - x
				} else {
					x = 2*w - 1 - x
				}
			}
			at := ((h+y)*w + x) * c // picture 1
			return s.Pixels[at : at+c]
		}
		crops := map[string]bool{}
		for dy := -a.Pad; dy <= a.Pad; dy++ {
			for dx := -a.Pad; dx <= a.Pad; dx++ {
				for _, flip := range []bool{false, a.Flip} {
					var crop []uint8
					for y := range h {
						for x := range w {
							if flip {
								x = w - 1 - x
							}
							crop = append(crop, padded(y+dy, x+dx)...)
						}
					}
					crops[string(crop)] = false
				}
			}
		}
		r := random.New(1, "augment")
		dst, src := New(h, w, c), at(s, 1)
		for range 20 * len(crops) {
			a.Apply(dst, src, &r)
			if _, ok := crops[string(dst.Pixels)]; !ok {
				t.Fatalf("%+v: %v is not a crop of the padded picture", a, dst)
			}
			crops[string(dst.Pixels)] = true
		}
		for crop, seen := range crops {
			if !seen {
				t.Fatalf("%+v: crop %v never came up", a, []byte(crop))
			}
		}
	}
	// Half of them are mirrored, within five standard errors.
	const n = 1000
	r, src, mirrored := random.New(2, "augment"), grid([]uint8{1, 2}), 0
	for range n {
		p := New(1, 2, 1)
		if (Augment{Flip: true}).Apply(p, src, &r); p.Pixels[0] == 2 {
			mirrored++
		}
	}
	if math.Abs(float64(mirrored)-n/2) > 5*math.Sqrt(n/4) {
		t.Errorf("%d of %d are mirrored", mirrored, n)
	}
	wantPanic(t, "dst", func() { Augment{}.Apply(New(1, 1, 1), at(s, 0), &r) })
	wantPanic(t, "pad", func() { Augment{Pad: -1}.Apply(New(h, w, c), at(s, 0), &r) })
}

func TestSharedMNIST(t *testing.T) {
	train, test := open(t, numtest.Shared(t, "data", "mnist"), Options{})
	check(t, train)
	check(t, test)
	if train.Len() != 60000 || test.Len() != 10000 || train.Height != 28 || train.Width != 28 || train.Name != "mnist/train" {
		t.Errorf("%q: %d + %d pictures of %d x %d", train.Name, train.Len(), test.Len(), train.Height, train.Width)
	}
	if got := train.Labels[:8]; !slices.Equal(got, []int{5, 0, 4, 1, 9, 2, 1, 3}) {
		t.Errorf("first labels %v", got)
	}
	// The figures that everyone uses.
	mean, std, _ := MeanStd(train)
	numtest.Close(t, "mean", mean, []float64{0.1307}, 1e-3)
	numtest.Close(t, "std", std, []float64{0.3081}, 1e-3)
}

func TestSharedCIFAR10(t *testing.T) {
	train, test := open(t, numtest.Shared(t, "data", "cifar-10-sample"), Options{})
	check(t, train)
	check(t, test)
	if train.Len() != 1000 || test.Len() != 500 || train.Height != 32 || train.Channels != 3 {
		t.Errorf("%d + %d pictures of %d x %d x %d", train.Len(), test.Len(), train.Height, train.Width, train.Channels)
	}
	// The published statistics of all 50,000, within a few standard errors of
	// a sample of 1,000.
	mean, std, _ := MeanStd(train)
	numtest.Close(t, "mean", mean, []float64{0.4914, 0.4822, 0.4465}, 0.03)
	numtest.Close(t, "std", std, []float64{0.2470, 0.2435, 0.2616}, 0.03)
	counts := make([]int, 10)
	for _, v := range train.Labels {
		counts[v]++
	}
	if want := slices.Repeat([]int{100}, 10); !cmp.Equal(counts, want) {
		t.Errorf("classes hold %v", counts)
	}
}
