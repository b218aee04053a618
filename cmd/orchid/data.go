package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/orchid-seq/orchid/task"
)

type dataCmd struct {
	Task      string   `arg:"" optional:"" help:"${tasks}; a recipe names its own."`
	Overrides []string `arg:"" optional:"" name:"key=value" help:"Settings, as for train."`
	Config    string   `help:"YAML file with settings, or a recipe." placeholder:"FILE"`
	Preset    string   `help:"Named settings; a name that is none lists them." placeholder:"NAME"`
	JSON      bool     `name:"json" help:"Print the result as a JSON object."`
}

// Help shows examples below the flags.
func (dataCmd) Help() string {
	return `It reads the data as train does before its first step, and says what is there:
parts, classes, lengths, and for most tasks the checksum that a recipe may hold.
What train would refuse is an error here, other data than a recipe's included, and
what it leaves out is named. Nothing is trained.

Examples:
  orchid data image --preset orchid-s data=cifar-10-batches-bin
  orchid data speech --preset fsdd data=recordings bad-files=skip
  orchid data --config recipes/smnist.yaml data=mnist`
}

// dataResult is the line that --json prints.
type dataResult struct {
	Task        string `json:"task"`
	Description string `json:"description"`
	Checksum    string `json:"checksum,omitempty"` // of the training data
	Steps       int    `json:"steps_per_epoch,omitempty"`
}

// Run reads the data.
func (c dataCmd) Run(ctx context.Context, g *Globals) (err error) {
	as := trainCmd{Task: c.Task, Overrides: c.Overrides, Config: c.Config, Preset: c.Preset}
	if err := as.readRecipe(); err != nil {
		return err
	}
	e, err := as.experiment(g)
	if err != nil {
		return err
	}
	if as.Task == "glue" && e.Setting("name") == "all" {
		return usageError{errors.New("name=all: name one task of GLUE, as in name=rte")}
	}
	if err := withoutBaseline(e); err != nil {
		return err
	}
	if err := e.Validate(); err != nil {
		return usageError{err}
	}
	show := newScreen(g.Quiet || c.JSON)
	defer show.close()
	t, err := prepared(ctx, e, show)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeTask(t)) }()
	if err := e.Training.Check(t); err != nil {
		return usageError{err}
	}
	if err := as.checkData(t); err != nil {
		return err
	}
	r := dataResult{Task: e.Name, Description: t.Describe(), Steps: t.StepsPerEpoch()}
	if s, ok := t.(task.Checksummer); ok {
		r.Checksum = s.Checksum()
	}
	if c.JSON {
		return printJSON(r)
	}
	fmt.Fprintln(stdout, r.Description)
	if r.Checksum != "" {
		fmt.Fprintf(stdout, "checksum: %s\n", r.Checksum)
	}
	return nil
}
