package main

import (
	"context"
	"fmt"

	"github.com/orchid-seq/orchid/internal/fft"
	"github.com/orchid-seq/orchid/internal/par"
)

type fftBench struct {
	BenchFlags
	Transform string `help:"dft, dct2 or dct1." enum:"dft,dct2,dct1" default:"dft"`
	Shapes    string `help:"Lengths and channels LxD." default:"128x256,1000x256,1024x256,4096x256,16000x256,16384x256,65536x64,131072x64"`
	Primes    bool   `help:"Measure the largest prime below each length too." negatable:"" default:"true"`
}

// Help shows an example below the flags.
func (fftBench) Help() string {
	return `A call transforms real data [L, D] forward and back. An element is counted
once for both; GB/s are of the four passes over memory that no form spares;
GFLOP/s are those of 2 x 2.5 L log2 L operations a channel.

Example:
  orchid bench fft --shapes 1024x256,65536x64 --no-primes`
}

// kinds of transforms by the names that the mixer has for them.
var kinds = map[string]fft.Kind{"dft": fft.DFT, "dct2": fft.DCT2, "dct1": fft.DCT1}

// fftRow is one measured length.
type fftRow struct {
	Peer       string  `json:"peer"`
	Transform  string  `json:"transform"`
	Shape      []int   `json:"shape"`
	Threads    int     `json:"threads"`
	PeakGFLOPS float64 `json:"peak_gflops"`
	fftTime
	Prime *fftTime `json:"prime,omitempty"` // the largest prime below the length
}

// fftTime is the time of transforming L rows.
type fftTime struct {
	Length int     `json:"length"`
	MS     float64 `json:"ms"`
	Rate   float64 `json:"gelements_s"`
}

// Run measures.
func (c fftBench) Run(ctx context.Context) error {
	shapes, err := sizes("shapes", "LxD", c.Shapes)
	if err != nil {
		return err
	}
	kind := kinds[c.Transform]
	for _, s := range shapes {
		if kind == fft.DCT1 && s[0] < 2 {
			return usageError{fmt.Errorf("--shapes: %s: dct1 needs at least 2 rows", joined(s))}
		}
	}
	var p peak
	table := columns{-14, 10, 8, 8, 9, 7, 8, 10, 8, 7}
	if !c.JSON {
		fmt.Fprintf(stdout, "%v forward and back, 1 thread; ms, the smallest of %d; %s\n", kind, c.Repeat, p.about())
		if err := table.line("L x D", "ms", "Gelem/s", "GB/s", "GFLOP/s", "share", "prime", "ms", "Gelem/s", "slower"); err != nil {
			return err
		}
	}
	for _, s := range shapes {
		row := fftRow{Peer: "orchid " + version(), Transform: c.Transform, Shape: s, Threads: 1}
		if row.fftTime, err = c.measure(ctx, kind, s[0], s[1]); err != nil {
			return err
		}
		cells := []string{"", "", "", ""}
		if n := primeBelow(s[0]); c.Primes && n > 0 {
			prime, err := c.measure(ctx, kind, n, s[1])
			if err != nil {
				return err
			}
			row.Prime = &prime
			cells = []string{fmt.Sprint(n), figure(prime.MS), figure(prime.Rate), fmt.Sprintf("%.1fx", row.Rate/prime.Rate)}
		}
		row.PeakGFLOPS = p.look()
		if c.JSON {
			err = printJSON(row)
		} else {
			gflops := 2 * float64(s[1]) * transform(s[0]) / row.MS / 1e6
			err = table.line(append([]string{joined(s), figure(row.MS), figure(row.Rate), figure(4 * 4 * row.Rate), figure(gflops), percent(gflops / row.PeakGFLOPS)}, cells...)...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// measure times the transforms of an [n, cols] matrix.
func (c fftBench) measure(ctx context.Context, kind fft.Kind, n, cols int) (fftTime, error) {
	defer par.SetThreads(par.SetThreads(1))
	plan := fft.New(kind, n)
	x, y := normal("x", n*cols), make([]float32, n*cols)
	s := fft.Spectrum{Data: make([]float32, plan.Bins()*2*cols), Stride: 2 * cols, Imag: cols}
	scratch := make([]float32, plan.Scratch())
	back := fft.Weights{Ends: 1 / float32(n), Inner: 2 / float32(n)}
	best, err := c.smallest(ctx, func() {
		plan.Forward(s, fft.Block{Data: x, Stride: cols}, n, cols, fft.Weights{Ends: 1, Inner: 1}, false, scratch)
		plan.Adjoint(fft.Block{Data: y, Stride: cols}, s, n, cols, back, false, scratch)
	})
	return fftTime{n, best, float64(n*cols) / best / 1e6}, err
}

// primeBelow returns the largest prime below n, 0 if there is none.
func primeBelow(n int) int {
	for n--; n > 1; n-- {
		d := 2
		for d*d <= n && n%d != 0 {
			d++
		}
		if d*d > n {
			return n
		}
	}
	return 0
}
