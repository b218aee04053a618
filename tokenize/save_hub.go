package tokenize

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/orchid-seq/orchid/internal/whole"
)

// specialName is the file of special words beside tokenizer.json.
const specialName = "special_tokens_map.json"

// hubWords are the special words by Hugging Face's names, nil where there is none.
type hubWords struct {
	Unknown   *string `json:"unk_token,omitempty"`
	Separator *string `json:"sep_token,omitempty"`
	Pad       *string `json:"pad_token,omitempty"`
	Class     *string `json:"cls_token,omitempty"`
	Mask      *string `json:"mask_token,omitempty"`
}

// hubConfig is a tokenizer_config.json for AutoTokenizer of transformers.
type hubConfig struct {
	Class string `json:"tokenizer_class"`
	// What BERT's class and ours read beside a vocab.txt.
	Lowercase bool `json:"do_lower_case"`
	Accents   bool `json:"strip_accents"`
	Chinese   bool `json:"tokenize_chinese_chars"`
	hubWords
}

// saveHub writes what transformers wants to find beside the tokenizer.json of
// WordPiece; of other kinds it has no tokenizer.
func (t *Tokenizer) saveHub(dir string) error {
	w, ok := t.model.(*wordPiece)
	if !ok {
		return nil
	}
	word := func(id int) *string {
		if id < 0 {
			return nil
		}
		return &t.words[id]
	}
	s := t.special
	special := hubWords{word(s.Unknown), word(s.Separator), word(s.Pad), word(s.Class), word(s.Mask)}
	config := hubConfig{"PreTrainedTokenizerFast", !w.KeepCase, !w.KeepAccents, !w.KeepChinese, special}
	if err := writeJSON(filepath.Join(dir, configName), config); err != nil {
		return err
	}
	return writeJSON(filepath.Join(dir, specialName), special)
}

// writeJSON writes a value on one line.
func writeJSON(path string, v any) error {
	b, err := plainJSON(v)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return whole.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(append(b, '\n'))
		return err
	})
}
