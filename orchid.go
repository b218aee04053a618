// Package orchid uses models of text that "orchid train" has made: it gives
// vectors, classifies, and fills masks, for texts of any length that the model
// takes.
//
//	m, err := orchid.Open(ctx, "runs/text", orchid.Options{})
//	defer m.Close()
//	results, err := m.Classify(ctx, orchid.ClassifyOptions{}, orchid.Input{A: "a text"})
//
// What a text gives does not depend on the texts beside it, bit for bit. Nothing
// is cut unless Truncate asks for it, and then the result says how much.
package orchid

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/vec"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
	"github.com/orchid-seq/orchid/tokenize"
)

// An Input is a text, a pair of texts, or the ids of one.
type Input = language.Input

// An Encoding is a text as the model reads it: its tokens, and the bytes that each
// stands for.
type Encoding = tokenize.Encoding

// Options say how a model is opened.
type Options struct {
	// KeepBytes bounds the memory for static kernels that are kept from one call to
	// the next, by their lengths; 0 is 64 MB, below 0 none. Unless it is below 0,
	// weights are kept in the layout of products too, in as much memory again.
	KeepBytes int
	// Unchecked leaves out the checksums and the self-test of the folder.
	Unchecked bool
}

// keepBytes is the default of Options.KeepBytes.
const keepBytes = 64 << 20

// A Model is a trained model of text. It is safe for concurrent use.
type Model struct {
	experiment *experiment.Experiment
	task       task.Task
	embedder   language.Embedder // the task
	info       Info
}

// Open reads the model folder dir. The data that it was trained on is not needed.
// A file that is not the one the training wrote is an
// *experiment.ChecksumError, a model that computes other numbers here than where it
// was trained an *experiment.SelfTestError.
func Open(ctx context.Context, dir string, o Options) (*Model, error) {
	if !o.Unchecked {
		if err := experiment.CheckFolder(dir); err != nil {
			return nil, err
		}
	}
	e, err := experiment.ReadConfig(dir)
	if err != nil {
		return nil, err
	}
	if !e.OfText() {
		return nil, &TaskError{Dir: dir, Task: e.Name, Want: "a model of text"}
	}
	t, err := e.ReadModel(ctx, dir)
	if err != nil {
		return nil, err
	}
	m := &Model{experiment: e, task: t}
	if err := m.open(dir, o); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

func (m *Model) open(dir string, o Options) error {
	var ok bool
	if m.embedder, ok = m.task.(language.Embedder); !ok {
		return &TaskError{Dir: dir, Task: m.experiment.Name, Want: "a model of text"}
	}
	for _, p := range m.task.Params() {
		if !vec.AllFinite(p.Data) {
			return fmt.Errorf("%s: %s has a value that is not finite: the training failed, or the file is damaged", dir, p.Name)
		}
	}
	if !o.Unchecked {
		if err := experiment.CheckModel(dir, m.task); err != nil {
			return err
		}
	}
	if o.KeepBytes == 0 {
		o.KeepBytes = keepBytes
	}
	m.embedder.Keep(max(0, o.KeepBytes))
	if o.KeepBytes > 0 {
		for _, p := range m.task.Params() {
			p.Fix(true)
		}
	}
	m.info = m.describe(dir)
	return nil
}

// Close gives back what the model holds beside its memory. It must not be used
// afterwards.
func (m *Model) Close() error {
	if c, ok := m.task.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// A TaskError says that a model cannot do what is asked of it.
type TaskError struct {
	Dir  string // the folder
	Task string // what the model was trained for
	Want string // what does it, as in "a model of text"
}

// Error names the folder, its task and what is wanted.
func (e *TaskError) Error() string {
	return fmt.Sprintf("%s: a model of the task %s, not %s", e.Dir, e.Task, e.Want)
}

// An OptionError says that a model cannot do what an option asks for.
type OptionError struct {
	Option string // its field, as in "Dimensions", or parameter, as in "block"
	Text   string // what is wrong, and what is wanted
}

// Error says what is wrong, and what is wanted.
func (e *OptionError) Error() string { return e.Text }

// wrongOption is an *OptionError.
func wrongOption(option, format string, args ...any) error {
	return &OptionError{option, fmt.Sprintf(format, args...)}
}

// A LengthError says that a text has more tokens than the model takes.
type LengthError = tokenize.LengthError

// Tokens returns the tokens of a text, special ones around it included. The error is
// a *LengthError if they are more than the model takes, unless truncate lets the rest
// be cut.
func (m *Model) Tokens(in Input, truncate bool) (Encoding, error) {
	return in.Encode(m.embedder.Tokenizer(), m.info.MaxTokens, truncate)
}

// Word returns the word of an id as the vocabulary writes it; "" if there is none.
func (m *Model) Word(id int) string {
	if id < 0 || id >= m.info.Vocabulary {
		return ""
	}
	return m.embedder.Tokenizer().Word(id)
}
