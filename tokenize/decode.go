package tokenize

import "strings"

// Decode returns the text of the ids as Hugging Face's decode does with
// skip_special_tokens=False: the special words stay, a space stands between
// words, none before a continuation, and none before the punctuation . ? ! ,
// unless the tokenizer.json says so. White space, and what cleaning changes,
// does not come back. [Bytes] gives the very bytes back. It panics if there
// is no such id.
func (t *Tokenizer) Decode(ids []int) string {
	var b []byte
	for i, id := range ids {
		b = t.model.decode(b, t.words[id], id, i == 0)
	}
	return string(b)
}

// tight are the beginnings of words that no space stands before.
var tight = []string{".", "?", "!", ",", "n't", "'m", "'s", "'ve", "'re"}

func (w *wordPiece) decode(dst []byte, word string, _ int, first bool) []byte {
	if first {
		return append(dst, word...)
	}
	if rest, ok := strings.CutPrefix(word, w.Prefix); ok {
		return append(dst, rest...)
	}
	for _, beginning := range tight {
		if w.tidy && strings.HasPrefix(word, beginning) {
			return append(dst, word...)
		}
	}
	return append(append(dst, ' '), word...)
}

func (byteLevel) decode(dst []byte, word string, id int, _ bool) []byte {
	if id < firstUnit {
		return append(dst, word...)
	}
	return append(dst, byte(id-firstUnit))
}

func (*characters) decode(dst []byte, word string, _ int, _ bool) []byte { return append(dst, word...) }
