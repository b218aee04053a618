package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/orchid-seq/orchid/config"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/plan"
	"github.com/orchid-seq/orchid/task"
)

type planCmd struct {
	Task      string   `arg:"" optional:"" help:"${tasks}; a recipe names its own."`
	Overrides []string `arg:"" optional:"" name:"key=value" help:"Settings, as for train."`
	Config    string   `help:"YAML file with settings, or a recipe." placeholder:"FILE"`
	Preset    string   `help:"Named settings; a name that is none lists them." placeholder:"NAME"`
	Memory    string   `help:"Plan for a machine with so much memory, as in 8GB; by default for what this one has to give." placeholder:"SIZE"`
	Lengths   string   `help:"Lengths of single sequences to serve; by default some that the model takes." placeholder:"L,..."`
	Check     bool     `help:"Train for some steps too, in a process of its own, and show what was predicted beside what was measured. Needs the data."`
	JSON      bool     `name:"json" help:"Print the plan as a JSON object."`

	Measure int `hidden:"" help:"Train for so many steps and print what they took."`
}

// Help shows examples below the flags.
func (planCmd) Help() string {
	return `It builds the model and runs made-up batches for some seconds: parts of one at
first, all of it where that is quick. From these it tells memory and time of the
whole training. Data that is not here is not needed; what only it could tell is
assumed, and said.

Examples:
  orchid plan recall length=8192
  orchid plan image --preset orchid-s
  orchid plan mlm --preset orchid-bert-base tokenizer=vocab.txt --memory 8GB
  orchid plan recall --check`
}

// budget is about how long the made-up batches of a training, and those of a length to
// serve, are run.
const (
	trainBudget = 6 * time.Second
	serveBudget = time.Second
)

// Run plans.
func (c planCmd) Run(ctx context.Context, g *Globals) (err error) {
	available, err := c.available()
	if err != nil {
		return err
	}
	e, err := c.experiment(g)
	if err != nil {
		return err
	}
	if c.Measure > 0 {
		return c.measure(ctx, g, e)
	}
	lengths, err := c.lengths()
	if err != nil {
		return err
	}
	show := newScreen(g.Quiet)
	missing := unnamed(e) // before subject names something
	s, assumed, err := subject(ctx, e, available, show)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeTask(s.Task)) }()
	p := planned{Task: e.Name, Model: e.Model(), Threads: par.Threads(), Assumed: assumed, missing: missing, available: available, subject: s}
	if p.training, err = s.Train(trainBudget); err != nil {
		return err
	}
	if p.Forward, err = s.Forward(takes(lengths, s.Task.(task.Sized), e, c.Lengths == ""), serveBudget); err != nil {
		return err
	}
	p.fill()
	if c.Check {
		if p.Measured, err = c.child(ctx, g, p.training); err != nil {
			return err
		}
	}
	if c.JSON {
		return printJSON(p)
	}
	return p.print(c)
}

// experiment resolves the settings as train does.
func (c *planCmd) experiment(g *Globals) (*experiment.Experiment, error) {
	t := trainCmd{Task: c.Task, Overrides: c.Overrides, Config: c.Config, Preset: c.Preset}
	if err := t.readRecipe(); err != nil {
		return nil, err
	}
	c.Task, c.Overrides = t.Task, t.Overrides
	return t.experiment(g)
}

// withoutBaseline leaves out a bag of words, which may take minutes to fit.
func withoutBaseline(e *experiment.Experiment) error {
	if e.Setting("baseline") != "true" {
		return nil
	}
	return e.Override([]string{"baseline=false"})
}

// subject builds the task of a plan, with its data if that is here, and says what was
// assumed if it is not.
func subject(ctx context.Context, e *experiment.Experiment, available int64, show *screen) (s plan.Subject, assumed []string, err error) {
	if err := withoutBaseline(e); err != nil {
		return s, nil, err
	}
	missing := unnamed(e)
	if err := plan.Nowhere(e); err != nil {
		return s, nil, err
	}
	if err := e.Validate(); err != nil {
		return s, nil, usageError{err}
	}
	if available > 0 {
		if err := plan.Buildable(e, available); err != nil {
			return s, nil, fmt.Errorf("%s: %w", e.Model(), err)
		}
	}
	if !missing {
		t, err := prepared(ctx, e, show)
		if err == nil {
			return plan.Subject{Experiment: e, Task: t, Prepared: true}, nil, e.Training.Check(t)
		}
		if !errors.Is(err, fs.ErrNotExist) || tokenizerMissing(e, err) {
			return s, nil, err
		}
		show.line("orchid: %v: planning without the data", err)
	}
	if assumed, err = plan.Assume(e); err != nil {
		return s, nil, err
	}
	surround(e, show)
	t, err := e.Build(ctx)
	return plan.Subject{Experiment: e, Task: t}, assumed, err
}

// unnamed says whether the task wants data and none is named.
func unnamed(e *experiment.Experiment) bool {
	return slices.ContainsFunc(e.List(), func(s config.Setting) bool { return s.Key == "data" && (s.String() == "" || s.String() == "[]") })
}

// tokenizerMissing says whether what does not exist is the tokenizer, without which
// there is no model.
func tokenizerMissing(e *experiment.Experiment, err error) bool {
	name := e.Setting("tokenizer")
	return name != "" && strings.Contains(err.Error(), name)
}

// lengths reads --lengths.
func (c planCmd) lengths() (list []int, err error) {
	text := c.Lengths
	if text == "" {
		text = "128,1024,8192,65536"
	}
	all, err := sizes("lengths", "L", text)
	for _, s := range all {
		list = append(list, s[0])
	}
	return list, err
}

// takes leaves out lengths that a model does not take, and takes the longest that it
// does if none is left or, by default, if it is short.
func takes(lengths []int, t task.Sized, e *experiment.Experiment, byDefault bool) (list []int) {
	longest := t.Longest()
	if longest == 0 {
		return lengths
	}
	if e.Setting("patch") != "" {
		return []int{longest}
	}
	for _, n := range lengths {
		if n <= longest {
			list = append(list, n)
		}
	}
	if (byDefault || list == nil) && !slices.Contains(list, longest) {
		list = append(list, longest)
	}
	return list
}

// available returns the memory to plan for, in bytes; 0 if it is not known.
func (c planCmd) available() (int64, error) {
	if c.Memory == "" {
		n, _ := plan.Available()
		return n, nil
	}
	text := strings.ToUpper(strings.TrimSpace(c.Memory))
	for _, unit := range []struct {
		name  string
		bytes float64
	}{{"KIB", 1 << 10}, {"MIB", 1 << 20}, {"GIB", 1 << 30}, {"TIB", 1 << 40}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}} {
		number, ok := strings.CutSuffix(text, unit.name)
		if !ok {
			continue
		}
		x, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(x*unit.bytes >= 1 && x*unit.bytes < 1<<60) {
			break
		}
		return int64(x * unit.bytes), nil
	}
	return 0, usageError{fmt.Errorf("--memory=%s: want a number and a unit, as in 8GB, 500MB or 16GiB", c.Memory)}
}
