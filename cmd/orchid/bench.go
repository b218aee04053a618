package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/config"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/tensor"
)

type benchCmd struct {
	What    string   `arg:"" enum:"operator,attention" help:"operator or attention."`
	Options []string `arg:"" optional:"" name:"key=value" help:"Options of the mixer, as in conditioner=correlation transform=dft."`
	Shapes  string   `help:"Shapes BxLxD." default:"8x128x128,8x1024x256,1x4096x256,1x16384x256,1x65536x64,1x131072x32"`
	Pass    string   `help:"forward, or both for forward and forward+backward." enum:"forward,both" default:"both"`
	Repeat  int      `help:"Measurements of each, after one to warm up; the smallest counts." default:"5"`
	Profile bool     `help:"Show the time of each operation of a tape too."`
	JSON    bool     `name:"json" help:"Print a JSON object a shape."`
}

// Help shows examples below the flags.
func (benchCmd) Help() string {
	return `Examples:
  orchid bench operator transform=dft --shapes 8x1024x256,1x131072x32
  orchid bench attention heads=4 --pass forward`
}

// benchRow is one measured shape; the keys are those of the peers' scripts.
type benchRow struct {
	Peer       string  `json:"peer"`
	Mixer      string  `json:"mixer"`
	Kind       string  `json:"kind"`
	Transform  string  `json:"transform"`
	Shape      [3]int  `json:"shape"`
	Threads    int     `json:"threads"`
	Parameters int     `json:"parameters"`
	ForwardMS  float64 `json:"forward_ms"`
	BothMS     float64 `json:"forward_backward_ms,omitempty"`
	TapeMB     float64 `json:"tape_peak_mb"` // activations, gradients and scratch
	PeakRSSMB  int     `json:"peak_rss_mb"`  // of the process so far

	Profile []autograd.OpTime `json:"-"` // of all repeats
}

// Run measures.
func (c benchCmd) Run(ctx context.Context) error {
	m := mixer.Default()
	if c.What == "attention" {
		m.Mixer = "attention"
	}
	keys, err := config.Override(config.Settings(&m), c.Options)
	if err != nil {
		return usageError{err}
	}
	if c.Repeat < 1 {
		return usageError{fmt.Errorf("--repeat=%d: want at least 1", c.Repeat)}
	}
	shapes, err := parseShapes(c.Shapes)
	if err != nil {
		return usageError{err}
	}
	// Heads of 64 channels, as the peers have it, unless heads are given.
	heads := m.Mixer == "attention" && !slices.Contains(keys, "heads")
	for _, s := range shapes {
		if err := m.Validate(s[2], s[1]); err != nil {
			return usageError{err}
		}
	}
	if !c.JSON {
		name := m.Describe()
		if heads {
			name = "attention (heads of 64 channels)"
		}
		fmt.Fprintf(stdout, "%s, %d threads; ms, the smallest of %d\n%-16s %12s %18s %12s %12s\n", name, par.Threads(), c.Repeat, "B x L x D", "forward", "forward+backward", "tape MB", "peak RSS MB")
	}
	for _, s := range shapes {
		if heads {
			m.Heads = 1
			if s[2]%64 == 0 {
				m.Heads = s[2] / 64
			}
		}
		row, err := c.measure(ctx, m, s)
		if err != nil {
			return err
		}
		if c.JSON {
			err = printJSON(row)
		} else {
			both := "-"
			if row.BothMS > 0 {
				both = fmt.Sprintf("%.1f", row.BothMS)
			}
			_, err = fmt.Fprintf(stdout, "%-16s %12.1f %18s %12.0f %12d\n", fmt.Sprintf("%dx%dx%d", s[0], s[1], s[2]), row.ForwardMS, both, row.TapeMB, row.PeakRSSMB)
			for _, o := range row.Profile {
				fmt.Fprintf(stdout, "  %-22s %3d calls  forward %9.2f ms  backward %9.2f ms\n", o.Op, o.Calls/(c.Repeat+1), ms(o.Forward)/float64(c.Repeat+1), ms(o.Backward)/float64(c.Repeat+1))
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c benchCmd) measure(ctx context.Context, options mixer.Config, shape [3]int) (row benchRow, err error) {
	B, L, D := shape[0], shape[1], shape[2]
	m, err := mixer.New(options, "", D, L)
	if err != nil {
		return benchRow{}, usageError{err}
	}
	if err := autograd.Initialize(m.Params(), autograd.SchemeUniform, 1); err != nil {
		return benchRow{}, err
	}
	x, dx, dy := normal("x", B*L*D), make([]float32, B*L*D), normal("dy", B*L*D)
	seq := tensor.Uniform(B, L)
	row = benchRow{
		Peer: "orchid " + version(), Mixer: options.Mixer, Kind: options.Conditioner, Transform: options.Transform, Shape: shape,
		Threads: par.Threads(), Parameters: autograd.Count(m.Params()),
	}
	inference, training := autograd.Tape{NoGrad: true}, autograd.Tape{}
	if c.Profile {
		training.Profile = new(autograd.Profile)
		if c.Pass == "forward" {
			inference.Profile = training.Profile
		}
		defer func() { row.Profile = training.Profile.Times() }()
	}
	row.ForwardMS, err = c.smallest(ctx, func() {
		inference.Reset()
		m.Forward(&inference, inference.Input(x, B*L, D), seq)
	})
	if err != nil {
		return row, err
	}
	row.TapeMB = float64(inference.PeakBytes()) / (1 << 20)
	if c.Pass == "both" {
		inference = autograd.Tape{} // give its buffers back
		row.BothMS, err = c.smallest(ctx, func() {
			training.Reset()
			training.Backward(m.Forward(&training, training.Variable(x, dx, B*L, D), seq), dy, 1)
		})
		row.TapeMB = float64(training.PeakBytes()) / (1 << 20)
	}
	row.PeakRSSMB = peakRSS()
	return row, err
}

// smallest returns the smallest time of f in milliseconds.
func (c benchCmd) smallest(ctx context.Context, f func()) (float64, error) {
	best := math.Inf(1)
	for i := range c.Repeat + 1 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		start := time.Now()
		if err := autograd.Catch(f); err != nil {
			return 0, err
		}
		if i > 0 { // the first one warms up
			best = min(best, float64(time.Since(start).Microseconds())/1000)
		}
	}
	return best, nil
}

func normal(purpose string, n int) []float32 {
	s := random.New(1, purpose)
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(s.Normal())
	}
	return x
}

func parseShapes(text string) (list [][3]int, err error) {
	for _, part := range strings.Split(text, ",") {
		var s [3]int
		sizes := strings.Split(part, "x")
		ok := len(sizes) == 3
		for i := 0; ok && i < 3; i++ {
			s[i], err = strconv.Atoi(sizes[i])
			ok = err == nil && s[i] >= 1
		}
		if ok && float64(s[0])*float64(s[1])*float64(s[2]) > 1<<31 {
			return nil, fmt.Errorf("--shapes: %s has more than 2^31 elements", part)
		}
		if !ok {
			return nil, fmt.Errorf("--shapes: %q is not BxLxD, as in 8x1024x256", part)
		}
		list = append(list, s)
	}
	return list, nil
}

// peakRSS returns the largest resident memory of this process in MB, 0 where
// the system does not tell.
func peakRSS() int {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kb, err := strconv.Atoi(fields[0])
	if err != nil {
		return 0
	}
	return kb / 1024
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
