package glue

import (
	"context"
	"errors"
	"fmt"

	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/text"
	"github.com/orchid-seq/orchid/tokenize"
)

// Config is a task of GLUE with its model.
type Config struct {
	Name string `yaml:"name"`
	Data string `yaml:"data"` // folder of the tasks' folders
	// Truncate lets texts be cut to what the model takes.
	Truncate bool `yaml:"truncate"`
	// BadLines stops at a line that cannot be read, or skips and counts it.
	BadLines string `yaml:"bad-lines"`
	// Cache is the folder for scores of trivial models, "" for orchid in the user's
	// cache folder.
	Cache string         `yaml:"cache"`
	Fit   text.FitConfig `yaml:",inline"`
}

// Default names no task yet.
func Default() Config {
	return Config{Truncate: true, BadLines: "stop", Fit: text.DefaultFit()}
}

// Validate returns every fault that can be seen without the data.
func (c Config) Validate() error {
	var f fault.List
	if c.Name == "" {
		f.Add(errors.New("name: say which task, as in name=sst-2"))
	} else {
		_, err := Find(c.Name)
		f.Add(err)
	}
	f.Check(c.Data != "", "data: name the folder that holds CoLA, SST-2 and so on, as in data=path/to/glue")
	f.OneOf("bad-lines", c.BadLines, "stop", "skip")
	f.Add(c.Fit.Validate())
	return f.Err()
}

// New builds a model for a task of GLUE and draws its weights.
func New(ctx context.Context, c *Config, seed uint64, env task.Env) (*text.Task, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	t, err := Find(c.Name)
	if err != nil {
		return nil, err
	}
	classes := t.Labels
	return text.NewTask(ctx, &c.Fit, &classes, files{t, *c, env}, seed, env)
}

// files is the source of a task's examples.
type files struct {
	Task
	c   Config
	env task.Env
}

// Columns implements text.Source: GLUE itself calls them by many names.
func (f files) Columns() []string {
	if f.Pair {
		return []string{"text", "pair"}
	}
	return []string{"text"}
}

// Cache implements text.Source.
func (f files) Cache() string { return f.c.Cache }

// Classes implements text.Source.
func (f files) Classes(context.Context, *tokenize.Tokenizer, func(done, total int)) ([]string, error) {
	return f.Labels, nil
}

// Splits implements text.Source: dev first, since the labels of test are mostly
// not published.
func (f files) Splits() []string {
	splits := []string{"dev"}
	for _, s := range f.Task.Splits() {
		if s != "dev" {
			splits = append(splits, s)
		}
	}
	return splits
}

// Texts implements text.Source.
func (f files) Texts(_ context.Context, split string) ([]task.Example, error) {
	list, err := f.Read(f.c.Data, split)
	var bad BadLines
	if errors.As(err, &bad) && f.c.BadLines == "skip" {
		err = nil
	}
	return list, err
}

// Open implements text.Source.
func (f files) Open(ctx context.Context, split string, words *tokenize.Tokenizer, longest int, _ []string, _ func(done, total int)) (text.Examples, error) {
	list, err := f.Read(f.c.Data, split)
	var bad BadLines
	if errors.As(err, &bad) && f.c.BadLines == "skip" {
		f.env.Say(fmt.Sprintf("%s: %d bad lines skipped: %v", f.Name, len(bad), bad))
		err = nil
	}
	if err != nil {
		return nil, err
	}
	e, err := text.NewExamples(list, words, longest, f.c.Truncate)
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w; truncate=true cuts it", f.Name, split, err)
	}
	return e, nil
}

// Describe implements text.Source.
func (f files) Describe() string { return fmt.Sprintf("GLUE %s: %s", f.Name, f.c.Data) }
