package main

import (
	"context"
	"errors"

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

// Run imports.
func (c importCmd) Run(ctx context.Context, g *Globals) error {
	e, t, fresh, err := experiment.Import(ctx, c.Path, c.Overrides)
	if err != nil {
		return err
	}
	if err := whole.NewFolder(c.Out); err != nil {
		return err
	}
	if f, ok := t.(task.Filer); ok {
		err = f.WriteFiles(c.Out)
	}
	n := autograd.Count(t.Params())
	text := card{name: experiment.FolderName(c.Out), experiment: e, task: t, result: train.Result{Parameters: n}, imported: c.Path}.bytes()
	if err := errors.Join(err, e.WriteConfig(c.Out), e.WriteModel(c.Out, t, text)); err != nil {
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
