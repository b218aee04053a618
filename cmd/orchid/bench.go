package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/gemm"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/plan"
)

// benchCmd has a command for each thing to measure.
type benchCmd struct {
	Operator  operatorBench  `cmd:"" help:"Measure the Orchid operator by shape, beside its floor."`
	Attention attentionBench `cmd:"" help:"Measure attention the same way."`
	FFT       fftBench       `cmd:"" name:"fft" help:"Measure transforms, forward and back, on one core."`
	GEMM      gemmBench      `cmd:"" name:"gemm" help:"Measure matrix products on one core and on all."`
	Step      stepBench      `cmd:"" help:"Measure a whole training step."`
	Lengths   lengthsBench   `cmd:"" help:"Measure over lengths: where Orchid passes attention, and how time grows."`
}

// Help says how to read what the commands print.
func (benchCmd) Help() string {
	return `Every time is the smallest of at least --repeat measurements. Shares are of
the multiply-adds that this machine reached beside them in the same run.

Examples:
  orchid bench step
  orchid bench operator --shapes 8x1024x256`
}

// BenchFlags are the flags of every measurement.
type BenchFlags struct {
	Repeat int  `help:"Measurements of each, at least, after one to warm up; the smallest counts." default:"5"`
	JSON   bool `name:"json" help:"Print a JSON object a line."`
}

// Validate is called by the parser.
func (f BenchFlags) Validate() error {
	if f.Repeat < 1 {
		return fmt.Errorf("--repeat=%d: want at least 1", f.Repeat)
	}
	return nil
}

// What is short is measured more often than asked, for so long or so many
// times, since its smallest time settles later.
const (
	enoughTime  = 100 * time.Millisecond
	enoughCalls = 200
)

// times calls f until it is known how long it takes, and returns the times in
// milliseconds, the smallest first.
func (f BenchFlags) times(ctx context.Context, call func()) (list []float64, err error) {
	if err := autograd.Catch(call); err != nil {
		return nil, err
	}
	for begin := time.Now(); len(list) < f.Repeat || len(list) < enoughCalls && time.Since(begin) < enoughTime; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		start := time.Now()
		if err := autograd.Catch(call); err != nil {
			return nil, err
		}
		list = append(list, ms(time.Since(start)))
	}
	slices.Sort(list)
	return list, nil
}

// smallest returns the smallest time of a call in milliseconds.
func (f BenchFlags) smallest(ctx context.Context, call func()) (float64, error) {
	list, err := f.times(ctx, call)
	if err != nil {
		return 0, err
	}
	return list[0], nil
}

// A peak is the largest rate of multiply-adds that a core has shown so far, in
// GFLOP/s: what shares are of. A busy machine shows less than it can.
type peak float64

// look measures again.
func (p *peak) look() float64 {
	*p = max(*p, peak(gemm.PeakFMA()))
	return float64(*p)
}

// about says what was measured with.
func (p *peak) about() string {
	return fmt.Sprintf("FMA peak %.1f GFLOP/s a core, %s kernels", p.look(), cpu.Best())
}

// columns are the widths of a table, whose lines are printed as they come. A
// negative width aligns to the left.
type columns []int

func (c columns) line(cells ...string) error {
	var b strings.Builder
	for i, cell := range cells {
		fmt.Fprintf(&b, "%*s ", c[i], cell)
	}
	_, err := fmt.Fprintln(stdout, strings.TrimRight(b.String(), " "))
	return err
}

// figure writes a number with three digits; 0 stands for one that is not there.
func figure(x float64) string {
	switch {
	case x == 0:
		return "-"
	case x < 0.0995:
		return fmt.Sprintf("%.4f", x)
	case x < 9.995:
		return fmt.Sprintf("%.2f", x)
	case x < 99.95:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.0f", x)
}

// percent writes a share.
func percent(share float64) string {
	if share == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f%%", 100*share)
}

// ratio is a/b, 0 where one of them was not measured.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// normal returns n normal numbers.
func normal(purpose string, n int) []float32 {
	s := random.New(1, purpose)
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(s.Normal())
	}
	return x
}

// sizes reads a list of sizes such as form, "BxLxD": whole numbers with an x
// between. At most 2^31 elements have room; of "MxKxN", in the largest of the
// three matrices.
func sizes(flag, form, text string) (list [][]int, err error) {
	count := 1 + strings.Count(form, "x")
	for part := range strings.SplitSeq(text, ",") {
		s, product := make([]int, count), 1.0
		numbers := strings.Split(part, "x")
		ok := len(numbers) == count
		for i := 0; ok && i < count; i++ {
			s[i], err = strconv.Atoi(numbers[i])
			ok = err == nil && s[i] >= 1
			product *= float64(s[i])
		}
		if ok && form == "MxKxN" {
			product /= float64(slices.Min(s))
		}
		switch {
		case !ok:
			return nil, usageError{fmt.Errorf("--%s: %q is not %s, as in %s", flag, part, form, examples[form])}
		case product > 1<<31:
			return nil, usageError{fmt.Errorf("--%s: %s has more than 2^31 elements", flag, part)}
		}
		list = append(list, s)
	}
	return list, nil
}

// examples of the forms of sizes.
var examples = map[string]string{"BxLxD": "8x1024x256", "LxD": "1024x256", "MxKxN": "8192x256x768", "L": "1024", "D": "256"}

// joined writes sizes as they are read.
func joined(sizes []int) string {
	text := make([]string, len(sizes))
	for i, n := range sizes {
		text[i] = strconv.Itoa(n)
	}
	return strings.Join(text, "x")
}

// freshRSS gives free memory back and forgets the peak of what came before.
// Where the system has no way to, the peak is that of the process so far.
func freshRSS() {
	debug.FreeOSMemory()
	if f, err := os.OpenFile("/proc/self/clear_refs", os.O_WRONLY, 0); err == nil {
		_, _ = f.WriteString("5")
		_ = f.Close()
	}
}

// peakRSS returns the largest resident memory of this process in MB, 0 where
// the system does not tell.
func peakRSS() int { return int(plan.Peak() >> 20) }

func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
