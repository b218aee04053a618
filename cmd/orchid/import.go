package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/internal/whole"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/train"
)

type importCmd struct {
	Path      string   `arg:"" help:"Folder of a BERT from Hugging Face, or a safetensors file with a layer of the authors."`
	Overrides []string `arg:"" optional:"" name:"key=value" help:"Settings, as in license=apache-2.0."`
	Out       string   `required:"" help:"Model folder to write." placeholder:"DIR"`
}

// Help shows examples below the flags.
func (importCmd) Help() string {
	return `Examples:
  orchid import bert-base-uncased --out runs/bert license=apache-2.0
  orchid fill-mask runs/bert "She opened the [MASK] and went in."
  orchid import layer.safetensors --out runs/layer conditioner=magnitude transform=dft
  orchid verify runs/layer`
}

// writeImported writes a model folder. The settings come after the weights, since a
// folder with settings alone is a training to go on with.
func writeImported(dir string, e *experiment.Experiment, t task.Task, card []byte) error {
	if f, ok := t.(task.Filer); ok {
		if err := f.WriteFiles(dir); err != nil {
			return err
		}
	}
	if err := e.WriteModel(dir, t, card); err != nil {
		return err
	}
	if err := e.WriteConfig(dir); err != nil {
		return err
	}
	return experiment.WriteSums(dir)
}

// Run imports.
func (c importCmd) Run(ctx context.Context, g *Globals) error {
	if g.Seed != nil {
		c.Overrides = append(c.Overrides, fmt.Sprintf("seed=%d", *g.Seed))
	}
	e, t, fresh, err := experiment.Import(ctx, c.Path, c.Overrides)
	if wrong := (*experiment.SettingsError)(nil); errors.As(err, &wrong) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	if err := whole.NewFolder(c.Out); err != nil {
		return err
	}
	n := autograd.Count(t.Params())
	text := card{name: experiment.FolderName(c.Out), experiment: e, task: t, result: train.Result{Parameters: n}, imported: c.Path}.bytes()
	if err := writeImported(c.Out, e, t, text); err != nil {
		return err
	}
	show := newScreen(g.Quiet)
	show.line("%s: %s, %s parameters%s", t.Describe(), e.Model(), numeral.Thousands(n), but(fresh))
	if len(fresh) > 0 {
		show.line("it has no head for hidden words: it gives vectors, but cannot fill masks")
	}
	show.line("model folder: %s (orchid verify %s)", c.Out, quoted(c.Out))
	return nil
}
