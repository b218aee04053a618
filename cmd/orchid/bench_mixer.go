package main

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/config"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/tensor"
)

// MixerFlags are the flags of measuring a mixer.
type MixerFlags struct {
	BenchFlags
	Options []string `arg:"" optional:"" name:"key=value" help:"Options of the mixer, as in conditioner=correlation transform=dft."`
	Shapes  string   `help:"Shapes BxLxD." default:"8x128x128,8x1024x256,1x4096x256,1x16384x256,1x65536x64,1x131072x32"`
	Pass    string   `help:"forward, or both for forward and forward+backward." enum:"forward,both" default:"both"`
	Profile bool     `help:"Show where the time goes, by operation."`
}

type operatorBench struct{ MixerFlags }

// Help shows examples below the flags.
func (operatorBench) Help() string {
	return `The floor is the time of the matrix products, and of 2.5 L log2 L operations a
channel and real transform, at the FMA peak of the cores used. "served" keeps
the spectra of the static kernels, as a model does that is not trained.

Examples:
  orchid bench operator transform=dft --shapes 8x1024x256,1x131072x32
  orchid bench operator conditioner=correlation --shapes 8x128x128 --profile`
}

// Run measures.
func (c operatorBench) Run(ctx context.Context) error { return c.run(ctx, mixer.Default()) }

type attentionBench struct{ MixerFlags }

// Help shows examples below the flags.
func (attentionBench) Help() string {
	return `Heads have 64 channels unless heads=N is given.

Example:
  orchid bench attention heads=4 --pass forward`
}

// Run measures.
func (c attentionBench) Run(ctx context.Context) error {
	m := mixer.Default()
	m.Mixer = "attention"
	return c.run(ctx, m)
}

// mixerRow is one measured shape; the keys are those of the peers' scripts. The
// memory is of the longest pass that was asked for.
type mixerRow struct {
	Peer          string    `json:"peer"`
	Mixer         string    `json:"mixer"`
	Kind          string    `json:"kind"`
	Transform     string    `json:"transform"`
	Shape         []int     `json:"shape"`
	Threads       int       `json:"threads"`
	Parameters    int       `json:"parameters"`
	PeakGFLOPS    float64   `json:"peak_gflops"` // of a core
	ForwardMS     float64   `json:"forward_ms"`
	ForwardFloor  float64   `json:"forward_floor_ms"`
	ForwardGFLOPS float64   `json:"forward_gflops"`
	ServedMS      float64   `json:"served_ms,omitempty"`
	ServedFloor   float64   `json:"served_floor_ms,omitempty"`
	BothMS        float64   `json:"forward_backward_ms,omitempty"`
	BothFloor     float64   `json:"forward_backward_floor_ms,omitempty"`
	BothGFLOPS    float64   `json:"forward_backward_gflops,omitempty"`
	TapeMB        float64   `json:"tape_peak_mb"` // activations, gradients and scratch
	PeakRSSMB     int       `json:"peak_rss_mb"`  // resident memory of the process
	Profile       []opShare `json:"profile,omitempty"`
}

// against fills in what follows from the times and the machine's peak.
func (r *mixerRow) against(w works, gflops float64) {
	cores := gflops * float64(r.Threads)
	r.PeakGFLOPS = gflops
	r.ForwardFloor, r.ForwardGFLOPS = w.forward.floor(cores), 1e3*ratio(w.forward.total(), r.ForwardMS)
	if r.ServedMS > 0 {
		r.ServedFloor = w.served.floor(cores)
	}
	if r.BothMS > 0 {
		r.BothFloor, r.BothGFLOPS = w.both.floor(cores), 1e3*w.both.total()/r.BothMS
	}
}

var mixerColumns = columns{-16, 9, 8, 6, 9, 8, 6, 10, 8, 6, 8, 8, 7}

// print shows the row in a table of mixerColumns.
func (r *mixerRow) print() error {
	gflops := r.BothGFLOPS
	if gflops == 0 {
		gflops = r.ForwardGFLOPS
	}
	err := mixerColumns.line(joined(r.Shape),
		figure(r.ForwardMS), figure(r.ForwardFloor), percent(ratio(r.ForwardFloor, r.ForwardMS)),
		figure(r.ServedMS), figure(r.ServedFloor), percent(ratio(r.ServedFloor, r.ServedMS)),
		figure(r.BothMS), figure(r.BothFloor), percent(ratio(r.BothFloor, r.BothMS)),
		figure(gflops), fmt.Sprintf("%.0f", r.TapeMB), fmt.Sprint(r.PeakRSSMB))
	if err != nil {
		return err
	}
	return printProfile(r.Profile)
}

func (c MixerFlags) run(ctx context.Context, m mixer.Config) error {
	keys, err := config.Override(config.Settings(&m), c.Options)
	if err != nil {
		return usageError{err}
	}
	shapes, err := sizes("shapes", "BxLxD", c.Shapes)
	if err != nil {
		return err
	}
	heads64 := m.Mixer == "attention" && !slices.Contains(keys, "heads")
	for _, s := range shapes {
		if err := m.Validate(s[2], s[1]); err != nil {
			return usageError{err}
		}
	}
	var p peak
	if !c.JSON {
		name := m.Describe()
		if heads64 {
			name = "attention (heads of 64 channels)"
		}
		fmt.Fprintf(stdout, "%s, %d threads; ms, the smallest of %d; %s\n", name, par.Threads(), c.Repeat, p.about())
		if err := mixerColumns.line("B x L x D", "forward", "floor", "share", "served", "floor", "share", "fwd+bwd", "floor", "share", "GFLOP/s", "tape MB", "RSS MB"); err != nil {
			return err
		}
	}
	for _, s := range shapes {
		if heads64 {
			m.Heads = headsOf64(s[2])
		}
		row, err := c.measure(ctx, m, s, &p)
		if err != nil {
			return err
		}
		if c.JSON {
			err = printJSON(row)
		} else {
			err = row.print()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// headsOf64 is the number of heads of 64 channels, as the peers have it, one
// where they do not fit.
func headsOf64(D int) int {
	if D%64 == 0 {
		return D / 64
	}
	return 1
}

// measure times a mixer at one shape.
func (c MixerFlags) measure(ctx context.Context, options mixer.Config, shape []int, p *peak) (row mixerRow, err error) {
	B, L, D := shape[0], shape[1], shape[2]
	m, err := mixer.New(options, "", D, L)
	if err != nil {
		return row, usageError{err}
	}
	if err := autograd.Initialize(m.Params(), autograd.SchemeUniform, 1); err != nil {
		return row, err
	}
	freshRSS()
	x, seq := normal("x", B*L*D), tensor.Uniform(B, L)
	row = mixerRow{
		Peer: "orchid " + version(), Mixer: options.Mixer, Kind: options.Conditioner, Transform: options.Transform, Shape: shape,
		Threads: par.Threads(), Parameters: autograd.Count(m.Params()),
	}
	tape := autograd.Tape{NoGrad: true}
	call := func() {
		tape.Reset()
		m.Forward(&tape, tape.Input(x, B*L, D), seq)
	}
	p.look()
	if row.ForwardMS, err = c.smallest(ctx, call); err != nil {
		return row, err
	}
	if k, ok := m.(mixer.Keeper); ok && options.Order == 2 {
		k.Keep(math.MaxInt32)
		row.ServedMS, err = c.smallest(ctx, call)
		k.Keep(0)
		if err != nil {
			return row, err
		}
	}
	if c.Pass == "both" {
		tape = autograd.Tape{}
		freshRSS() // the buffers of the tape before are free now
		dx, dy := make([]float32, B*L*D), normal("dy", B*L*D)
		call = func() {
			tape.Reset()
			tape.Backward(m.Forward(&tape, tape.Variable(x, dx, B*L, D), seq), dy, 1)
		}
		if row.BothMS, err = c.smallest(ctx, call); err != nil {
			return row, err
		}
	}
	row.TapeMB, row.PeakRSSMB = float64(tape.PeakBytes())/(1<<20), peakRSS()
	row.against(worksOf(options, B, L, D), p.look())
	if c.Profile {
		row.Profile, err = profile(c.Repeat, func(p *autograd.Profile) { tape.Profile = p }, call)
	}
	return row, err
}
