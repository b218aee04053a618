package orchid

import (
	"fmt"

	"github.com/orchid-seq/orchid/tokenize"
)

// Tokenize returns the tokens of a text, be they more than the model takes; bare
// leaves out the special ones around it.
func (m *Model) Tokenize(text string, bare bool) (Encoding, error) {
	return m.embedder.Tokenizer().Encode(tokenize.Layout{Bare: bare}, text)
}

// Decode returns the text that ids stand for, without special words if plain. What
// the tokenizer has not kept, such as case, does not come back. The error names an id
// that is no word.
func (m *Model) Decode(ids []int, plain bool) (string, error) {
	var kept []int
	for i, id := range ids {
		if id < 0 || id >= m.info.Vocabulary {
			return "", fmt.Errorf("id %d at place %d: want 0 to %d", id, i, m.info.Vocabulary-1)
		}
		if !plain || !m.Special(id) {
			kept = append(kept, id)
		}
	}
	return m.embedder.Tokenizer().Decode(kept), nil
}

// Special reports whether an id is one of the words around and between texts: [CLS],
// [SEP], [PAD] or [MASK].
func (m *Model) Special(id int) bool {
	s := m.embedder.Tokenizer().Special()
	return id >= 0 && (id == s.Class || id == s.Separator || id == s.Pad || id == s.Mask)
}
