package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/report"
)

type evalCmd struct {
	Dir       string   `arg:"" help:"Model folder."`
	Overrides []string `arg:"" optional:"" name:"key=value" help:"Settings of the evaluation, as in eval-limit=0."`
	Data      string   `help:"Data in place of that of the training, for the part that --split names." placeholder:"PATH"`
	Split     string   `help:"Part of the data; by default the one that a training reports: test, validation or dev." placeholder:"NAME"`
	Record    bool     `help:"Add the result to the model folder, for orchid report."`
	JSON      bool     `name:"json" help:"Print the result as a JSON object."`
}

// Help shows an example below the flags.
func (evalCmd) Help() string {
	return `Examples:
  orchid eval runs/recall
  orchid eval runs/long length=8192 tests=200 --record    (trained with filter-positions=relative)
  orchid eval runs/mlm --data wiki.test.tokens format=text eval-limit=0`
}

// Run evaluates.
func (c evalCmd) Run(ctx context.Context, g *Globals) (err error) {
	e, err := experiment.ReadConfig(c.Dir)
	if err != nil {
		return err
	}
	if c.Data != "" {
		key, err := c.dataKey(e)
		if err != nil {
			return err
		}
		settings := []string{key + "=" + c.Data}
		if key == "eval-data" && e.Setting("holdout-by") != "" { // of the training's own data
			settings = append(settings, "holdout-by=")
		}
		if err := e.Override(settings); err != nil {
			return usageError{fmt.Errorf("--data: the task %s makes its own data", e.Name)}
		}
	}
	if err := e.Override(c.Overrides); err != nil {
		return usageError{err}
	}
	if err := e.Validate(); err != nil {
		return usageError{err}
	}
	if e.Imported() && c.unknown(e) {
		return usageError{fmt.Errorf("%s was imported, and on what it was trained is not known: name data by --data PATH", c.Dir)}
	}
	show := newScreen(g.Quiet || c.JSON)
	surround(e, show)
	defer show.close()
	t, err := e.ReadModel(ctx, c.Dir)
	if err != nil {
		if s := c.stretched(e); s != nil && !errors.Is(err, fs.ErrNotExist) {
			return s
		}
		return err
	}
	defer func() { err = errors.Join(err, closeTask(t)) }()
	split := c.Split
	if split == "" {
		split = t.Splits()[0]
	}
	if !slices.Contains(t.Splits(), split) {
		return usageError{fmt.Errorf("--split=%s: the task %s has: %s", split, e.Name, strings.Join(t.Splits(), ", "))}
	}
	started := time.Now()
	m, err := t.Evaluate(ctx, split, show.counter("evaluating"))
	show.close()
	if err != nil {
		return err
	}
	took := time.Since(started)
	if c.JSON {
		err = printJSON(evalResult{e.Name, split, c.Dir, m})
	} else {
		fmt.Fprintf(stdout, "%s: %s\n", split, sentence(m, scoreOf(e)))
	}
	if err != nil || !c.Record {
		return err
	}
	return c.record(split, m, took)
}

// unknown says whether nobody has named the data of the part to score, which an
// imported model does not know.
func (c evalCmd) unknown(e *experiment.Experiment) bool {
	key := map[string]string{"": "eval-data", "validation": "eval-data", "test": "test-data"}[c.Split]
	return key == "" || e.Setting(key) == ""
}

// stretched explains why a model cannot be loaded for another length.
func (c evalCmd) stretched(e *experiment.Experiment) error {
	for _, o := range c.Overrides {
		if key, _, _ := strings.Cut(o, "="); key == "length" && e.Name == "recall" {
			return fmt.Errorf("%s: this model knows the lengths it was trained for alone; one trained with filter-positions=relative (for attention: positions=sinusoidal) takes any", o)
		}
	}
	return nil
}

// record adds the result to the model folder.
func (c evalCmd) record(split string, m map[string]float64, took time.Duration) error {
	r := report.Evaluation{Split: split, Settings: map[string]string{}, Metrics: m, Seconds: took.Seconds()}
	if c.Data != "" {
		r.Settings["data"] = c.Data
	}
	for _, o := range c.Overrides {
		key, value, _ := strings.Cut(o, "=")
		r.Settings[key] = value
	}
	return r.Record(c.Dir)
}

// evalResult is the line that --json prints.
type evalResult struct {
	Task    string             `json:"task"`
	Split   string             `json:"split"`
	Dir     string             `json:"dir"`
	Metrics map[string]float64 `json:"metrics"`
}

// dataKey names the setting that holds the data of the part to score.
func (c evalCmd) dataKey(e *experiment.Experiment) (string, error) {
	key := e.EvalKey()
	switch {
	case key != "eval-data": // one folder holds all parts
		return key, nil
	case c.Split == "" || c.Split == "validation":
		return key, nil
	case c.Split == "test" && e.Name == "text":
		return "test-data", nil
	}
	return "", usageError{fmt.Errorf("--data with --split=%s: other data can stand for validation%s; leave one of the two out", c.Split, map[bool]string{true: " or test"}[e.Name == "text"])}
}
