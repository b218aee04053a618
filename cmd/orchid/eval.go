package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/experiment"
)

type evalCmd struct {
	Dir       string   `arg:"" help:"Model folder."`
	Overrides []string `arg:"" optional:"" name:"key=value" help:"Settings of the evaluation, as in eval-limit=0."`
	Data      string   `help:"Data folder in place of the one the model was trained with." placeholder:"PATH"`
	Split     string   `help:"Part of the data; by default the task's test part." placeholder:"NAME"`
	JSON      bool     `name:"json" help:"Print the result as a JSON object."`
}

// Help shows an example below the flags.
func (evalCmd) Help() string {
	return `Examples:
  orchid eval runs/recall
  orchid eval runs/mlm --data wiki.test.tokens format=text eval-limit=0`
}

// Run evaluates.
func (c evalCmd) Run(ctx context.Context, g *Globals) error {
	e, err := experiment.ReadConfig(c.Dir)
	if err != nil {
		return err
	}
	if c.Data != "" {
		if err := e.Override([]string{e.EvalKey() + "=" + c.Data}); err != nil {
			return usageError{fmt.Errorf("--data: the task %s makes its own data", e.Name)}
		}
	}
	if err := e.Override(c.Overrides); err != nil {
		return usageError{err}
	}
	if err := e.Validate(); err != nil {
		return usageError{err}
	}
	show := newScreen(g.Quiet || c.JSON)
	surround(e, show)
	t, err := e.ReadModel(ctx, c.Dir)
	if err != nil {
		return err
	}
	split := c.Split
	if split == "" {
		split = t.Splits()[0]
	}
	if !slices.Contains(t.Splits(), split) {
		return usageError{fmt.Errorf("--split=%s: the task %s has: %s", split, e.Name, strings.Join(t.Splits(), ", "))}
	}
	bar := show.counter()
	m, err := t.Evaluate(ctx, split, bar)
	show.close()
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(evalResult{e.Name, split, c.Dir, m})
	}
	fmt.Fprintf(stdout, "%s: %s\n", split, sentence(m))
	return nil
}

// evalResult is the line that --json prints.
type evalResult struct {
	Task    string             `json:"task"`
	Split   string             `json:"split"`
	Dir     string             `json:"dir"`
	Metrics map[string]float64 `json:"metrics"`
}
