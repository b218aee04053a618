// Package language holds what the tasks on text share: a tokenizer beside a
// model.
package language

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/tensor"
	"github.com/orchid-seq/orchid/tokenize"
)

// TokenizerFile stands in a model folder.
const TokenizerFile = "tokenizer.json"

// TokenizerFiles are those that may: beside TokenizerFile, what Hugging Face's
// transformers library wants to find with WordPiece.
var TokenizerFiles = []string{TokenizerFile, "tokenizer_config.json", "special_tokens_map.json"}

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
		switch info, err := os.Stat(path); {
		case err != nil:
			return nil, err
		case !info.Mode().IsRegular():
			return nil, fmt.Errorf("%s: not a file", path) // a folder's own files could lead elsewhere
		}
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
