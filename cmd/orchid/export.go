package main

import (
	"context"
	"errors"

	"github.com/orchid-seq/orchid/export"
)

type exportCmd struct {
	Dir     string `arg:"" help:"Model folder."`
	PyTorch string `name:"pytorch" help:"Write a folder with the model and a Python file that computes it with torch alone." placeholder:"OUT"`
}

// Help shows an example below the flags.
func (exportCmd) Help() string {
	return `Examples:
  orchid export runs/text --pytorch exported
  python exported/modeling_orchid.py                does PyTorch compute the same numbers?
  python exported/example.py "a text"`
}

// Run writes the form that a flag names.
func (c exportCmd) Run(ctx context.Context, g *Globals) error {
	if c.PyTorch == "" {
		return usageError{errors.New("say which form, as in --pytorch OUT")}
	}
	if err := export.PyTorch(ctx, c.Dir, c.PyTorch); err != nil {
		return err
	}
	newScreen(g.Quiet).line("written to %s; compare with: python %s", c.PyTorch, quoted(c.PyTorch+"/"+export.ModelingFile))
	return nil
}
