package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/train"
)

type trainCmd struct {
	Task      string   `arg:"" enum:"recall,image" help:"recall or image."`
	Overrides []string `arg:"" optional:"" name:"key=value" help:"Settings, as in lr=2e-3 mixer=attention; --keys lists them."`
	Config    string   `help:"YAML file with settings." placeholder:"FILE"`
	Preset    string   `help:"Named settings: recall has paper; image has mnist, orchid-s, vit." placeholder:"NAME"`
	Out       string   `help:"Folder to write; by default a new one in runs/." placeholder:"DIR"`
	Resume    bool     `help:"Go on with the run in --out, bit for bit."`
	Keys      bool     `help:"List all settings with their values and stop."`
	JSON      bool     `name:"json" help:"Print the result as a JSON object."`
}

// Help shows examples below the flags.
func (trainCmd) Help() string {
	return `Examples:
  orchid train recall                                in-context recall, in a minute or two
  orchid train recall --preset paper mixer=attention the paper's setting, with attention
  orchid train image --preset mnist data=path/to/mnist
  orchid train recall --out runs/recall --resume     go on after Ctrl-C or a crash`
}

// Run trains.
func (c trainCmd) Run(ctx context.Context, g *Globals) error {
	e, err := c.experiment(g)
	if err != nil {
		return usageError{err}
	}
	if c.Keys {
		for _, s := range settings(e) {
			fmt.Printf("%-24s %s\n", s.key, s)
		}
		return nil
	}
	if c.Resume {
		if e, err = c.stored(e, g); err != nil {
			return err
		}
	}
	if err := e.training().Validate(); err != nil {
		return usageError{err}
	}
	t, err := e.build()
	if err != nil {
		return err
	}
	if err := t.Trainable(); err != nil {
		return err
	}
	dir, err := c.folder(e)
	if err != nil {
		return err
	}
	show := newScreen(g.Quiet)
	show.line("%s", t.Describe())
	show.line("model: %s, %s parameters", e.model(), thousands(autograd.Count(t.Params())))
	show.line("run: %s, seed %d, %d threads, %s kernels", dir, e.training().Seed, par.Threads(), cpu.Best())
	result, err := train.Run(ctx, *e.training(), t, dir, c.Resume, show.observer())
	show.close()
	goOn := fmt.Sprintf("orchid train %s --out %s --resume", c.Task, dir)
	switch {
	case errors.Is(err, train.ErrInterrupted):
		return fmt.Errorf("%w; saved. Go on with: %s", err, goOn)
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%w; free some space, then go on with: %s", err, goOn)
	case err != nil:
		return err
	}
	if err := writeModel(dir, c.Task, t, card(c.Task, e, t, result)); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(trainResult{c.Task, result.Steps, result.Seconds, result.Metrics, result.Parameters, dir})
	}
	fmt.Printf("%s: %s; %s steps in %s\n", e.training().EvalSplit, sentence(result.Metrics), thousands(result.Steps), time.Duration(result.Seconds*1e9).Round(time.Second))
	show.line("model folder: %s (orchid eval %s, orchid inspect %s)", dir, dir, dir)
	return nil
}

// trainResult is the line that --json prints.
type trainResult struct {
	Task       string             `json:"task"`
	Steps      int                `json:"steps"`
	Seconds    float64            `json:"seconds"`
	Metrics    map[string]float64 `json:"metrics"`
	Parameters int                `json:"parameters"`
	Dir        string             `json:"dir"`
}

// experiment resolves defaults, preset, file and arguments, in this order.
func (c trainCmd) experiment(g *Globals) (experiment, error) {
	e := experiments[c.Task]()
	if c.Preset != "" {
		if err := applyPreset(e, c.Task, c.Preset); err != nil {
			return nil, err
		}
	}
	if c.Config != "" {
		if err := decodeFile(e, c.Config, "task"); err != nil {
			return nil, err
		}
	}
	if err := override(e, c.Overrides); err != nil {
		return nil, err
	}
	if g.Seed != nil {
		e.training().Seed = *g.Seed
	}
	return e, nil
}

// stored returns the experiment of the run to resume; what was asked for
// beside --resume must not differ from it.
func (c trainCmd) stored(asked experiment, g *Globals) (experiment, error) {
	if c.Out == "" {
		return nil, usageError{errors.New("--resume needs --out DIR, the folder of the run")}
	}
	name, e, err := openConfig(c.Out)
	if err != nil {
		return nil, err
	}
	if name != c.Task {
		return nil, usageError{fmt.Errorf("%s holds a run of the task %s, not %s", c.Out, name, c.Task)}
	}
	if c.Preset != "" || c.Config != "" || len(c.Overrides) > 0 || g.Seed != nil {
		if d := differences(asked, e); len(d) > 0 {
			return nil, usageError{fmt.Errorf("a resumed run keeps its settings; leave these out: %s", strings.Join(d, ", "))}
		}
	}
	return e, nil
}

// folder returns the run's folder, made and with its configuration inside.
func (c trainCmd) folder(e experiment) (string, error) {
	if c.Resume {
		return c.Out, nil
	}
	dir := c.Out
	for n := 1; dir == ""; n++ {
		try := filepath.Join("runs", c.Task)
		if n > 1 {
			try = fmt.Sprintf("%s-%d", try, n)
		}
		if _, err := os.Stat(try); errors.Is(err, os.ErrNotExist) {
			dir = try
		}
	}
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		return "", fmt.Errorf("%s exists: choose another --out, or go on with that run by --resume", dir)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	return dir, writeBytes(filepath.Join(dir, configFile), encode(c.Task, e))
}

// card writes the model card.
func card(name string, e experiment, t task, r train.Result) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# An Orchid model for %s\n\n%s\n\n", name, t.Describe())
	fmt.Fprintf(&b, "- model: %s\n- parameters: %s\n- training: %s steps in %.0f s, seed %d\n- made by: orchid %s, %s, %s kernels\n\n",
		e.model(), thousands(r.Parameters), thousands(r.Steps), r.Seconds, e.training().Seed, version(), runtime.Version(), cpu.Best())
	fmt.Fprintf(&b, "| metric (%s) | value |\n|---|---|\n", e.training().EvalSplit)
	for _, k := range slices.Sorted(maps.Keys(r.Metrics)) {
		fmt.Fprintf(&b, "| %s | %.4f |\n", k, r.Metrics[k])
	}
	b.WriteString("\nchance and majority are what guessing and the most frequent answer reach.\n\n")
	b.WriteString("Use it with `orchid eval DIR`, `orchid inspect DIR` and `orchid verify DIR`. config.json holds every\nsetting; history.jsonl and events/ hold the curves.\n")
	return []byte(b.String())
}

func printJSON(v any) error { return json.NewEncoder(os.Stdout).Encode(v) }
