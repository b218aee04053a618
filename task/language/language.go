// Package language holds what the tasks on text share: a tokenizer beside a
// model.
package language

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/tensor"
	"github.com/orchid-seq/orchid/tokenize"
)

// TokenizerFile stands in a model folder.
const TokenizerFile = "tokenizer.json"

// Config is a tokenizer and the model of its words.
type Config struct {
	// Tokenizer is a vocab.txt, a tokenizer.json, a folder with one of them, or
	// bytes, dna or characters:ALPHABET.
	Tokenizer string `yaml:"tokenizer"`
	// PadVocabulary rounds the number of the model's words up to a multiple.
	PadVocabulary int `yaml:"pad-vocabulary"`
	// From is a model folder, or one of a BERT from Hugging Face, whose settings,
	// tokenizer and weights the training begins with.
	From string `yaml:"from"`

	Model model.TextConfig `yaml:",inline"`
}

// Validate returns every fault.
func (c Config) Validate() error {
	var f fault.List
	f.Check(c.Tokenizer != "", "tokenizer: name a vocab.txt or tokenizer.json, as in tokenizer=path/to/vocab.txt, or take tokenizer=bytes")
	f.Check(c.PadVocabulary >= 1 && c.PadVocabulary <= 1<<16, "pad-vocabulary=%d: want 1 to 65536", c.PadVocabulary)
	f.Add(c.Model.Validate())
	return f.Err()
}

// OpenTokenizer reads the tokenizer, from the folder of a stored model if there
// is one, and takes the size of the vocabulary from it or compares it.
func (c *Config) OpenTokenizer(folder string) (*tokenize.Tokenizer, error) {
	path := c.Tokenizer
	if folder != "" {
		path = filepath.Join(folder, TokenizerFile)
	}
	t, err := tokenize.Open(path)
	if err != nil {
		return nil, err
	}
	V := (t.Size() + c.PadVocabulary - 1) / c.PadVocabulary * c.PadVocabulary
	switch {
	case c.Model.Vocabulary == 0:
		c.Model.Vocabulary = V
	case c.Model.Vocabulary != V:
		return nil, fmt.Errorf("%s: %d words (%d with pad-vocabulary=%d), the model has %d: it was made with another tokenizer", path, t.Size(), V, c.PadVocabulary, c.Model.Vocabulary)
	}
	return t, nil
}

// A Batch is packed sequences of words.
type Batch struct {
	Words, Types []int
	Seq          tensor.Offsets
}

// Add appends a sequence whose second part, if there is one, begins at word
// number second.
func (b *Batch) Add(words []int, second int) {
	if b.Seq == nil {
		b.Seq = tensor.Offsets{0}
	}
	b.Words = append(b.Words, words...)
	for i := range words {
		kind := 0
		if second > 0 && i >= second {
			kind = 1
		}
		b.Types = append(b.Types, kind)
	}
	b.Seq = append(b.Seq, len(b.Words))
}

// An Input is a text, or a pair of texts: B is "" for none.
type Input struct{ A, B string }

// Encode packs texts into a batch. One that has more words than the model takes
// is an error that names it, unless truncate lets it be cut.
func Encode(words *tokenize.Tokenizer, longest int, truncate bool, texts []Input) (Batch, error) {
	var b Batch
	for i, text := range texts {
		e, err := words.EncodePair(tokenize.Layout{MaxLength: longest, Truncate: truncate}, text.A, text.B)
		if err != nil {
			return Batch{}, &InputError{i, err}
		}
		b.Add(e.IDs, e.Second())
	}
	return b, nil
}

// An InputError says which of several texts cannot be read.
type InputError struct {
	Index int
	Err   error
}

func (e *InputError) Error() string { return fmt.Sprintf("text %d: %v", e.Index+1, e.Err) }

// Unwrap returns the reason.
func (e *InputError) Unwrap() error { return e.Err }

// Rows returns the rows of what f computes.
func Rows(ctx context.Context, f func(t *autograd.Tape) *autograd.Node) (rows [][]float32, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = autograd.Catch(func() {
		t := autograd.Tape{NoGrad: true}
		y := f(&t)
		for i := range y.Rows() {
			rows = append(rows, slices.Clone(y.Row(i)))
		}
	})
	return rows, err
}
