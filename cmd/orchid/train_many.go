package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/task/glue"
	"github.com/orchid-seq/orchid/train"
)

// glueTasks returns the tasks of GLUE that name= asks for, as they are written,
// all of them for all; nil for other tasks.
func (c trainCmd) glueTasks() []string {
	if c.Task != "glue" {
		return nil
	}
	for _, arg := range c.Overrides {
		if value, ok := strings.CutPrefix(arg, "name="); ok {
			if value != "all" {
				return strings.Split(value, ",")
			}
			var all []string
			for _, t := range glue.Tasks() {
				if t.Average {
					all = append(all, t.Name)
				}
			}
			return all
		}
	}
	return nil
}

// trainMany trains a task, or several of GLUE, with several seeds each. With
// --resume, runs that stand below --out are kept, or gone on with.
func (c trainCmd) trainMany(ctx context.Context, g *Globals, names []string) error {
	if c.Out == "" {
		return usageError{errors.New("several runs want --out DIR for their folders")}
	}
	show := newScreen(g.Quiet)
	if names == nil {
		names = []string{""}
	}
	if err := c.fresh(names); err != nil {
		return err
	}
	c.again = c.command(g)
	var all []summary
	mnli := "" // folder of the runs fine-tuned on it
	for _, name := range names {
		s := summary{Task: c.Task, Mean: map[string]float64{}, Std: map[string]float64{}}
		one, from := c, false
		if name != "" {
			t, err := glue.Find(name)
			if err != nil {
				return usageError{err}
			}
			s.Task, s.average, from = t.Name, t.Average, t.FromMNLI
			one.Overrides = append(slices.DeleteFunc(slices.Clone(c.Overrides), func(a string) bool { return strings.HasPrefix(a, "name=") }), "name="+t.Name)
			if s.Missing, err = missing(one, g, t); err != nil {
				return err
			}
			if s.Missing != "" {
				show.line("%s is left out: %s", t.Name, s.Missing)
				all = append(all, s)
				continue
			}
		}
		base := filepath.Join(c.Out, s.Task)
		var runs []trainResult
		var last *experiment.Experiment // of the runs, which differ by their seed
		for i := range c.Seeds {
			run := one
			run.Out = folderOf(base, i)
			if from && mnli != "" {
				run.Overrides = append(slices.Clone(run.Overrides), "from="+folderOf(mnli, i))
			} else if from && i == 0 {
				show.line("%s begins without MNLI, which has not been trained here", s.Task)
			}
			r, e, err := run.trainOrRead(ctx, g, folderOf(base, 0), i, show)
			if errors.Is(err, context.Canceled) {
				err = fmt.Errorf("%w. Go on with: %s", train.ErrInterrupted, c.again)
			}
			if err != nil {
				return err
			}
			last, runs = e, append(runs, r)
		}
		s.add(runs)
		s.Split, s.name = last.Training.EvalSplit, scoreOf(last)
		compareRecipe(last, runs, show)
		if s.Task == "MNLI" {
			mnli = base
		}
		all = append(all, s)
		if len(names) > 1 {
			show.line("%s", s.line())
		}
	}
	return c.printSummaries(all)
}

// folderOf is the folder of run number i.
func folderOf(base string, i int) string { return fmt.Sprintf("%s-%d", base, i+1) }

// fresh refuses folders that are there, as those of single runs are refused,
// before hours have gone into the others.
func (c trainCmd) fresh(names []string) error {
	for _, name := range names {
		folder := c.Task
		if t, err := glue.Find(name); name != "" && err == nil { // or trainMany will say so
			folder = t.Name
		}
		for i := range c.Seeds {
			dir := folderOf(filepath.Join(c.Out, folder), i)
			if entries, _ := os.ReadDir(dir); len(entries) > 0 && !c.Resume {
				return fmt.Errorf("%s exists: choose another --out, or keep it and go on by --resume", dir)
			}
		}
	}
	return nil
}

// command is what goes on with all runs.
func (c trainCmd) command(g *Globals) string {
	parts := []string{"orchid train", c.Task}
	if c.recipe != nil {
		parts = parts[:1]
	}
	for _, o := range c.Overrides {
		parts = append(parts, quoted(o))
	}
	for _, f := range []struct{ flag, value string }{{"--preset", c.Preset}, {"--config", c.Config}, {"--out", c.Out}} {
		if f.value != "" {
			parts = append(parts, f.flag, quoted(f.value))
		}
	}
	if c.Seeds != 1 {
		parts = append(parts, fmt.Sprintf("--seeds %d", c.Seeds))
	}
	if g.Seed != nil {
		parts = append(parts, fmt.Sprintf("--seed %d", *g.Seed))
	}
	return strings.Join(append(parts, "--resume"), " ")
}

// missing says which file of a task is not there.
func missing(c trainCmd, g *Globals, t glue.Task) (string, error) {
	c.Resume = false // what stands in one of the folders does not matter
	e, err := c.experiment(g)
	if err != nil {
		return "", err
	}
	if err := e.Validate(); err != nil {
		return "", usageError{err}
	}
	for _, split := range []string{"train", "dev"} {
		if err := t.Present(e.Settings.(*glue.Config).Data, split); err != nil {
			return err.Error(), nil
		}
	}
	return "", nil
}

// trainOrRead trains run number i or, going on, reads what has been trained. The
// seeds begin at that of the first run.
func (c trainCmd) trainOrRead(ctx context.Context, g *Globals, first string, i int, show *screen) (r trainResult, e *experiment.Experiment, err error) {
	resume := c.Resume
	at := func(dir string, g *Globals) (*experiment.Experiment, error) {
		_, err := os.Stat(filepath.Join(dir, experiment.ConfigFile))
		c.Out, c.Resume = dir, resume && err == nil
		e, err := c.experiment(g)
		if err != nil && c.Resume {
			err = fmt.Errorf("%s: %w", dir, err)
		}
		return e, err
	}
	own, dir := *g, c.Out
	if i > 0 {
		if e, err = at(first, g); err != nil {
			return r, e, err
		}
		seed := e.Training.Seed + uint64(i)
		own.Seed = &seed
	}
	if e, err = at(dir, &own); err != nil {
		return r, e, err
	}
	if _, err := os.Stat(filepath.Join(dir, experiment.ModelFile)); err == nil && c.Resume {
		r, err = c.read()
		if err == nil {
			show.line("%s: kept, it was trained before with seed %d", dir, e.Training.Seed)
		}
		return r, e, err
	}
	r, err = c.train(ctx, &own, e)
	return r, e, err
}

// read returns the result of a run that has ended.
func (c trainCmd) read() (r trainResult, err error) {
	curve, err := readCurve(c.Out)
	if err != nil || len(curve.points) == 0 {
		return r, errors.Join(err, fmt.Errorf("%s: no evaluation", c.Out))
	}
	n := len(curve.points) - 1
	last := curve.points[n]
	metrics := last.Metrics
	if last.Split == otherDev && n > 0 {
		metrics = bothDevs(curve.points[n-1].Metrics, metrics)
	}
	return trainResult{Task: c.Task, Steps: last.Step, Seconds: last.Seconds, Metrics: metrics, Dir: c.Out}, nil
}
