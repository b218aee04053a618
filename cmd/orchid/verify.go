package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/checkpoint"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/mixer"
)

type verifyCmd struct {
	Files []string `arg:"" name:"file" help:"Golden files of the authors' layer, or model folders."`
	Dump  string   `help:"Write what was computed to files of the same names here." placeholder:"DIR"`
	JSON  bool     `name:"json" help:"Print a JSON object a file."`
}

// Help shows examples below the flags.
func (verifyCmd) Help() string {
	return `Examples:
  orchid verify ../shared/golden/*.safetensors
  orchid verify runs/recall`
}

// Run verifies every file, also after one has failed.
func (c verifyCmd) Run(ctx context.Context) error {
	if c.Dump != "" {
		if err := os.MkdirAll(c.Dump, 0o755); err != nil {
			return err
		}
	}
	passed := 0
	for _, path := range c.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		v, err := verify(ctx, path, c.Dump)
		if err != nil {
			status(err)
			continue
		}
		if v.Pass {
			passed++
		}
		if c.JSON {
			if err := printJSON(v); err != nil {
				return err
			}
		} else {
			fmt.Fprintln(stdout, verdict(v))
		}
	}
	if !c.JSON {
		fmt.Fprintf(stdout, "%d of %d passed (tolerance: output and input gradient %g, parameter gradients %g, of the largest value)\n", passed, len(c.Files), mixer.OutputTolerance, mixer.GradTolerance)
	}
	if passed < len(c.Files) {
		return errSaid
	}
	return nil
}

// verdict is the line for people.
func verdict(v mixer.Verification) string {
	word := "ok  "
	if !v.Pass {
		word = "FAIL"
	}
	line := fmt.Sprintf("%s %-62s output %.1e", word, filepath.Base(v.File), v.OutputError)
	if v.WorstGrad != "" {
		line += fmt.Sprintf("  input grad %.1e  worst grad %.1e (%s)", v.InputError, v.GradError, v.WorstGrad)
	}
	return line
}

func verify(ctx context.Context, path, dump string) (mixer.Verification, error) {
	info, err := os.Stat(path)
	if err != nil {
		return mixer.Verification{}, err
	}
	if !info.IsDir() {
		return mixer.Verify(path, dump)
	}
	return selfTest(ctx, path, dump)
}

// selfTest compares the files of a model folder with their checksums and recomputes
// its stored output.
func selfTest(ctx context.Context, dir, dump string) (mixer.Verification, error) {
	if err := experiment.CheckFolder(dir); err != nil {
		return mixer.Verification{}, err
	}
	stored, computed, err := experiment.SelfTest(ctx, dir)
	if err != nil {
		return mixer.Verification{}, err
	}
	v := mixer.CompareOutput(dir, computed.Data, stored.Data)
	if dump != "" {
		out := []*autograd.Param{{Name: "output", Tensor: *computed}}
		err = checkpoint.Save(filepath.Join(dump, filepath.Base(filepath.Clean(dir))+".safetensors"), out, nil)
	}
	return v, err
}
