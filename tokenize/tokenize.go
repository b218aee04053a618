// Package tokenize cuts text into words of a model's vocabulary, and puts
// them together again: WordPiece as BERT uses it, from a vocab.txt or a
// Hugging Face tokenizer.json, with the very ids and offsets of Hugging Face's
// tokenizers library; bytes; and the characters of an alphabet.
package tokenize

import "slices"

// Token is one word of the vocabulary and the bytes text[Start:End] that it
// was made of. For valid UTF-8 both ends stand between two runes.
type Token struct{ ID, Start, End int }

// Special holds the ids of the special words, -1 for each that the vocabulary
// does not have.
type Special struct{ Pad, Unknown, Class, Separator, Mask int }

// Tokenizer cuts text into words. It never changes, so any number of
// goroutines may use one.
type Tokenizer struct {
	vocabulary
	model   model
	added   added
	literal bool
}

// model is what the kinds of tokenizers differ in.
type model interface {
	// append appends the words of text, which stands at a place of a longer
	// text and holds no special word.
	append(dst []Token, text string, at int) []Token
	// starts reports whether a word begins something, rather than goes on with it.
	starts(word string, id int) bool
	// decode appends a word, the first or a later one, to a text.
	decode(dst []byte, word string, id int, first bool) []byte
	// file returns the model's part of tokenizer.json and what else depends on it.
	file(v *vocabulary) file
}

// Append appends the words of text to dst, without [CLS] and [SEP] around
// them, and returns the longer slice. It allocates nothing if dst has room.
//
// A special word that stands in the text, such as [MASK], is that special
// word, as it is for Hugging Face; see [Tokenizer.Literal]. Bytes that are not
// UTF-8 count as the replacement character U+FFFD, which cleaning drops
// ([Bytes] takes them as they are).
func (t *Tokenizer) Append(dst []Token, text string) []Token {
	if t.literal {
		return t.model.append(dst, text, 0)
	}
	from := 0
	for from < len(text) {
		w := t.added.next(text, from)
		if w.Start > from {
			dst = t.model.append(dst, text[from:w.Start], from)
		}
		if w.ID < 0 {
			break
		}
		dst = append(dst, w)
		from = w.End
	}
	return dst
}

// Literal returns a tokenizer of the same vocabulary for which special words
// that stand in a text are text like any other: "[SEP]" becomes "[", "sep",
// "]". Use it for text of strangers.
func (t *Tokenizer) Literal() *Tokenizer {
	l := *t
	l.literal = true
	return &l
}

// Starts reports whether the word begins a word of the text. It is false for
// the continuations of WordPiece ("##ing") and for the second and later bytes
// of a rune; words that belong together are masked together. It panics if
// there is no such id.
func (t *Tokenizer) Starts(id int) bool {
	return t.isAdded(id) || t.model.starts(t.words[id], id)
}

func (t *Tokenizer) isAdded(id int) bool {
	return slices.ContainsFunc(t.added.words, func(w addedWord) bool { return w.ID == id })
}
