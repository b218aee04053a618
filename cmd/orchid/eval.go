package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

type evalCmd struct {
	Dir   string `arg:"" help:"Model folder."`
	Data  string `help:"Data folder in place of the one the model was trained with." placeholder:"PATH"`
	Split string `help:"Part of the data; by default the task's test part." placeholder:"NAME"`
	JSON  bool   `name:"json" help:"Print the result as a JSON object."`
}

// Help shows an example below the flags.
func (evalCmd) Help() string {
	return "Example:\n  orchid eval runs/recall"
}

// Run evaluates.
func (c evalCmd) Run(ctx context.Context, g *Globals) error {
	name, _, t, err := openModel(c.Dir, c.Data)
	if err != nil {
		return err
	}
	split := c.Split
	if split == "" {
		split = t.Splits()[0]
	}
	if !slices.Contains(t.Splits(), split) {
		return usageError{fmt.Errorf("--split=%s: the task %s has: %s", split, name, strings.Join(t.Splits(), ", "))}
	}
	show := newScreen(g.Quiet || c.JSON)
	bar := show.counter()
	m, err := t.Evaluate(ctx, split, bar)
	show.close()
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(evalResult{name, split, c.Dir, m})
	}
	fmt.Printf("%s: %s\n", split, sentence(m))
	return nil
}

// evalResult is the line that --json prints.
type evalResult struct {
	Task    string             `json:"task"`
	Split   string             `json:"split"`
	Dir     string             `json:"dir"`
	Metrics map[string]float64 `json:"metrics"`
}
