package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/task/glue"
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

// A summary is the results of one task over the seeds.
type summary struct {
	Task    string             `json:"task"`
	Split   string             `json:"split"`
	Seeds   int                `json:"seeds"`
	Mean    map[string]float64 `json:"mean"`
	Std     map[string]float64 `json:"std"`
	Seconds float64            `json:"seconds"` // of all runs
	Missing string             `json:"missing,omitempty"`
	average bool
}

// trainMany trains a task, or several of GLUE, with several seeds each. What
// stands below --out already is kept or, with --resume, gone on with.
func (c trainCmd) trainMany(ctx context.Context, g *Globals, names []string) error {
	if c.Seeds < 1 || c.Out == "" {
		return usageError{errors.New("several runs want --out DIR for their folders and --seeds of at least 1")}
	}
	show := newScreen(g.Quiet)
	if names == nil {
		names = []string{""}
	}
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
		for i := range c.Seeds {
			run := one
			run.Out = fmt.Sprintf("%s-%d", base, i+1)
			if from && mnli != "" {
				run.Overrides = append(slices.Clone(run.Overrides), fmt.Sprintf("from=%s-%d", mnli, i+1))
			} else if from && i == 0 {
				show.line("%s begins without MNLI, which has not been trained here", s.Task)
			}
			r, split, err := run.trainOrRead(ctx, g, i)
			if err != nil {
				return err
			}
			s.Split, runs = split, append(runs, r)
		}
		s.add(runs)
		if s.Task == "MNLI" {
			mnli = base
		}
		all = append(all, s)
		show.line("%s", s.line())
	}
	return c.printSummaries(all)
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

// trainOrRead trains with seed number i, or reads what has been trained.
func (c trainCmd) trainOrRead(ctx context.Context, g *Globals, i int) (r trainResult, split string, err error) {
	if _, err := os.Stat(filepath.Join(c.Out, experiment.ModelFile)); err == nil {
		curve, err := readCurve(c.Out)
		if err != nil || len(curve.points) == 0 {
			return r, "", errors.Join(err, fmt.Errorf("%s: no evaluation", c.Out))
		}
		last := curve.points[len(curve.points)-1]
		return trainResult{Task: c.Task, Steps: last.Step, Seconds: last.Seconds, Metrics: last.Metrics, Dir: c.Out}, last.Split, nil
	}
	if _, err := os.Stat(filepath.Join(c.Out, experiment.ConfigFile)); err != nil {
		c.Resume = false
	}
	own := *g
	seed := uint64(i + 1)
	if g.Seed != nil {
		seed += *g.Seed - 1
	}
	own.Seed = &seed
	e, err := c.experiment(&own)
	if err != nil {
		return r, "", err
	}
	r, err = c.train(ctx, &own, e)
	return r, e.Training.EvalSplit, err
}

// add takes mean and deviation (of a sample) over the runs.
func (s *summary) add(runs []trainResult) {
	s.Seeds = len(runs)
	n := float64(len(runs))
	for _, r := range runs {
		s.Seconds += r.Seconds
		for k, v := range r.Metrics {
			s.Mean[k] += v / n
		}
	}
	for k, mean := range s.Mean {
		squares := 0.0
		for _, r := range runs {
			squares += (r.Metrics[k] - mean) * (r.Metrics[k] - mean)
		}
		s.Std[k] = math.Sqrt(squares / math.Max(1, n-1))
	}
}

func (s *summary) line() string {
	score := "score"
	if _, ok := s.Mean[score]; !ok {
		score = "accuracy"
	}
	text := fmt.Sprintf("%-8s %s %.4f ± %.4f over %d seeds", s.Task, s.Split, s.Mean[score], s.Std[score], s.Seeds)
	for _, b := range []string{"majority", "bag_of_words"} {
		if v, ok := s.Mean[b]; ok {
			text += fmt.Sprintf("  %s %.4f", strings.ReplaceAll(b, "_", " "), v)
		}
	}
	return text + fmt.Sprintf("  %.0f s", s.Seconds)
}

// printSummaries shows all results and, for GLUE, their average over the eight
// tasks as the paper takes it, or over those that there are.
func (c trainCmd) printSummaries(all []summary) error {
	sum, n := 0.0, 0
	for _, s := range all {
		if c.JSON {
			if err := printJSON(s); err != nil {
				return err
			}
		} else if s.Missing != "" {
			fmt.Fprintf(stdout, "%-8s missing: %s\n", s.Task, s.Missing)
		} else {
			fmt.Fprintln(stdout, s.line())
		}
		if s.average && s.Missing == "" {
			sum, n = sum+s.Mean["score"], n+1
		}
	}
	if n == 0 || c.JSON {
		return nil
	}
	of := ""
	if n < 8 {
		of = fmt.Sprintf(" (the average of GLUE is over 8; %d are not here)", 8-n)
	}
	fmt.Fprintf(stdout, "average  %.4f over %d tasks%s\n", sum/float64(n), n, of)
	return nil
}
