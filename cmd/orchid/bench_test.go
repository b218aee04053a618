package main

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/mixer"
)

// TestBench runs every measurement at a tiny size, for people and for programs.
func TestBench(t *testing.T) {
	plot := filepath.Join(t.TempDir(), "plot.svg")
	for _, c := range []struct {
		args  []string
		lines int      // of JSON
		keys  []string // in the first of them
		says  []string
	}{
		{
			[]string{"operator", "transform=dft", "--shapes", "2x16x8,1x31x5", "--profile"},
			2,
			[]string{"forward_ms", "forward_floor_ms", "forward_backward_ms", "forward_backward_floor_ms", "forward_backward_gflops", "peak_gflops", "profile", "peak_rss_mb", "tape_peak_mb"},
			[]string{"orchid (magnitude, dft, both), 2 threads", "GFLOP/s a core", "2x16x8", "1x31x5", "linear", "100.0%"},
		},
		{
			[]string{"attention", "heads=2", "--shapes", "1x20x8", "--pass", "forward"},
			1,
			[]string{"forward_ms", "forward_gflops"},
			[]string{"attention (2 heads)", "1x20x8"},
		},
		{
			[]string{"fft", "--shapes", "12x40,7x3"},
			2,
			[]string{"ms", "gelements_s", "prime", "peak_gflops"},
			[]string{"DFT forward and back, 1 thread", "12x40", "  11  "},
		},
		{
			[]string{"fft", "--transform", "dct1", "--shapes", "2x1", "--no-primes"},
			1,
			[]string{"ms"},
			[]string{"DCT1", "2x1"},
		},
		{
			[]string{"gemm", "--shapes", "9x8x7"},
			6,
			[]string{"product", "gflops", "share", "threads"},
			[]string{"1 and 2 threads", "9x8x7", "dW = dy'x", "speed-up"},
		},
		{
			append([]string{"step", "--profile", "accumulate=2"}, tiny...), 1,
			[]string{"step_ms", "median_ms", "tokens_s", "profile"},
			[]string{"recall: orchid", "8 sequences, 112 tokens a step", "(adamw)", "cross-entropy"},
		},
		{
			[]string{"lengths", "--lengths", "8,16", "--widths", "4,8", "--rows", "20", "--plot", plot},
			8,
			[]string{"shape", "orchid", "attention"},
			[]string{"2x8x4", "1x16x8", "D = 8, forward+backward: time of a sequence grows with L^"},
		},
		{
			[]string{"lengths", "--lengths", "8,16", "--widths", "4", "--mixers", "orchid", "--pass", "forward"},
			3,
			[]string{"orchid"},
			[]string{"D = 4, forward: time of a sequence grows with L^"},
		},
	} {
		args := append([]string{"bench"}, append(c.args, "--repeat", "1", "--threads", "2")...)
		stdout, stderr, code := call(t, ".", args...)
		for _, part := range c.says {
			if !strings.Contains(stdout, part) || code != 0 {
				t.Errorf("%v does not say %q; exit %d: %s%s", args, part, code, stdout, stderr)
			}
		}
		stdout, stderr, code = call(t, ".", append(args, "--json")...)
		lines := strings.Split(strings.TrimSpace(stdout), "\n")
		if code != 0 || len(lines) != c.lines {
			t.Errorf("%v --json: exit %d, %d lines, want %d: %s%s", args, code, len(lines), c.lines, stdout, stderr)
			continue
		}
		for i, line := range lines {
			var row map[string]any
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Errorf("%v: %v: %s", args, err, line)
			}
			for _, key := range c.keys {
				if _, ok := row[key]; i == 0 && !ok {
					t.Errorf("%v lacks %s: %s", args, key, line)
				}
			}
		}
	}
	wellFormed(t, plot, 8)
}

// wellFormed reads an SVG file to its end and counts its lines.
func wellFormed(t *testing.T, path string, want int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := 0
	for d := xml.NewDecoder(f); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "polyline" {
			lines++
		}
	}
	if lines != want {
		t.Errorf("the plot has %d lines, want %d", lines, want)
	}
}

// TestBenchBadInput wants one clear line and nothing measured.
func TestBenchBadInput(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"operator", "--repeat", "0"}, exitUsage, "--repeat=0: want at least 1"},
		{[]string{"operator", "--shapes", "8x8"}, exitUsage, `--shapes: "8x8" is not BxLxD, as in 8x1024x256`},
		{[]string{"operator", "--shapes", "65536x65536x8"}, exitUsage, "65536x65536x8 has more than 2^31 elements"},
		{[]string{"attention", "heads=3", "--shapes", "1x8x8"}, exitUsage, "heads=3: want a divisor of the width 8"},
		{[]string{"fft", "--shapes", "128"}, exitUsage, `--shapes: "128" is not LxD`},
		{[]string{"fft", "--transform", "dct1", "--shapes", "1x8"}, exitUsage, "dct1 needs at least 2 rows"},
		{[]string{"gemm", "--shapes", "8xx8"}, exitUsage, `--shapes: "8xx8" is not MxKxN`},
		{[]string{"gemm", "--shapes", "100000x1x100000"}, exitUsage, "more than 2^31 elements"},
		{[]string{"step", "vocabulary=3"}, exitUsage, "vocabulary=3: want at least 4"},
		{[]string{"step", "--task", "image"}, exitUsage, "data: name the folder"},
		{[]string{"lengths", "--lengths", "64,32"}, exitUsage, "--lengths: 32 follows 64: want rising lengths"},
		{[]string{"lengths", "--widths", "0"}, exitUsage, `--widths: "0" is not D, as in 256`},
		{[]string{"lengths", "--rows", "0"}, exitUsage, "--rows=0: want 1 to"},
		{[]string{"lengths", "mixer=hyena"}, exitUsage, "mixer=hyena: this compares Orchid with attention"},
		{[]string{"lengths", "--plot", "none/x.svg"}, exitFailure, "--plot=none/x.svg"},
		{[]string{"speed"}, exitUsage, "unexpected argument speed"},
	} {
		stdout, stderr, code := call(t, ".", append([]string{"bench"}, c.args...)...)
		if code != c.code || !strings.Contains(stderr, c.says) || strings.Count(stderr, "\n") != 1 || stdout != "" {
			t.Errorf("%v: exit %d, want %d and %q: %s%s", c.args, code, c.code, c.says, stderr, stdout)
		}
	}
}

// TestWorks holds the floor to sums by hand for 8 sequences of 1,024 rows and
// 256 channels.
func TestWorks(t *testing.T) {
	const rows, L, D = 8 * 1024, 1024, 256
	filter := 2. * L * (5*64 + 2*64*64 + 64*D)
	one := 2.5 * L * 10 * D // a transform of one sequence
	c := mixer.Default()
	w := worksOf(c, 8, L, D)
	forward := work{2*rows*D*4*D + 2*filter, (8*5 + 2) * one} // 3 transforms and 2 of the residual
	if w.forward != forward || w.both != (work{3 * forward.products, 2 * forward.transforms}) {
		t.Errorf("magnitude: %+v, want forward %+v", w, forward)
	}
	if want := (work{2 * rows * D * 4 * D, 8 * 5 * one}); w.served != want {
		t.Errorf("served: %+v, want %+v", w.served, want)
	}
	c.Conditioner = "correlation" // a transform more
	if v := worksOf(c, 8, L, D); v.forward != forward.plus(work{0, 8 * one}) {
		t.Errorf("correlation: %+v", v)
	}
	c.Conditioner, c.Residual, c.StaticKernel = "magnitude", false, false
	if v := worksOf(c, 8, L, D); v.forward != v.served || v.forward != (work{2 * rows * D * 4 * D, 8 * 3 * one}) {
		t.Errorf("without static kernels: %+v", v)
	}
	c.Transform, c.DoubleKernel = "dft", true // there at 2L instead of L, back at 2L, there at L
	double := 2.5 * 2 * L * 11 * D
	if v := worksOf(c, 8, L, D); v.forward != (work{2 * rows * D * 4 * D, 8 * (3*one + 2*double)}) {
		t.Errorf("double kernel: %+v", v)
	}
	c = mixer.Default()
	c.Mixer = "attention"
	if v := worksOf(c, 8, L, D); v.forward.products != 2*rows*D*4*D+2*2*rows*L*D || v.both.products != 3*2*rows*D*4*D+7*2*rows*L*D {
		t.Errorf("attention: %+v", v)
	}
	// 234 GFLOP/s are two Zen 4 cores.
	if ms := (work{4.68e9, 0}).floor(234); math.Abs(ms-20) > 1e-9 {
		t.Errorf("floor %v ms, want 20", ms)
	}
}

func TestExponentAndCrossing(t *testing.T) {
	lengths := []float64{64, 128, 256, 512}
	power := func(c, p float64) (list []float64) {
		for _, L := range lengths {
			list = append(list, c*math.Pow(L, p))
		}
		return list
	}
	linear, square := power(3, 1), power(0.01, 2) // they meet at 300
	if p := exponent(lengths, power(0.3, 1.15)); math.Abs(p-1.15) > 1e-12 {
		t.Errorf("exponent %v, want 1.15", p)
	}
	for _, c := range []struct {
		a, b []float64
		want float64
		says string
	}{
		{linear, square, 300, "Orchid passes attention at L = 300"},
		{power(0.1, 1), square, 64, "Orchid is faster from L = 64 on"},
		{power(9, 1), square, 0, "Orchid does not pass attention up to L = 512"},
	} {
		at := crossing(lengths, c.a, c.b)
		if !(math.Abs(at-c.want) < 1e-9) || !strings.Contains(crossingText(math.Round(at), lengths), c.says) {
			t.Errorf("crossing at %v, %q, want %v", at, crossingText(at, lengths), c.want)
		}
	}
}

func TestPrimeBelow(t *testing.T) {
	for n, want := range map[int]int{2: 0, 3: 2, 10: 7, 1000: 997, 1024: 1021, 131072: 131071} {
		if got := primeBelow(n); got != want {
			t.Errorf("below %d: %d, want %d", n, got, want)
		}
	}
}

func TestFigure(t *testing.T) {
	for x, want := range map[float64]string{0: "-", 0.01234: "0.0123", 0.0996: "0.10", 1.234: "1.23", 9.996: "10.0", 12.34: "12.3", 99.96: "100", 1234.4: "1234"} {
		if got := figure(x); got != want {
			t.Errorf("%v: %q, want %q", x, got, want)
		}
	}
}
