package report

import (
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/tensor"
)

// TestKernels looks into a model that was stored: two kernels, each in time and in
// frequency.
func TestKernels(t *testing.T) {
	t.Chdir(t.TempDir())
	folder(t, "runs/a", true, 400, 0.5)
	folder(t, "runs/b", true, 400, 0.5, "mixer=orchid")
	folder(t, "runs/c", true, 400, 0.5, "mixer=orchid", "static-kernel=false", "transform=dct-ortho")
	for _, c := range []struct {
		dir     string
		run     string
		figures int
	}{{"", "runs/b", 4}, {"runs/c/", "runs/c", 2}} {
		r := made(t, Options{Dirs: []string{"runs"}, Kernels: c.dir})
		k := r.Kernels
		if k == nil {
			t.Fatalf("no kernels: %q", r.Notes)
		}
		if k.Run.Dir != c.run || len(k.Figures) != c.figures || k.Length != 14 {
			t.Errorf("--kernels=%s: %d figures of %s, %d rows; want %d of %s, 14 rows", c.dir, len(k.Figures), k.Run.Dir, k.Length, c.figures, c.run)
		}
		page, err := r.HTML()
		if err != nil {
			t.Fatal(err)
		}
		checkPage(t, page)
	}
	for dir, want := range map[string]string{"runs/a": "no Orchid operator", "runs/none": "no run runs/none"} {
		if _, err := New(t.Context(), Options{Dirs: []string{"runs"}, Kernels: dir}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("--kernels=%s: got %v, want %q", dir, err, want)
		}
	}
}

// TestDrawKernel wants taps in the order of their lags, and bins at their frequencies.
func TestDrawKernel(t *testing.T) {
	k := &mixer.Kernel{
		Taps: tensor.New(6, 2), Lags: []int{0, 1, 2, 3, -2, -1},
		Spectrum: tensor.New(3, 2), Frequencies: []float64{0, 0.25, 0.5},
	}
	for n := range 6 {
		k.Taps.Row(n)[0] = float32(n)
	}
	k.Spectrum.Row(2)[0] = 7
	figures := drawKernel("Kernel", k)
	taps, bins := figures[0].Panels[0].Lines[0].Points, figures[1].Panels[0].Lines[0].Points
	if want := [][2]float64{{-2, 4}, {-1, 5}, {0, 0}, {1, 1}, {2, 2}, {3, 3}}; !slices.Equal(taps, want) {
		t.Errorf("taps %v, want %v", taps, want)
	}
	if want := [][2]float64{{0, 0}, {0.25, 0}, {0.5, 7}}; !slices.Equal(bins, want) {
		t.Errorf("bins %v, want %v", bins, want)
	}
	if n := len(figures[0].Panels[0].Lines); n != 2 {
		t.Errorf("%d lines of 2 channels", n)
	}
}
