package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/live"
	"github.com/orchid-seq/orchid/report"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/train"
)

type trainCmd struct {
	Task      string   `arg:"" optional:"" help:"${tasks}; a recipe names its own."`
	Overrides []string `arg:"" optional:"" name:"key=value" help:"Settings, as in lr=2e-3 mixer=attention; --keys lists them."`
	Config    string   `help:"YAML file with settings, or a recipe." placeholder:"FILE"`
	Preset    string   `help:"Named settings; a name that is none lists them." placeholder:"NAME"`
	Out       string   `help:"Folder to write; by default a new one in runs/." placeholder:"DIR"`
	Resume    bool     `help:"Go on with the run in --out, bit for bit."`
	Seeds     int      `help:"Train so often, with as many seeds, in folders below --out, and show mean and deviation; by default once, or as the recipe says." placeholder:"N"`
	Force     bool     `help:"Train although it seems to need more memory than there is; see orchid plan."`
	Keys      bool     `help:"List all settings with their values and stop."`
	JSON      bool     `name:"json" help:"Print the result as a JSON object."`
	UI        pageFlag `name:"ui" help:"Show the training on a page of this machine while it goes on; --ui=HOST:PORT says where."`

	// again is the command that goes on with the runs that this one belongs to; ""
	// for a run of its own.
	again string `kong:"-"`
	// recipe is what Config holds, nil for plain settings.
	recipe *experiment.Recipe `kong:"-"`
	// page is the live one, nil for none.
	page *live.Server `kong:"-"`
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
  orchid train --config recipes/recall-128.yaml      a row of the paper's tables
  orchid train recall --ui                           with a page that shows how it goes
  orchid train recall --out runs/recall --resume     go on after Ctrl-C or a crash`
}

// Run trains.
func (c trainCmd) Run(ctx context.Context, g *Globals) error {
	if err := c.readRecipe(); err != nil {
		return err
	}
	return c.withPage(ctx, g)
}

func (c trainCmd) run(ctx context.Context, g *Globals) error {
	names := c.glueTasks()
	if many := c.Seeds != 1 || len(names) > 1; many && !c.Keys {
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
	compareRecipe(e, []trainResult{r}, newScreen(g.Quiet))
	fmt.Fprintf(stdout, "%s: %s; %s steps in %s\n", e.Training.EvalSplit, sentence(r.Metrics, scoreOf(e)), numeral.Thousands(r.Steps), time.Duration(r.Seconds*1e9).Round(time.Second))
	newScreen(g.Quiet).line("model folder: %s (orchid eval %s, orchid inspect %s)", r.Dir, r.Dir, r.Dir)
	return nil
}

// train runs one training to its end and writes the model.
func (c trainCmd) train(ctx context.Context, g *Globals, e *experiment.Experiment) (none trainResult, err error) {
	if err := e.Validate(); err != nil {
		return none, usageError{err}
	}
	if c.Resume && e.Imported() {
		return none, usageError{fmt.Errorf("%s was imported: there is no training to go on with; begin one with orchid train %s from=%s data=PATH --out ANOTHER", c.Out, c.Task, c.Out)}
	}
	if err := c.buildable(e); err != nil {
		return none, err
	}
	show := newScreen(g.Quiet)
	show.score = scoreOf(e)
	defer show.close()
	t, err := prepared(ctx, e, show)
	if err != nil {
		return none, err
	}
	defer func() { err = errors.Join(err, closeTask(t)) }()
	if err := e.Training.Check(t); err != nil {
		return none, usageError{err}
	}
	if err := c.checkData(t); err != nil {
		return none, err
	}
	if err := c.fits(e, t); err != nil {
		return none, err
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
	show.line("%s", t.Describe())
	show.line("model: %s, %s parameters%s", e.Model(), numeral.Thousands(autograd.Count(t.Params())), weights)
	show.line("run: %s, seed %d, %d threads, %s kernels", dir, e.Training.Seed, par.Threads(), cpu.Best())
	o := c.observer(show)
	o.Begin = func() error { return c.begin(dir, e, t) }
	evaluated, unwritten := o.Evaluated, error(nil)
	o.Evaluated = func(step int, split string, m map[string]float64) {
		evaluated(step, split, m)
		unwritten = writeConfusion(dir, split, t) // now: a run that goes on after its last step evaluates no more
	}
	result, err := train.Run(ctx, e.Training, t, dir, c.Resume, o)
	goOn := c.again
	if goOn == "" {
		goOn = fmt.Sprintf("orchid train %s --out %s --resume", c.Task, quoted(dir))
	}
	if err == nil {
		err = unwritten
	}
	if err == nil {
		err = mismatched(ctx, e, t, dir, &result, show)
	}
	show.close()
	switch {
	case errors.Is(err, train.ErrInterrupted):
		return none, fmt.Errorf("%w; saved. Go on with: %s", err, goOn)
	case errors.Is(err, syscall.ENOSPC):
		return none, fmt.Errorf("%w; free some space, then go on with: %s", err, goOn)
	case errors.As(err, new(*autograd.InputError)):
		return none, fmt.Errorf("%w. Go on with: %s", err, goOn)
	case errors.Is(err, context.Canceled):
		return none, fmt.Errorf("%w after the last step; saved. Go on with: %s", train.ErrInterrupted, goOn)
	case err != nil:
		return none, err
	}
	if err := e.WriteModel(dir, t, card{name: experiment.FolderName(dir), experiment: e, task: t, result: result}.bytes()); err != nil {
		return none, err
	}
	return trainResult{c.Task, result.Steps, result.Seconds, result.Metrics, result.Parameters, dir}, nil
}

// writeConfusion keeps what the last evaluation of a task took each class for, if
// the task knows.
func writeConfusion(dir, split string, t task.Task) error {
	k, ok := t.(task.Confused)
	if !ok || k.Confusion() == nil {
		return nil
	}
	c := report.Confusion{Classes: k.Classes(), Split: split, Counts: k.Confusion().Counts()}
	return c.Write(dir)
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

// begin writes what a run's folder holds from its beginning. The settings come after
// what a run cannot go on without, since a folder without them is none to go on with.
func (c trainCmd) begin(dir string, e *experiment.Experiment, t task.Task) error {
	if f, ok := t.(task.Filer); ok && !c.Resume {
		if err := f.WriteFiles(dir); err != nil {
			return err
		}
	}
	if err := e.WriteConfig(dir); err != nil {
		return err
	}
	if err := experiment.WriteSample(dir, t); err != nil {
		return err
	}
	if c.page != nil {
		c.page.Watch(dir)
	}
	return c.keepRecipe(dir)
}

// prepared builds a task and reads its data.
func prepared(ctx context.Context, e *experiment.Experiment, show *screen) (task.Task, error) {
	surround(e, show)
	t, err := e.Build(ctx)
	if err != nil {
		return nil, err
	}
	if err = t.Prepare(ctx, show.counter("reading")); err != nil {
		return nil, errors.Join(err, closeTask(t))
	}
	show.close()
	return t, nil
}

// closeTask lets go of the files of a task that holds some.
func closeTask(t task.Task) error {
	if c, ok := t.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// surround gives a task the screen and the forms of files.
func surround(e *experiment.Experiment, show *screen) {
	e.Env.Formats = formats
	said := map[string]bool{} // some data are opened several times
	var mu sync.Mutex
	e.Env.Note = func(text string) {
		mu.Lock()
		defer mu.Unlock()
		if !said[text] {
			said[text] = true
			show.line("orchid: %s", text)
		}
	}
	e.Env.Report = func(what string, done, total int) { show.counter(what)(done, total) }
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
