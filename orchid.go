// Package orchid uses models of text that "orchid train" has made: it fills
// masks, classifies, and gives vectors, for texts of any length that the model
// takes.
//
//	m, err := orchid.Open(ctx, "runs/text", orchid.Options{})
//	defer m.Close()
//	predictions, err := m.Classify(ctx, orchid.Input{A: "a text"})
//
// What a text gives does not depend on the texts beside it, bit for bit.
package orchid

import (
	"context"
	"fmt"
	"io"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
	"github.com/orchid-seq/orchid/task/mlm"
	"github.com/orchid-seq/orchid/task/text"
)

// An Input is a text, or a pair of texts.
type Input = language.Input

// A Guess is a word for a hidden one.
type Guess = mlm.Guess

// A Prediction is what a classifier says of a text.
type Prediction = text.Prediction

// An InputError says which of several texts a model cannot read.
type InputError = language.InputError

// Options say how a model is used.
type Options struct {
	// Truncate cuts texts that have more words than the model takes; without it
	// they are an *InputError.
	Truncate bool
	// KeepBytes bounds the memory for static kernels that are kept from one call to
	// the next, by their lengths; 0 is 64 MB, below 0 none.
	KeepBytes int
}

// keepBytes is the default of Options.KeepBytes.
const keepBytes = 64 << 20

// A Model is a trained model of text. It is safe for concurrent use.
type Model struct {
	experiment *experiment.Experiment
	task       task.Task
	o          Options
}

// Open reads the model folder dir. The data that it was trained on is not
// needed.
func Open(ctx context.Context, dir string, o Options) (*Model, error) {
	e, err := experiment.ReadConfig(dir)
	if err != nil {
		return nil, err
	}
	t, err := e.ReadModel(ctx, dir)
	if err != nil {
		return nil, err
	}
	if _, ok := t.(embedder); !ok {
		return nil, fmt.Errorf("%s: a model of the task %s, not one of text", dir, e.Name)
	}
	if k, ok := t.(interface{ Keep(bytes int) }); ok && o.KeepBytes >= 0 {
		if o.KeepBytes == 0 {
			o.KeepBytes = keepBytes
		}
		k.Keep(o.KeepBytes)
	}
	return &Model{e, t, o}, nil
}

// What tasks may do with texts.
type (
	embedder interface {
		Embed(ctx context.Context, texts []language.Input, truncate bool) ([][]float32, error)
	}
	classifier interface {
		Classify(ctx context.Context, texts []language.Input, truncate bool) ([]text.Prediction, error)
	}
	filler interface {
		FillMask(ctx context.Context, text string, most int, truncate bool) ([][]mlm.Guess, error)
	}
)

// Task names the task that the model was trained for: mlm, text or glue.
func (m *Model) Task() string { return m.experiment.Name }

// Settings returns the settings that the model was trained with, by their keys.
func (m *Model) Settings() map[string]string {
	all := map[string]string{}
	for _, s := range m.experiment.List() {
		all[s.Key] = s.String()
	}
	return all
}

// Columns names the fields of a record that hold the text and, for a model of
// pairs, the second text: those of the training data, else text and pair.
func (m *Model) Columns() []string {
	if c, ok := m.task.(interface{ Columns() []string }); ok {
		return c.Columns()
	}
	return []string{"text"}
}

// Classifies says whether the model has classes or values to give.
func (m *Model) Classifies() bool { _, ok := m.task.(classifier); return ok }

// Close gives back what the model holds beside its memory. It must not be used
// afterwards.
func (m *Model) Close() error {
	if c, ok := m.task.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// Embed returns a vector for each text: the mean of the last layer's rows, or
// what the head of a classifier sees.
func (m *Model) Embed(ctx context.Context, texts ...Input) ([][]float32, error) {
	if len(texts) == 0 {
		return nil, ctx.Err()
	}
	return m.task.(embedder).Embed(ctx, texts, m.o.Truncate)
}

// Classify returns the classes of texts, or their values.
func (m *Model) Classify(ctx context.Context, texts ...Input) ([]Prediction, error) {
	c, ok := m.task.(classifier)
	if !ok {
		return nil, fmt.Errorf("a model of the task %s has no classes", m.Task())
	}
	return c.Classify(ctx, texts, m.o.Truncate)
}

// FillMask returns the most probable words for each [MASK] in a text, best
// first; most is how many of them.
func (m *Model) FillMask(ctx context.Context, text string, most int) ([][]Guess, error) {
	if most < 1 {
		return nil, fmt.Errorf("%d words for a mask: want at least 1", most)
	}
	f, ok := m.task.(filler)
	if !ok {
		return nil, fmt.Errorf("a model of the task %s does not predict words", m.Task())
	}
	return f.FillMask(ctx, text, most, m.o.Truncate)
}
