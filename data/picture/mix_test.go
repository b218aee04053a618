package picture

import (
	"math"
	"slices"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/random"
)

func TestMixup(t *testing.T) {
	x := []float32{1, 2, 10, 20, 100, 200}
	Mixup(x, 3, 0.75)
	numtest.Close(t, "Mixup", x, []float64{25.75, 51.5, 10, 20, 75.25, 150.5}, 2*0x1p-24)
	Mixup(nil, 0, 0.5)
	wantPanic(t, "size", func() { Mixup(x, 4, 0.5) })
}

func TestCutMix(t *testing.T) {
	x := []float32{
		1, 2, 3, 4, 5, 6, // two rows of three
		7, 7, 7, 7, 7, 7,
		-1, -2, -3, -4, -5, -6,
	}
	CutMix(x, 3, 2, 3, Box{0, 1, 2, 2})
	want := []float32{
		1, -2, -3, 4, -5, -6,
		7, 7, 7, 7, 7, 7,
		-1, 2, 3, -4, 5, 6,
	}
	if !slices.Equal(x, want) {
		t.Errorf("got %v", x)
	}
	y := []float32{1, 10, 2, 20, 3, 30, 4, 40} // two channels, a row of two
	CutMix(y, 2, 1, 2, Box{0, 0, 1, 1})
	if !slices.Equal(y, []float32{3, 30, 2, 20, 1, 10, 4, 40}) {
		t.Errorf("got %v", y)
	}
}

// TestCutBox: boxes are inside, the share is that of their area, and it is what was
// asked for where nothing is cut off.
func TestCutBox(t *testing.T) {
	r := random.New(1, "mix")
	full := 0
	for range 2000 {
		b, share := CutBox(20, 30, 0.75, &r)
		if b.Y < 0 || b.X < 0 || b.Y+b.Height > 20 || b.X+b.Width > 30 || b.Height > 10 || b.Width > 15 {
			t.Fatalf("box %+v", b)
		}
		if want := 1 - float64(b.Height*b.Width)/600; share != want || share < 0.75 {
			t.Fatalf("box %+v, share %v", b, share)
		}
		if b.Height == 10 && b.Width == 15 {
			full++
		}
	}
	if full < 300 || full > 1000 { // about (11/20) (16/30) of them
		t.Errorf("%d whole boxes", full)
	}
	if b, share := CutBox(4, 4, 1, &r); share != 1 || b.Height*b.Width != 0 {
		t.Errorf("box %+v, share %v", b, share)
	}
}

// TestShare holds mean and variance to those of the beta distribution, within five
// standard errors: 1/2, and 1/4 / (2 alpha + 1).
func TestShare(t *testing.T) {
	r := random.New(2, "share")
	for _, alpha := range []float64{0.1, 0.8, 1, 3} {
		const n = 20000
		var sum, squares float64
		for range n {
			v := Share(alpha, &r)
			if !(v >= 0 && v <= 1) {
				t.Fatalf("alpha %g: %v", alpha, v)
			}
			sum += v
			squares += (v - 0.5) * (v - 0.5)
		}
		variance := 0.25 / (2*alpha + 1)
		if d := math.Abs(sum/n - 0.5); d > 5*math.Sqrt(variance/n) {
			t.Errorf("alpha %g: mean off by %v", alpha, d)
		}
		// (v - 1/2)^2 is at most 1/4, so its variance is at most variance/4.
		if d := math.Abs(squares/n - variance); d > 5*math.Sqrt(variance/4/n) {
			t.Errorf("alpha %g: variance off by %v", alpha, d)
		}
	}
}

// TestErase: one box of noise, of the right size; what is outside stays.
func TestErase(t *testing.T) {
	const h, w, C = 12, 10, 2
	r := random.New(5, "erase")
	var sum, squares, n float64
	erased := 0
	for range 300 {
		x := slices.Repeat([]float32{9}, h*w*C)
		Erase(x, h, w, &r)
		top, bottom, left, right, count := h, -1, w, -1, 0
		for i, v := range x {
			if v == 9 {
				continue
			}
			y, x := i/C/w, i/C%w
			top, bottom, left, right = min(top, y), max(bottom, y), min(left, x), max(right, x)
			count++
			sum += float64(v)
			squares += float64(v) * float64(v)
			n++
		}
		if count == 0 {
			continue
		}
		erased++
		bh, bw := bottom-top+1, right-left+1
		if count != bh*bw*C || float64(bh*bw) > h*w/2 {
			t.Fatalf("box %d x %d, %d numbers", bh, bw, count)
		}
	}
	if erased < 290 {
		t.Errorf("%d of 300 erased", erased)
	}
	if math.Abs(sum/n) > 5/math.Sqrt(n) || math.Abs(squares/n-1) > 5*math.Sqrt(2/n) {
		t.Errorf("noise of mean %v, variance %v", sum/n, squares/n)
	}
}
