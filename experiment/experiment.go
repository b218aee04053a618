// Package experiment joins a task with its training: named settings, the
// presets, and the model folder on disk.
package experiment

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/config"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/image"
	"github.com/orchid-seq/orchid/task/recall"
	"github.com/orchid-seq/orchid/train"
)

// An Experiment is the settings of a task and of its training.
type Experiment struct {
	Name     string // of the task
	Settings any    // of the task, a pointer to its Config
	Training train.Config

	validate func() error
	build    func(seed uint64) (task.Task, error)
	model    func() string
}

// experiments makes the default experiment of each task.
var experiments = map[string]func() *Experiment{
	"recall": func() *Experiment {
		c, t := recall.Default(), train.Default()
		t.Steps, t.LR = 4000, 6e-3
		return &Experiment{
			Name: "recall", Settings: &c, Training: t, validate: func() error { return c.Validate() }, model: func() string { return c.Model.Describe() },
			build: func(seed uint64) (task.Task, error) { return built(recall.New(c, seed)) },
		}
	},
	"image": func() *Experiment {
		c, t := image.Default(), train.Default()
		t.Steps, t.Epochs, t.LR, t.Decay, t.EvalEvery = 0, 5, 1e-3, 0.03, 0
		return &Experiment{
			Name: "image", Settings: &c, Training: t, validate: func() error { return c.Validate() }, model: func() string { return c.Model.Describe() },
			build: func(seed uint64) (task.Task, error) { return built(image.New(&c, seed)) },
		}
	},
}

// built keeps a nil pointer from becoming a task that is not nil.
func built[T task.Task](t T, err error) (task.Task, error) {
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Names lists the tasks.
func Names() []string { return slices.Sorted(maps.Keys(experiments)) }

// New returns the default experiment of a task.
func New(name string) (*Experiment, error) {
	make, ok := experiments[name]
	if !ok {
		return nil, fmt.Errorf("no task %q; there are: %s", name, strings.Join(Names(), ", "))
	}
	return make(), nil
}

// List returns all settings, the task's before those of training.
func (e *Experiment) List() []config.Setting { return config.Settings(e.Settings, &e.Training) }

// Model describes the model in a few words.
func (e *Experiment) Model() string { return e.model() }

// Validate returns every fault of the settings.
func (e *Experiment) Validate() error { return errors.Join(e.validate(), e.Training.Validate()) }

// Build makes the task with its model. Settings that the data decides are
// filled in.
func (e *Experiment) Build() (task.Task, error) { return e.build(e.Training.Seed) }

// Override applies key=value arguments.
func (e *Experiment) Override(args []string) error {
	keys, err := config.Override(e.List(), args)
	e.eitherStepsOrEpochs(keys)
	return err
}

// ReadFile applies the settings of a YAML file.
func (e *Experiment) ReadFile(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	keys, err := config.Decode(e.List(), path, 1, text)
	e.eitherStepsOrEpochs(keys)
	return err
}

//go:embed presets
var presets embed.FS

// Presets names the presets of the task.
func (e *Experiment) Presets() (names []string) {
	files, _ := fs.Glob(presets, path.Join("presets", e.Name, "*.yaml"))
	for _, f := range files {
		names = append(names, strings.TrimSuffix(path.Base(f), ".yaml"))
	}
	return names
}

// Preset applies named settings.
func (e *Experiment) Preset(name string) error {
	text, err := fs.ReadFile(presets, path.Join("presets", e.Name, name+".yaml"))
	if err != nil {
		return fmt.Errorf("no preset %q for %s; there are: %s", name, e.Name, strings.Join(e.Presets(), ", "))
	}
	keys, err := config.Decode(e.List(), "preset "+name, 1, text)
	e.eitherStepsOrEpochs(keys)
	return err
}

// eitherStepsOrEpochs lets the one that was asked for win over a default of the
// other.
func (e *Experiment) eitherStepsOrEpochs(keys []string) {
	steps, epochs := slices.Contains(keys, "steps"), slices.Contains(keys, "epochs")
	switch {
	case steps && !epochs:
		e.Training.Epochs = 0
	case epochs && !steps:
		e.Training.Steps = 0
	}
}
