package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/orchid-seq/orchid/data/text"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/task"
)

// mostNumbers bounds what inputs of files are computed together, beside mostTexts.
const mostNumbers = 1 << 20

// A fileLine is what the model says of an input of a file.
type fileLine struct {
	File string `json:"file"` // of several inputs with its line
	task.Prediction
	Error string `json:"error,omitempty"` // why nothing is said
}

// A fileBatch is inputs of files that are computed together and written in their
// order.
type fileBatch struct {
	predictCmd
	task   task.FileClassifier
	lines  []fileLine
	inputs [][]float32 // nil beside an error
	size   int         // numbers of the inputs
	bad    int         // inputs so far that could not be read
}

// ofFiles predicts with a model of whole files: pictures, recordings, time series.
func (c predictCmd) ofFiles(ctx context.Context, e *experiment.Experiment) (err error) {
	if err := c.onlyFiles(); err != nil {
		return usageError{err}
	}
	if err := experiment.CheckFolder(c.Dir); err != nil {
		return err
	}
	t, err := e.ReadModel(ctx, c.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeTask(t)) }()
	k, ok := t.(task.FileClassifier)
	if !ok {
		return fmt.Errorf("%s: a model of the task %s, whose inputs stand in no files", c.Dir, e.Name)
	}
	if err := experiment.CheckModel(c.Dir, t); err != nil {
		return err
	}
	files, err := text.FilesOf(k.Endings(), c.Files...)
	if err != nil {
		return err
	}
	b := fileBatch{predictCmd: c, task: k}
	for _, path := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		inputs, names, err := k.ReadFile(path)
		if err != nil {
			inputs, names = [][]float32{nil}, []string{path}
		}
		for i, x := range inputs {
			if err := b.add(ctx, names[i], x, err); err != nil || stdout.err != nil {
				return err // run says what is wrong with stdout
			}
		}
	}
	if err := b.flush(ctx); err != nil || stdout.err != nil {
		return err
	}
	if b.bad > 0 {
		return fmt.Errorf("%s could not be read; their lines say why", numeral.Plural(b.bad, "input"))
	}
	return nil
}

// onlyFiles refuses what concerns texts alone.
func (c predictCmd) onlyFiles() error {
	for _, f := range []struct {
		name string
		set  bool
	}{{"--truncate", c.Truncate}, {"--format", c.Format != ""}, {"--text-column", c.TextColumn != ""}, {"--pair-column", c.PairColumn != ""}, {"--document", c.Document != ""}} {
		if f.set {
			return fmt.Errorf("%s: %s is no model of text", f.name, c.Dir)
		}
	}
	if len(c.Files) == 0 || len(c.Files) == 1 && c.Files[0] == "-" {
		return fmt.Errorf("%s reads whole files: name them behind it", c.Dir)
	}
	return nil
}

// add puts an input, or why there is none, behind the others.
func (b *fileBatch) add(ctx context.Context, name string, x []float32, err error) error {
	b.lines, b.inputs, b.size = append(b.lines, fileLine{File: name}), append(b.inputs, x), b.size+len(x)
	if err != nil {
		b.lines[len(b.lines)-1].Error = err.Error()
	}
	if len(b.lines) < mostTexts && b.size < mostNumbers && (err == nil || b.BadLines != "stop") {
		return nil
	}
	return b.flush(ctx)
}

// flush computes and writes what has come.
func (b *fileBatch) flush(ctx context.Context) error {
	if err := b.predict(ctx); err != nil {
		return err
	}
	for _, l := range b.lines {
		if l.Error != "" {
			if b.BadLines == "stop" {
				return fmt.Errorf("%s; --bad-lines skip writes this in its place and goes on", l.Error)
			}
			b.bad++
		}
		if err := printJSON(l); err != nil {
			return err
		}
	}
	b.lines, b.inputs, b.size = b.lines[:0], b.inputs[:0], 0
	return nil
}

// predict computes all inputs at once, or one by one if some cannot be.
func (b *fileBatch) predict(ctx context.Context) error {
	var good [][]float32
	var which []int
	for i, l := range b.lines {
		if l.Error == "" {
			good, which = append(good, b.inputs[i]), append(which, i)
		}
	}
	if len(good) == 0 {
		return ctx.Err()
	}
	list, err := b.task.Classify(ctx, good)
	if err == nil {
		for n, p := range list {
			b.lines[which[n]].Prediction = p
		}
		return nil
	}
	for n, i := range which {
		one, err := b.task.Classify(ctx, good[n:n+1])
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			b.lines[i].Error = fmt.Sprintf("%s: %v", b.lines[i].File, err)
		default:
			b.lines[i].Prediction = one[0]
		}
	}
	return nil
}
