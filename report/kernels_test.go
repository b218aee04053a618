package report

import (
	"math"
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

// TestDrawKernel wants taps at their lags and bins at their frequencies.
func TestDrawKernel(t *testing.T) {
	for _, c := range []struct {
		transform   string
		bins        int
		first, last float64 // lags
		atOne       float64 // the tap of lag 1
		before      float64 // the tap of the first lag
		top         float64 // frequency of the last bin
	}{
		{"dft", 4, -2, 3, 1, 4, 0.5},
		{"dct-ortho", 6, 0, 5, 1, 0, 5.0 / 12},
		{"dct1", 6, 0, 5, 1, 0, 0.5},
	} {
		k := &mixer.Kernel{Taps: tensor.New(6, 2), Spectrum: tensor.New(c.bins, 2)}
		for n := range 6 {
			k.Taps.Row(n)[0] = float32(n)
		}
		figures := drawKernel("Kernel", k, c.transform)
		taps, bins := figures[0].Panels[0].Lines[0].Points, figures[1].Panels[0].Lines[0].Points
		if taps[0] != [2]float64{c.first, c.before} || taps[5][0] != c.last {
			t.Errorf("%s: lags from %v to %v", c.transform, taps[0], taps[5])
		}
		for _, p := range taps {
			if p[0] == 1 && p[1] != c.atOne {
				t.Errorf("%s: at lag 1 the tap %g, want %g", c.transform, p[1], c.atOne)
			}
		}
		if top := bins[len(bins)-1][0]; !(math.Abs(top-c.top) < 1e-12) {
			t.Errorf("%s: the last bin stands at %g, want %g", c.transform, top, c.top)
		}
		if n := len(figures[0].Panels[0].Lines); n != 2 {
			t.Errorf("%s: %d lines of 2 channels", c.transform, n)
		}
	}
}
