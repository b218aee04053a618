package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/optim"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/train"
)

type stepBench struct {
	BenchFlags
	Overrides []string `arg:"" optional:"" name:"key=value" help:"Settings, as for train."`
	Task      string   `help:"glue, image, mlm, recall or text." default:"recall"`
	Preset    string   `help:"Named settings, as for train." placeholder:"NAME"`
	Config    string   `help:"YAML file with settings." placeholder:"FILE"`
	Profile   bool     `help:"Show where the time goes, by operation."`
}

// Help shows examples below the flags.
func (stepBench) Help() string {
	return `A step makes a batch, computes loss and gradients, clips them and moves the
weights, as training does between two evaluations.

Examples:
  orchid bench step
  orchid bench step length=1024 transform=dft --profile
  orchid bench step --task image --preset mnist data=path/to/mnist`
}

// stepRow is one measured model.
type stepRow struct {
	Peer       string    `json:"peer"`
	Task       string    `json:"task"`
	Model      string    `json:"model"`
	Threads    int       `json:"threads"`
	Parameters int       `json:"parameters"`
	Sequences  int       `json:"sequences"` // of a step
	Tokens     int       `json:"tokens"`
	ForwardMS  float64   `json:"forward_ms"`          // to the loss, as in training
	BothMS     float64   `json:"forward_backward_ms"` // and to all gradients
	StepMS     float64   `json:"step_ms"`             // and to the new weights
	MedianMS   float64   `json:"median_ms"`
	TokensS    float64   `json:"tokens_s"`
	TapeMB     float64   `json:"tape_peak_mb"`
	PeakRSSMB  int       `json:"peak_rss_mb"`
	Profile    []opShare `json:"profile,omitempty"`
}

// Run measures.
func (c stepBench) Run(ctx context.Context, g *Globals) (err error) {
	e, err := trainCmd{Task: c.Task, Overrides: c.Overrides, Config: c.Config, Preset: c.Preset}.experiment(g)
	if err != nil {
		return err
	}
	if err := e.Validate(); err != nil {
		return usageError{err}
	}
	t, err := prepared(ctx, e, newScreen(g.Quiet))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeTask(t)) }()
	freshRSS()
	s := newStepper(e.Training, t)
	list, err := c.times(ctx, s.step)
	if err != nil {
		return err
	}
	sequences, tokens := s.sequences, s.tokens
	forward, err := c.times(ctx, func() { s.forward() })
	if err != nil {
		return err
	}
	both, err := c.times(ctx, s.gradients)
	if err != nil {
		return err
	}
	row := stepRow{
		ForwardMS: forward[0], BothMS: both[0],
		Peer: "orchid " + version(), Task: c.Task, Model: e.Model(), Threads: par.Threads(), Parameters: autograd.Count(s.params),
		Sequences: sequences, Tokens: tokens, StepMS: list[0], MedianMS: list[len(list)/2], TokensS: 1e3 * float64(tokens) / list[0],
		TapeMB: float64(s.tape.PeakBytes()) / (1 << 20), PeakRSSMB: peakRSS(),
	}
	if c.Profile {
		if row.Profile, err = profile(c.Repeat, func(p *autograd.Profile) { s.tape.Profile = p }, s.step); err != nil {
			return err
		}
	}
	if c.JSON {
		return printJSON(row)
	}
	fmt.Fprintf(stdout, "%s: %s, %s parameters, %d threads, %s kernels\n%d sequences, %s tokens a step: %s ms at best, %s in the middle of %d (forward %s, with backward %s); %s tokens/s; tape %.0f MB, RSS %d MB\n",
		row.Task, row.Model, numeral.Thousands(row.Parameters), row.Threads, cpu.Best(), row.Sequences, numeral.Thousands(row.Tokens),
		figure(row.StepMS), figure(row.MedianMS), len(list), figure(row.ForwardMS), figure(row.BothMS), numeral.Thousands(int(row.TokensS)), row.TapeMB, row.PeakRSSMB)
	return printProfile(row.Profile)
}

// A stepper trains as package train does, without its records.
type stepper struct {
	c         train.Config
	task      task.Task
	tape      autograd.Tape
	params    []*autograd.Param
	opt       *optim.AdamW
	n         int // batches so far
	sequences int // of a step
	tokens    int
}

func newStepper(c train.Config, t task.Task) *stepper {
	s := &stepper{c: c, task: t, params: t.Params()}
	s.tape.Training, s.tape.Seed = true, c.Seed
	s.opt = optim.NewAdamW(s.params, map[autograd.Group]optim.Setting{
		autograd.Main:      {Rate: c.LR, Decay: c.Decay},
		autograd.Positions: {Rate: max(c.PositionLR, 0)},
	}, c.Beta1, c.Beta2, c.Eps)
	return s
}

// forward takes the next batch to its loss.
func (s *stepper) forward() *autograd.Node {
	s.tape.Reset()
	s.tape.Step = s.n
	loss, sequences, tokens := s.task.Loss(&s.tape, s.n)
	s.n, s.sequences, s.tokens = s.n+1, s.sequences+sequences, s.tokens+tokens
	return loss
}

// gradients takes it back to the gradients.
func (s *stepper) gradients() {
	loss := s.forward()
	s.tape.Backward(loss, nil, 1/float32(s.c.Accumulate))
}

func (s *stepper) step() {
	p := s.tape.Profile
	s.sequences, s.tokens = 0, 0
	p.Time("(zero gradients)", func() { optim.ZeroGrad(s.params) })
	for range s.c.Accumulate {
		s.gradients()
	}
	p.Time("(clip gradients)", func() {
		if norm := optim.GradNorm(s.params); s.c.Clip > 0 {
			optim.Clip(s.params, norm, s.c.Clip)
		}
	})
	p.Time("(adamw)", func() { s.opt.Step(1) })
}
