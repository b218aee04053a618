// Package experiment joins a task with its training: named settings, the
// presets, and the model folder on disk.
package experiment

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/config"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/glue"
	"github.com/orchid-seq/orchid/task/image"
	"github.com/orchid-seq/orchid/task/language"
	"github.com/orchid-seq/orchid/task/layer"
	"github.com/orchid-seq/orchid/task/mlm"
	"github.com/orchid-seq/orchid/task/recall"
	"github.com/orchid-seq/orchid/task/signal"
	"github.com/orchid-seq/orchid/task/text"
	"github.com/orchid-seq/orchid/train"
)

// An Experiment is the settings of a task and of its training.
type Experiment struct {
	Name     string // of the task
	Settings any    // of the task, a pointer to its Config
	Training train.Config
	Card     Card

	// Env is what the task finds around it; ReadConfig sets its Folder.
	Env task.Env

	validate func() error
	build    func(ctx context.Context, seed uint64, env task.Env) (task.Task, error)
	model    func() string
	language *language.Config // within Settings, nil for tasks without text
	// batches is how many batches the settings of the task ask for, 0 if they leave
	// that to the training; nil for always.
	batches func() int
	// protocol sets what the settings of another experiment imply; nil for nothing.
	protocol func(other *Experiment)
}

// experiments makes the default experiment of each task.
var experiments = map[string]func() *Experiment{
	"recall": func() *Experiment {
		c, t := recall.Default(), train.Default()
		t.Steps, t.LR = 4000, 6e-3
		return &Experiment{
			Name: "recall", Settings: &c, Training: t, batches: func() int { return c.Batches() }, validate: func() error { return c.Validate() }, model: func() string { return c.Model.Describe() },
			build: func(_ context.Context, seed uint64, _ task.Env) (task.Task, error) { return built(recall.New(c, seed)) },
		}
	},
	"image": func() *Experiment {
		c, t := image.Default(), train.Default()
		t.Steps, t.Epochs, t.LR, t.Decay, t.EvalEvery = 0, 5, 1e-3, 0.03, 0
		return &Experiment{
			Name: "image", Settings: &c, Training: t, validate: func() error { return c.Validate() }, model: func() string { return c.Model.Describe() },
			build: func(ctx context.Context, seed uint64, env task.Env) (task.Task, error) {
				return built(image.Open(ctx, &c, seed, env))
			},
		}
	},
	"speech": func() *Experiment {
		c, t := signal.DefaultSpeech(), train.Default()
		t.Steps, t.Epochs, t.LR, t.EvalEvery = 0, 20, 2e-3, 0
		return &Experiment{
			Name: "speech", Settings: &c, Training: t, validate: func() error { return c.Validate() }, model: func() string { return c.Fit.Model.Describe() },
			build: func(ctx context.Context, seed uint64, env task.Env) (task.Task, error) {
				return built(signal.NewSpeech(ctx, &c, seed, env))
			},
		}
	},
	"series": func() *Experiment {
		c, t := signal.DefaultSeries(), train.Default()
		t.Steps, t.Epochs, t.LR, t.EvalEvery = 0, 50, 1e-3, 0
		return &Experiment{
			Name: "series", Settings: &c, Training: t, validate: func() error { return c.Validate() }, model: func() string { return c.Fit.Model.Describe() },
			build: func(ctx context.Context, seed uint64, env task.Env) (task.Task, error) {
				return built(signal.NewSeries(ctx, &c, seed, env))
			},
		}
	},
	layerTask: func() *Experiment {
		c, t := layer.Default(), train.Default()
		return &Experiment{
			Name: layerTask, Settings: &c, Training: t, validate: func() error { return c.Validate() }, model: func() string { return c.Mixer.Describe() },
			build: func(_ context.Context, seed uint64, _ task.Env) (task.Task, error) { return built(layer.New(c, seed)) },
		}
	},
	"mlm": func() *Experiment {
		c, t := mlm.Default(), train.Default()
		t.Steps, t.LR, t.Decay, t.Schedule, t.FinalLR, t.Warmup, t.Eps, t.EvalSplit = 3000, 1e-3, 1e-5, "linear", 0.02, 0.06, 1e-6, "validation"
		return &Experiment{
			Name: "mlm", Settings: &c, Training: t, validate: func() error { return c.Validate() }, model: func() string { return c.Language.Model.Encoder.Describe() },
			build: func(_ context.Context, seed uint64, env task.Env) (task.Task, error) {
				return built(mlm.New(&c, seed, env))
			}, language: &c.Language,
		}
	},
	"text": func() *Experiment {
		c, t := text.Default(), train.Default()
		t = fineTuning(t)
		return &Experiment{
			Name: "text", Settings: &c, Training: t, validate: func() error { return c.Validate() }, model: func() string { return c.Fit.Language.Model.Encoder.Describe() },
			build: func(ctx context.Context, seed uint64, env task.Env) (task.Task, error) {
				return built(text.New(ctx, &c, seed, env))
			}, language: &c.Fit.Language,
		}
	},
	"glue": func() *Experiment {
		c, t := glue.Default(), train.Default()
		t = fineTuning(t)
		t.EvalSplit = "dev"
		e := &Experiment{
			Name: "glue", Settings: &c, validate: func() error { return c.Validate() }, model: func() string { return c.Fit.Language.Model.Encoder.Describe() },
			Training: t, language: &c.Fit.Language,
			build: func(ctx context.Context, seed uint64, env task.Env) (task.Task, error) {
				return built(glue.New(ctx, &c, seed, env))
			},
		}
		e.protocol = func(other *Experiment) {
			t, err := glue.Find(other.Settings.(*glue.Config).Name)
			if err != nil {
				return // Validate will say so
			}
			c.Fit.Batch, c.Fit.Pool.Pool = t.Batch, autograd.Pooling(t.Pool)
			e.Training.LR, e.Training.Decay, e.Training.Epochs = t.LR, t.Decay, float64(t.Epochs)
		}
		return e
	},
}

// fineTuning returns the settings of M2-BERT for labelled texts: linear decay to
// 0 after a warm-up of 6 %.
func fineTuning(t train.Config) train.Config {
	t.Steps, t.Epochs, t.LR, t.Decay, t.Eps = 0, 3, 5e-4, 0.01, 1e-6
	t.Schedule, t.FinalLR, t.Warmup = "linear", 0, 0.06
	t.EvalEvery, t.EvalSplit = 0, "validation"
	return t
}

// built keeps a nil pointer from becoming a task that is not nil.
func built[T task.Task](t T, err error) (task.Task, error) {
	if err != nil {
		return nil, err
	}
	return t, nil
}

// layerTask is that of folders which Import makes of a single layer: it cannot be
// trained.
const layerTask = "layer"

// Names lists the tasks that can be trained.
func Names() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(experiments)), func(name string) bool { return name == layerTask })
}

// New returns the default experiment of a task.
func New(name string) (*Experiment, error) {
	make, ok := experiments[name]
	if !ok {
		return nil, fmt.Errorf("no task %q; there are: %s", name, strings.Join(Names(), ", "))
	}
	e := make()
	e.Card.License = "unknown"
	return e, nil
}

// List returns all settings, the task's before those of training and of the card.
func (e *Experiment) List() []config.Setting {
	return config.Settings(e.Settings, &e.Training, &e.Card)
}

// OfText reports whether the model is one of text.
func (e *Experiment) OfText() bool { return e.language != nil }

// Model describes the model in a few words.
func (e *Experiment) Model() string { return e.model() }

// Validate returns every fault of the settings.
func (e *Experiment) Validate() error {
	return errors.Join(e.validate(), e.Training.Validate(), e.Card.Validate())
}

// Build makes the task with its model. Settings that the data decides are
// filled in.
func (e *Experiment) Build(ctx context.Context) (task.Task, error) {
	return e.build(ctx, e.Training.Seed, e.Env)
}

// EvalKey is the setting that names the data of an evaluation.
func (e *Experiment) EvalKey() string {
	for _, s := range e.List() {
		if s.Key == "eval-data" {
			return s.Key
		}
	}
	return "data"
}

// Override applies key=value arguments.
func (e *Experiment) Override(args []string) error {
	keys, err := config.Override(e.List(), args)
	e.length(keys)
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
	e.length(keys)
	return err
}

// length lets that of the training which was asked for win over a default of
// another form: steps, epochs, or the batches of the task.
func (e *Experiment) length(keys []string) {
	steps, epochs := slices.Contains(keys, "steps"), slices.Contains(keys, "epochs")
	switch {
	case steps && !epochs:
		e.Training.Epochs = 0
	case epochs && !steps:
		e.Training.Steps = 0
	}
	if e.batches != nil && slices.Contains(keys, "lengths") && !steps {
		if n := e.batches(); n > 0 {
			e.Training.Steps = max(1, n/max(1, e.Training.Accumulate))
		}
	}
}
