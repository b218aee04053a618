package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/config"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/train"
)

type trainCmd struct {
	Task      string   `arg:"" help:"glue, image, mlm, recall or text."`
	Overrides []string `arg:"" optional:"" name:"key=value" help:"Settings, as in lr=2e-3 mixer=attention; --keys lists them."`
	Config    string   `help:"YAML file with settings." placeholder:"FILE"`
	Preset    string   `help:"Named settings; a name that is none lists them." placeholder:"NAME"`
	Out       string   `help:"Folder to write; by default a new one in runs/." placeholder:"DIR"`
	Resume    bool     `help:"Go on with the run in --out, bit for bit."`
	Seeds     int      `help:"Train so often, with as many seeds, in folders below --out, and show mean and deviation." default:"1" placeholder:"N"`
	Keys      bool     `help:"List all settings with their values and stop."`
	JSON      bool     `name:"json" help:"Print the result as a JSON object."`
}

// Help shows examples below the flags.
func (trainCmd) Help() string {
	return `Examples:
  orchid train recall                                in-context recall, in two minutes
  orchid train recall mixer=attention               the same with attention
  orchid train image --preset mnist data=path/to/mnist
  orchid train mlm --preset orchid-bert-mini data=books/ tokenizer=vocab.txt
  orchid train glue name=sst-2 data=path/to/glue from=runs/mlm
  orchid train glue name=all data=path/to/glue from=runs/mlm --seeds 3 --out runs/glue
  orchid train text data=train.csv text-column=review label-column=stars tokenizer=bytes
  orchid train recall --out runs/recall --resume     go on after Ctrl-C or a crash`
}

// Run trains.
func (c trainCmd) Run(ctx context.Context, g *Globals) error {
	if names := c.glueTasks(); c.Seeds != 1 || len(names) > 1 {
		return c.trainMany(ctx, g, names)
	}
	e, err := c.experiment(g)
	if err != nil {
		return err
	}
	if c.Keys {
		for _, s := range e.List() {
			fmt.Fprintf(stdout, "%-24s %s\n", s.Key, s)
		}
		return nil
	}
	r, err := c.train(ctx, g, e)
	switch {
	case err != nil:
		return err
	case c.JSON:
		return printJSON(r)
	}
	fmt.Fprintf(stdout, "%s: %s; %s steps in %s\n", e.Training.EvalSplit, sentence(r.Metrics), thousands(r.Steps), time.Duration(r.Seconds*1e9).Round(time.Second))
	newScreen(g.Quiet).line("model folder: %s (orchid eval %s, orchid inspect %s)", r.Dir, r.Dir, r.Dir)
	return nil
}

// train runs one training to its end and writes the model.
func (c trainCmd) train(ctx context.Context, g *Globals, e *experiment.Experiment) (none trainResult, err error) {
	if err := e.Validate(); err != nil {
		return none, usageError{err}
	}
	show := newScreen(g.Quiet)
	t, err := prepared(ctx, e, show)
	if err != nil {
		return none, err
	}
	if err := e.Training.Check(t); err != nil {
		return none, usageError{err}
	}
	weights, err := c.weights(e, t)
	if err != nil {
		return none, err
	}
	dir, unlock, err := c.folder()
	if err != nil {
		return none, err
	}
	defer unlock()
	if err := begin(dir, e, t, c.Resume); err != nil {
		return none, err
	}
	show.line("%s", t.Describe())
	show.line("model: %s, %s parameters%s", e.Model(), thousands(autograd.Count(t.Params())), weights)
	show.line("run: %s, seed %d, %d threads, %s kernels", dir, e.Training.Seed, par.Threads(), cpu.Best())
	result, err := train.Run(ctx, e.Training, t, dir, c.Resume, show.observer())
	show.close()
	goOn := fmt.Sprintf("orchid train %s --out %s --resume", c.Task, quoted(dir))
	switch {
	case errors.Is(err, train.ErrInterrupted):
		return none, fmt.Errorf("%w; saved. Go on with: %s", err, goOn)
	case errors.Is(err, syscall.ENOSPC):
		return none, fmt.Errorf("%w; free some space, then go on with: %s", err, goOn)
	case err != nil:
		return none, err
	}
	if err := e.WriteModel(dir, t, card(e, t, result)); err != nil {
		return none, err
	}
	return trainResult{c.Task, result.Steps, result.Seconds, result.Metrics, result.Parameters, dir}, nil
}

// weights loads those that the settings begin with and says so. A run that goes
// on has them in its checkpoints.
func (c trainCmd) weights(e *experiment.Experiment, t task.Task) (string, error) {
	if e.From() == "" || c.Resume && train.Begun(c.Out) {
		return "", nil
	}
	fresh, err := e.LoadFrom(t)
	return fmt.Sprintf("; weights from %s%s", e.From(), but(fresh)), err
}

// begin writes what a run's folder holds from its beginning. The settings come
// last, since a folder without them is none to go on with.
func begin(dir string, e *experiment.Experiment, t task.Task, resume bool) error {
	if f, ok := t.(task.Filer); ok && !resume {
		if err := f.WriteFiles(dir); err != nil {
			return err
		}
	}
	return e.WriteConfig(dir)
}

// prepared builds a task and reads its data.
func prepared(ctx context.Context, e *experiment.Experiment, show *screen) (task.Task, error) {
	surround(e, show)
	t, err := e.Build(ctx)
	if err != nil {
		return nil, err
	}
	err = t.Prepare(ctx, show.counter())
	show.close()
	return t, err
}

// surround gives a task the screen and the forms of files.
func surround(e *experiment.Experiment, show *screen) {
	e.Env.Formats = formats
	e.Env.Note = func(text string) { show.line("orchid: %s", text) }
	e.Env.Report = show.counter()
}

// but names the parts of a model that weights were not found for.
func but(fresh []string) string {
	var parts []string
	for _, name := range fresh {
		part, _, _ := strings.Cut(name, ".")
		if !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	if parts == nil {
		return ""
	}
	return ", but anew: " + strings.Join(parts, ", ")
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

// experiment resolves defaults (or the settings of the run to resume), preset,
// file and arguments, in this order.
func (c trainCmd) experiment(g *Globals) (*experiment.Experiment, error) {
	apply := func(e *experiment.Experiment) error { return c.apply(e, g) }
	if !c.Resume {
		if !slices.Contains(experiment.Names(), c.Task) {
			return nil, usageError{fmt.Errorf("no task %q; there are: %s", c.Task, strings.Join(experiment.Names(), ", "))}
		}
		return experiment.Resolve(c.Task, apply)
	}
	e, err := c.stored()
	if err != nil {
		return nil, err
	}
	before := config.Texts(e.List())
	if err := apply(e); err != nil {
		return nil, err
	}
	d := config.Differences(e.List(), before)
	d = slices.DeleteFunc(d, func(s string) bool { // data may move; Run compares it
		key, _, _ := strings.Cut(s, "=")
		return slices.Contains([]string{"data", "eval-data", "test-data", "cache", "from"}, key)
	})
	if len(d) > 0 {
		return nil, usageError{fmt.Errorf("a resumed run keeps its settings; leave these out: %s", strings.Join(d, ", "))}
	}
	return e, nil
}

// apply puts preset, file and arguments on top of settings.
func (c trainCmd) apply(e *experiment.Experiment, g *Globals) error {
	if c.Preset != "" {
		if err := e.Preset(c.Preset); err != nil {
			return usageError{err}
		}
	}
	if c.Config != "" {
		if err := e.ReadFile(c.Config); err != nil {
			return usageError{err}
		}
	}
	if err := e.Override(c.Overrides); err != nil {
		return usageError{err}
	}
	if g.Seed != nil {
		e.Training.Seed = *g.Seed
	}
	return nil
}

// stored reads the experiment of the run to resume.
func (c trainCmd) stored() (*experiment.Experiment, error) {
	if c.Out == "" {
		return nil, usageError{errors.New("--resume needs --out DIR, the folder of the run")}
	}
	e, err := experiment.ReadConfig(c.Out)
	if err != nil {
		return nil, err
	}
	if e.Name != c.Task {
		return nil, usageError{fmt.Errorf("%s holds a run of the task %s, not %s", c.Out, e.Name, c.Task)}
	}
	return e, nil
}

// folder returns the run's folder, locked: that of the run to resume, the one
// asked for, which must be new or empty, or the first free name in runs/.
func (c trainCmd) folder() (dir string, unlock func(), err error) {
	switch {
	case c.Out == "":
		dir, err = c.freeName()
	case !c.Resume:
		dir, err = c.Out, os.MkdirAll(c.Out, 0o755)
	default:
		dir = c.Out
	}
	if err != nil {
		return "", nil, err
	}
	if unlock, err = train.Lock(dir); err != nil || c.Resume {
		return dir, unlock, err
	}
	entries, err := os.ReadDir(dir)
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() == train.LockFile })
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s exists: choose another --out, or go on with that run by --resume", dir)
	}
	if err != nil {
		unlock()
	}
	return dir, unlock, err
}

// freeName makes the first folder in runs/ that is not there yet.
func (c trainCmd) freeName() (string, error) {
	if err := os.MkdirAll("runs", 0o755); err != nil {
		return "", err
	}
	dir := filepath.Join("runs", c.Task)
	for n := 2; ; n++ {
		err := os.Mkdir(dir, 0o755) // fails if it exists, also if another run was faster
		if !errors.Is(err, fs.ErrExist) {
			return dir, err
		}
		dir = filepath.Join("runs", fmt.Sprintf("%s-%d", c.Task, n))
	}
}

// card writes the model card.
func card(e *experiment.Experiment, t task.Task, r train.Result) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# An Orchid model for %s\n\n%s\n\n", e.Name, t.Describe())
	fmt.Fprintf(&b, "- model: %s\n- parameters: %s\n- training: %s steps in %.0f s, seed %d\n- made by: orchid %s, %s, %s kernels\n\n",
		e.Model(), thousands(r.Parameters), thousands(r.Steps), r.Seconds, e.Training.Seed, version(), runtime.Version(), cpu.Best())
	fmt.Fprintf(&b, "| metric (%s) | value |\n|---|---|\n", e.Training.EvalSplit)
	for _, k := range slices.Sorted(maps.Keys(r.Metrics)) {
		fmt.Fprintf(&b, "| %s | %.4f |\n", k, r.Metrics[k])
	}
	b.WriteString("\nchance and majority are what guessing and the most frequent answer reach; context_majority is the value\nthat most keys of a sequence share; bag_of_words is the score of a regression on the words of the same texts.\n\n")
	b.WriteString("Use it with `orchid eval DIR`, `orchid inspect DIR` and `orchid verify DIR`. config.json holds every\nsetting; history.jsonl and events/ hold the curves.\n")
	return []byte(b.String())
}

// quoted writes a path as a shell takes it.
func quoted(path string) string {
	if strings.IndexFunc(path, func(r rune) bool {
		return !(r == '/' || r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r > 127)
	}) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
