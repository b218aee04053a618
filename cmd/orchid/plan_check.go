package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"time"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/plan"
	"github.com/orchid-seq/orchid/train"
)

// measuredRun is what some steps and an evaluation of the training itself took.
type measuredRun struct {
	Steps   int     `json:"steps"`
	StepMS  float64 `json:"step_ms"`       // the mean of the faster half
	AloneMS float64 `json:"step_alone_ms"` // had no other program had the cores
	StepMB  float64 `json:"step_mb"`       // the most resident memory, before the evaluation
	RunMB   float64 `json:"run_mb"`        // and with it
}

// evalTime is how long an evaluation may take that is there to be measured.
const evalTime = 5 * time.Second

// measure trains for some steps, in a folder that does not last, and says what they
// took. It is what the process of --check runs.
func (c planCmd) measure(ctx context.Context, g *Globals, e *experiment.Experiment) (err error) {
	if err := e.Override([]string{"baseline=false"}); err != nil && e.Setting("baseline") != "" {
		return err
	}
	if err := e.Validate(); err != nil {
		return usageError{err}
	}
	t, err := prepared(ctx, e, newScreen(true))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeTask(t)) }()
	dir, err := os.MkdirTemp("", "orchid-plan-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	n := e.Training
	n.Steps, n.Epochs, n.EvalEvery, n.LogEvery, n.CheckpointEvery = c.Measure, 0, 0, 1, math.MaxInt32
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var r measuredRun
	var took, alone []float64
	watch, evaluating := plan.NewWatch(), time.Time{}
	_, err = train.Run(ctx, n, t, dir, false, train.Observer{
		Step: func(p train.Progress) {
			took, alone = append(took, ms(watch.Wall())), append(alone, ms(watch.Alone()))
			r.Steps, r.StepMB = p.Step, mb(plan.Peak())
			watch = plan.NewWatch()
		},
		Evaluating: func(int, int) {
			if evaluating.IsZero() {
				evaluating = time.Now()
			}
			if time.Since(evaluating) > evalTime {
				cancel()
			}
		},
	})
	if err != nil && !errors.Is(err, train.ErrInterrupted) {
		return err
	}
	r.RunMB = max(r.StepMB, mb(plan.Peak())) // Linux counts in portions a thread, and may tell less later
	if len(took) > 1 {                       // the first makes the buffers
		took, alone = took[1:], alone[1:]
	}
	r.StepMS, r.AloneMS = plan.Settled(took), plan.Settled(alone)
	return printJSON(r)
}

// child trains in a process of its own, for as many steps as take some ten seconds.
func (c planCmd) child(ctx context.Context, g *Globals, t *plan.Training) (*measuredRun, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	steps := int(max(3, min(100, 10/t.StepSeconds)))
	args := []string{"plan", fmt.Sprintf("--measure=%d", steps), fmt.Sprintf("--threads=%d", g.Threads)}
	if g.Seed != nil {
		args = append(args, fmt.Sprintf("--seed=%d", *g.Seed))
	}
	for _, f := range []struct{ flag, value string }{{"--preset", c.Preset}, {"--config", c.Config}} {
		if f.value != "" {
			args = append(args, f.flag, f.value)
		}
	}
	if c.Task != "" {
		args = append(args, c.Task)
	}
	p := exec.CommandContext(ctx, self, append(args, c.Overrides...)...)
	p.Stderr = os.Stderr
	p.Cancel = func() error { // so that it removes its folder
		if err := p.Process.Signal(os.Interrupt); err != nil { // as on Windows
			return p.Process.Kill()
		}
		return nil
	}
	p.WaitDelay = 10 * time.Second
	out, err := p.Output()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("--check: the training that was to be measured: %w", err)
	}
	var r measuredRun
	if err := json.Unmarshal(out, &r); err != nil {
		return nil, fmt.Errorf("--check: %w", err)
	}
	return &r, nil
}

// text compares.
func (r *measuredRun) text(p planned) string {
	if r == nil {
		return ""
	}
	line := func(name string, predicted, measured float64) string {
		return fmt.Sprintf("%-12s%9s %9s %+5.0f %%\n", name, figure(predicted), figure(measured), 100*(predicted/measured-1))
	}
	after := p.training.After(r.Steps)
	text := fmt.Sprintf("%-12s%9s %9s  after %d steps\n", "check", "predicted", "measured", r.Steps)
	if r.AloneMS < 0.9*r.StepMS {
		text += fmt.Sprintf("%-12s%9s %9s  while other programs had the cores too; without waiting for them:\n", "", "", figure(r.StepMS))
	}
	return text + line("step, ms", p.StepMS, r.AloneMS) + line("step, MB", mb(after.Step()), r.StepMB) + line("run, MB", mb(after.Run()), r.RunMB)
}
