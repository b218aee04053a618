package orchid

import (
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/plan"
	"github.com/orchid-seq/orchid/task/language"
)

// Info says what a model is.
type Info struct {
	Name       string            // the last part of the folder's path
	Dir        string            // the folder
	Task       string            // what it was trained for: mlm, text or glue
	Model      string            // in a few words
	Parameters int               // numbers that were trained
	Width      int               // of a vector
	Layers     int               // blocks of the encoder
	MaxTokens  int               // of one text, special ones included; 0 for any number
	Vocabulary int               // tokens of the tokenizer
	Classes    []string          // in the order of the outputs; nil if it does not classify
	Values     bool              // it gives a value in place of classes
	Masks      bool              // it fills masks
	Columns    []string          // fields of the training data with the text and its pair
	Settings   map[string]string // all that it was trained with
}

// Info says what the model is. The caller must not change what it refers to.
func (m *Model) Info() Info { return m.info }

// Fits returns a *plan.TooLargeError if to read a text of so many tokens may take the
// process more than so many bytes in all. It reads made-up texts for up to some seconds
// to tell.
func (m *Model) Fits(tokens int, available int64) error {
	return plan.Subject{Experiment: m.experiment, Task: m.task, Served: true}.RefuseForward(tokens, available)
}

func (m *Model) describe(dir string) Info {
	i := Info{
		Name: experiment.FolderName(dir), Dir: dir, Task: m.experiment.Name, Model: m.experiment.Model(),
		MaxTokens: m.embedder.Longest(), Vocabulary: m.embedder.Tokenizer().Size(),
		Columns: []string{"text"}, Settings: map[string]string{},
	}
	for _, p := range m.task.Params() {
		if !p.Frozen {
			i.Parameters += len(p.Data)
		}
	}
	for _, s := range m.experiment.List() {
		i.Settings[s.Key] = s.String()
	}
	i.Width, i.Layers = m.embedder.Size()
	if c, ok := m.task.(classifier); ok {
		i.Classes = c.Classes()
		i.Values = i.Classes == nil
	}
	if c, ok := m.task.(interface{ Columns() []string }); ok {
		i.Columns = c.Columns()
	}
	_, i.Masks = m.task.(filler)
	return i
}

// The tasks that an embedder may be besides.
type (
	classifier interface {
		language.Embedder
		Classes() []string
		Classify(t *tape, b language.Batch) []Prediction
	}
	filler interface {
		language.Embedder
		Read(in Input, truncate bool) (Encoding, error)
		Guess(t *tape, b language.Batch, texts []Input, encodings []Encoding, most int) [][][]Guess
	}
)
