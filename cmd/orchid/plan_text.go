package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/plan"
)

// planned is what --json prints.
type planned struct {
	Task    string   `json:"task"`
	Model   string   `json:"model"`
	Threads int      `json:"threads"`
	Assumed []string `json:"assumed,omitempty"` // what only the data tells

	Parameters int `json:"parameters"`
	Buffers    int `json:"buffers"` // numbers stored but not trained

	Sequences float64 `json:"sequences"` // of a step, on the mean
	Tokens    float64 `json:"tokens"`
	Longest   int     `json:"longest"`
	StepMS    float64 `json:"step_ms"`
	TokensS   float64 `json:"tokens_s"`
	Steps     int     `json:"steps,omitempty"`
	Seconds   float64 `json:"seconds,omitempty"` // of the training

	StepMB      float64     `json:"step_mb"` // resident, while training
	RunMB       float64     `json:"run_mb"`  // the most, evaluations included
	Memory      plan.Memory `json:"memory_bytes"`
	Share       float64     `json:"share"` // of the largest batch, that was run
	AvailableMB float64     `json:"available_mb,omitempty"`
	Fits        *bool       `json:"fits,omitempty"`

	LargestBatch  int `json:"largest_batch,omitempty"` // sequences that fit, of this length
	LargestTokens int `json:"largest_batch_tokens,omitempty"`
	LargestLength int `json:"largest_length,omitempty"`

	Forward  []plan.Forward `json:"forward"`
	Measured *measuredRun   `json:"measured,omitempty"`

	missing   bool // no data was named
	available int64
	subject   plan.Subject
	training  *plan.Training
}

// fill takes the figures over from the plan.
func (p *planned) fill() {
	t := p.training
	p.Parameters, p.Buffers = p.subject.Parameters()
	p.Sequences, p.Tokens, p.Longest = t.Sequences, t.Tokens, t.Longest
	p.StepMS, p.TokensS, p.Steps, p.Seconds = 1e3*t.StepSeconds, t.Tokens/t.StepSeconds, t.Steps, t.Seconds()
	p.StepMB, p.RunMB, p.Memory, p.Share = mb(t.Memory.Step()), mb(t.Memory.Run()), t.Memory, t.Share
	if p.available == 0 {
		return
	}
	fits := t.Memory.Run() <= p.available
	p.AvailableMB, p.Fits = mb(p.available), &fits
	p.LargestBatch, p.LargestTokens = t.LargestBatch(p.available), t.LargestRows(p.available)
	if p.subject.Experiment.Setting("patch") == "" {
		p.LargestLength = t.LargestLength(p.available)
	}
}

func mb(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// print shows the plan to people.
func (p planned) print(c planCmd) error {
	t, m := p.training, p.Memory
	var b strings.Builder
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s"+format+"\n", append([]any{name}, args...)...)
	}
	fmt.Fprintf(&b, "%s: %s; %d threads, %s kernels\n", p.Task, p.Model, p.Threads, cpu.Best())
	if p.Assumed != nil || !p.subject.Prepared {
		row("assumed", "%s", p.assumptions())
	}
	stored := ""
	if p.Buffers > 0 {
		stored = fmt.Sprintf(", and %s that are not trained", numeral.Thousands(p.Buffers))
	}
	row("parameters", "%s%s", numeral.Thousands(p.Parameters), stored)
	row("a step", "%s: %s sequences, %s tokens, sequences to %s", rough(p.StepMS/1e3), numeral.Thousands(int(p.Sequences+0.5)), numeral.Thousands(int(p.Tokens+0.5)), numeral.Thousands(p.Longest))
	if p.Steps > 0 {
		row("training", "%s: %s, %s", rough(p.Seconds), numeral.Plural(p.Steps, "step"), numeral.Plural(t.Evaluations, "evaluation"))
	} else {
		row("training", "its length follows from the data: %s tokens/s", numeral.Thousands(int(p.TokensS)))
	}
	row("memory", "%s: program and data %s, weights %s, optimizer %s, a step %s, an evaluation %s, garbage %s", plan.MB(m.Run()),
		plan.MB(m.Program), plan.MB(m.Weights), plan.MB(m.Optimizer), plan.MB(m.Activations), plan.MB(m.Evaluation), plan.MB(m.Garbage))
	if p.available == 0 {
		row("", "how much there is, this system does not tell; --memory 8GB says it")
	} else {
		row("largest", "%s in %s", cmp.Or(p.largest(), "nothing fits"), plan.MB(p.available))
	}
	for i, f := range p.Forward {
		name := ""
		if i == 0 {
			name = "serving"
		}
		row(name, "a sequence of %s: %s, %s", numeral.Thousands(f.Length), rough(f.Seconds), plan.MB(f.Bytes))
	}
	if p.Share < 1 {
		row("told from", "%.2g %% of a batch; the rest by how it grows", 100*p.Share)
	}
	b.WriteString(p.Measured.text(p))
	if err := p.verdict(); err != nil {
		row("too large", "%v", err)
	} else if !c.Check {
		row("next", "%s", c.command(p.missing))
	}
	_, err := fmt.Fprint(stdout, b.String())
	return err
}

func (p planned) verdict() error {
	if p.available == 0 {
		return nil
	}
	return p.training.Check(p.subject.Experiment, p.available)
}

func (p planned) assumptions() string {
	list := p.Assumed
	if !p.subject.Prepared && p.subject.Experiment.Setting("patch") == "" {
		list = append([]string{"every sequence is as long as it may be"}, list...)
	}
	return strings.Join(list, ", ") + ": the data is not here"
}

// largest says what fits.
func (p planned) largest() string {
	var parts []string
	if n := p.subject.Experiment.Setting("batch-tokens"); n != "" && n != "0" {
		if p.LargestTokens >= p.Longest {
			parts = append(parts, "batch-tokens="+fmt.Sprint(p.LargestTokens))
		}
	} else if p.LargestBatch > 0 {
		parts = append(parts, "batch="+fmt.Sprint(p.LargestBatch))
	}
	if p.LargestLength > 0 {
		of := "sequences of "
		if !p.training.Uniform() {
			of = "one sequence of "
		}
		parts = append(parts, of+numeral.Thousands(p.LargestLength))
	}
	return strings.Join(parts, " or ")
}

// rough writes a time as people say it.
func rough(seconds float64) string {
	d := time.Duration(seconds * 1e9)
	switch {
	case seconds < 9.9995:
		return figure(1e3*seconds) + " ms"
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", seconds)
	case d < 90*time.Minute:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%.1f h", d.Hours())
	}
	return fmt.Sprintf("%.1f days", d.Hours()/24)
}

// command is the training that was planned.
func (c planCmd) command(dataMissing bool) string {
	args := append([]string{"orchid", "train"}, c.settings()...)
	if dataMissing {
		args = append(args, "data=PATH")
	}
	return strings.Join(args, " ")
}

// settings are the arguments that chose it.
func (c planCmd) settings() (args []string) {
	if c.Task != "" {
		args = append(args, c.Task)
	}
	if c.Preset != "" {
		args = append(args, "--preset", quoted(c.Preset))
	}
	if c.Config != "" {
		args = append(args, "--config", quoted(c.Config))
	}
	for _, o := range c.Overrides {
		args = append(args, quoted(o))
	}
	return args
}
