package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/plan"
	"github.com/orchid-seq/orchid/train"
)

// measuredRun is what some steps and an evaluation of the training itself took.
type measuredRun struct {
	Steps  int     `json:"steps"`
	StepMS float64 `json:"step_ms"`     // the mean of the faster half
	CPUMS  float64 `json:"step_cpu_ms"` // of all cores together
	StepMB float64 `json:"step_mb"`     // the most resident memory, before the evaluation
	RunMB  float64 `json:"run_mb"`      // and with it
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
	var took, cpu []float64
	last, lastCPU, evaluating := time.Now(), plan.CPUSeconds(), time.Time{}
	_, err = train.Run(ctx, n, t, dir, false, train.Observer{
		Step: func(p train.Progress) {
			took, cpu = append(took, ms(time.Since(last))), append(cpu, 1e3*(plan.CPUSeconds()-lastCPU))
			last, lastCPU, r.Steps, r.StepMB = time.Now(), plan.CPUSeconds(), p.Step, mb(plan.Peak())
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
	r.RunMB = mb(plan.Peak())
	r.StepMS, r.CPUMS = settled(took), settled(cpu)
	return printJSON(r)
}

// settled is the mean of the faster half of times, the first left out.
func settled(took []float64) float64 {
	if len(took) > 1 {
		took = took[1:]
	}
	slices.Sort(took)
	half := took[:(len(took)+1)/2]
	sum := 0.0
	for _, x := range half {
		sum += x
	}
	return sum / float64(len(half))
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
	out, err := p.Output()
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
	text := fmt.Sprintf("%-12s%9s %9s  after %d steps\n", "check", "predicted", "measured", r.Steps) +
		line("step, ms", p.StepMS, r.StepMS)
	if r.CPUMS > 0 {
		text += line("cores, ms", p.CPUMS, r.CPUMS)
	}
	return text + line("step, MB", mb(after.Step()), r.StepMB) + line("run, MB", mb(after.Run()), r.RunMB)
}
