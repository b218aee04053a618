// Package export writes trained models for programs that are not ours.
package export

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/whole"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
	"github.com/orchid-seq/orchid/tokenize"
)

// ModelingFile computes, in a folder that PyTorch has written, what the model does.
const ModelingFile = "modeling_orchid.py"

// ExampleFile uses it.
const ExampleFile = "example.py"

//go:embed modeling_orchid.py examples/*.py
var python embed.FS

// examples are the files of the tasks.
var examples = map[string]string{
	"recall": "recall", "mlm": "mlm", "text": "text", "glue": "text", "image": "image", "speech": "signal", "series": "signal", "layer": "layer",
}

// PyTorch writes the model of a finished folder to another, new or empty, with a
// program that computes the same numbers in PyTorch: its weights and settings, its
// tokenizer if it has one, the program, and an example. It stays a model folder of
// ours. An error says what is wrong with the folders.
func PyTorch(ctx context.Context, dir, out string) error {
	if err := experiment.CheckFolder(dir); err != nil {
		return err
	}
	e, err := experiment.ReadConfig(dir)
	if err != nil {
		return err
	}
	example, ok := examples[e.Name]
	if !ok {
		return fmt.Errorf("%s: models of the task %s cannot be exported to PyTorch", dir, e.Name)
	}
	t, err := e.ReadModel(ctx, dir)
	if err != nil {
		return err
	}
	more, err := fields(e, t)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	if err := whole.NewFolder(out); err != nil {
		return err
	}
	files := append([]string{experiment.ModelFile, experiment.SelfTestFile, experiment.CardFile}, language.TokenizerFiles...)
	for _, name := range files {
		if err := whole.Copy(filepath.Join(out, name), filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for name, from := range map[string]string{ModelingFile: ModelingFile, ExampleFile: "examples/" + example + ".py"} {
		text, err := python.ReadFile(from)
		if err != nil {
			return err
		}
		if err := whole.WriteBytes(filepath.Join(out, name), text); err != nil {
			return err
		}
	}
	text, err := e.ConfigText(more...)
	if err != nil {
		return err
	}
	if err := whole.WriteBytes(filepath.Join(out, experiment.ConfigFile), text); err != nil {
		return err
	}
	return experiment.WriteSums(out)
}

// fields returns what the settings do not tell: the ids of special words, and for
// results over both strands of DNA the bases that pair.
func fields(e *experiment.Experiment, t task.Task) (list []experiment.Field, err error) {
	m, ok := t.(interface{ Tokenizer() *tokenize.Tokenizer })
	if !ok {
		return nil, nil
	}
	s := m.Tokenizer().Special()
	for _, word := range []struct {
		key string
		id  int
	}{{"pad", s.Pad}, {"unk", s.Unknown}, {"cls", s.Class}, {"sep", s.Separator}, {"mask", s.Mask}} {
		if word.id >= 0 {
			list = append(list, experiment.Field{Key: word.key + "_token_id", Value: word.id})
		}
	}
	if e.Setting("reverse-complement") == "mean" {
		pairs, err := m.Tokenizer().Complements()
		if err != nil {
			return nil, err
		}
		list = append(list, experiment.Field{Key: "complements", Value: pairs})
	}
	return list, nil
}
