package experiment

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/orchid-seq/orchid/task"
)

// From returns the folder that the settings name to begin with, "" for none.
func (e *Experiment) From() string {
	if e.language == nil {
		return ""
	}
	return e.language.From
}

// Resolve returns the experiment of a task with settings on top of what they
// imply: those of the folder to begin with, and the protocol of a task of GLUE.
// apply sets them and is called twice if they imply anything.
func Resolve(name string, apply func(e *Experiment) error) (*Experiment, error) {
	e, err := New(name)
	if err != nil {
		return nil, err
	}
	if err := apply(e); err != nil || e.From() == "" && e.protocol == nil {
		return e, err
	}
	base, err := New(name)
	if err != nil {
		return nil, err
	}
	if base.protocol != nil {
		base.protocol(e)
	}
	if from := e.From(); from != "" {
		if err := base.begin(from); err != nil {
			return nil, err
		}
	}
	return base, apply(base)
}

// begin takes model and tokenizer from a folder whose weights the training will
// begin with: one of ours that holds a model of text, or one of Hugging Face
// that holds a BERT.
func (e *Experiment) begin(dir string) error {
	if e.language == nil {
		return fmt.Errorf("from=%s: the task %s cannot begin with other weights", dir, e.Name)
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return fmt.Errorf("from=%s: a file: name the folder that it is in", dir)
	}
	foreign, err := e.language.HuggingFace(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("from=%s: no %s there: name a folder that orchid train has written, or one of a BERT from Hugging Face", dir, ConfigFile)
	case err != nil:
		return fmt.Errorf("from=%s: %w", dir, err)
	case !foreign:
		other, err := ReadConfig(dir)
		if err != nil {
			return fmt.Errorf("from=%w", err)
		}
		if other.language == nil {
			return fmt.Errorf("from=%s: a model of the task %s, not one of text", dir, other.Name)
		}
		*e.language = *other.language
	}
	e.language.From, e.language.Tokenizer = dir, dir
	return nil
}

// LoadFrom gives the model of a task the weights of the folder to begin with, if
// there is one, and returns the names of those that are drawn anew. A head is
// taken over only from the same task with the same classes.
func (e *Experiment) LoadFrom(t task.Task) (fresh []string, err error) {
	if e.From() == "" {
		return nil, nil
	}
	same := false
	if other, err := ReadConfig(e.From()); err == nil {
		same = other.Name == e.Name
		for _, key := range []string{"classes", "labels", "name"} {
			irrelevant := key == "classes" && e.Setting("labels") == string(task.Number)
			same = same && (irrelevant || other.Setting(key) == e.Setting(key))
		}
	}
	return e.language.Load(t.Params(), same)
}

// Setting returns the value of a key as text, "" if there is none.
func (e *Experiment) Setting(key string) string {
	for _, s := range e.List() {
		if s.Key == key {
			return s.String()
		}
	}
	return ""
}
