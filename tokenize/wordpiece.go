package tokenize

import (
	"cmp"
	"fmt"
	"strings"
)

// Options are what a WordPiece tokenizer does beyond its vocabulary. The zero
// value is that of bert-base-uncased; bert-base-cased has KeepCase and
// KeepAccents.
type Options struct {
	KeepCase     bool   // do not turn text into lower case
	KeepAccents  bool   // do not decompose letters and drop their marks
	KeepControls bool   // do not drop control characters
	KeepChinese  bool   // do not make each Chinese character a word of its own
	MaxWord      int    // a word of more characters is unknown; 0 is 100
	Unknown      string // the word for what is not in the vocabulary; "" is [UNK]
	Prefix       string // what marks a word that goes on with another; "" is ##
}

// WordPiece returns BERT's tokenizer: text is cleaned, cut at white space and
// around punctuation, and each piece is made of the longest words of the
// vocabulary from left to right, those after the first with the prefix ##, or
// is unknown as a whole. The position of a word in the vocabulary is its id.
func WordPiece(vocabulary []string, o Options) (*Tokenizer, error) {
	v, err := newVocabulary(vocabulary, func(i int) string { return fmt.Sprintf("tokenize: word %d", i) })
	if err != nil {
		return nil, err
	}
	t, err := newWordPiece(v, o, v.recognised(), len(vocabulary), true)
	if err != nil {
		return nil, fmt.Errorf("tokenize: %w", err)
	}
	return t, nil
}

// recognised returns the special words as Hugging Face finds them in a text.
func (v *vocabulary) recognised() []addedWord {
	var words []addedWord
	for _, w := range specialWords {
		if id, ok := v.ids[w]; ok {
			words = append(words, addedWord{ID: id, Content: w, Special: true})
		}
	}
	return words
}

// newWordPiece returns the tokenizer whose model knows the first words of the
// vocabulary; the others are recognised only.
func newWordPiece(v vocabulary, o Options, recognised []addedWord, known int, tidy bool) (*Tokenizer, error) {
	o.MaxWord, o.Unknown, o.Prefix = cmp.Or(o.MaxWord, 100), cmp.Or(o.Unknown, "[UNK]"), cmp.Or(o.Prefix, "##")
	if o.MaxWord < 0 {
		return nil, fmt.Errorf("words of at most %d characters: want 1 or more, or 0 for 100", o.MaxWord)
	}
	unknown, ok := v.ids[o.Unknown]
	if !ok {
		return nil, fmt.Errorf("the vocabulary of %d words has no %q, the word for what it does not have: add it, or name another", len(v.words), o.Unknown)
	}
	v.special.Unknown = unknown
	w := &wordPiece{Options: o, unknown: unknown, tidy: tidy, known: known}
	var start, within []entry
	for id, word := range v.words[:known] {
		start = append(start, entry{word, id})
		if rest, ok := strings.CutPrefix(word, o.Prefix); ok && rest != "" {
			within = append(within, entry{rest, id})
		}
	}
	w.trie = newTrie(start, within)
	w.setKinds()
	return &Tokenizer{vocabulary: v, model: w, added: newAdded(recognised)}, nil
}

// wordPiece is the model behind [WordPiece].
type wordPiece struct {
	Options
	trie    *trie
	unknown int
	tidy    bool // decode puts no space before punctuation
	known   int  // ids below it are the model's, others only recognised
	kinds   [256]kind
	fold    [256]byte // lower case of ASCII, if wanted
}

// kind is what a byte of the text calls for.
type kind uint8

const (
	plain kind = iota
	space
	alone // a word of its own
	other // not ASCII, or dropped: see cleaner
)

func (w *wordPiece) setKinds() {
	for i := range w.kinds {
		w.fold[i] = byte(i)
		if !w.KeepCase && 'A' <= i && i <= 'Z' {
			w.fold[i] += 'a' - 'A'
		}
		switch c := classes()[i]; {
		case i >= 0x80 || c&isDropped != 0 && !w.KeepControls:
			w.kinds[i] = other
		case c&isSpace != 0:
			w.kinds[i] = space
		case c&isPunctuation != 0:
			w.kinds[i] = alone
		}
	}
}

func (w *wordPiece) append(dst []Token, text string, at int) []Token {
	for i := 0; i < len(text); {
		from := i
		for i < len(text) && w.kinds[text[i]] == plain {
			i++
		}
		if i < len(text) && w.kinds[text[i]] == other {
			dst, i = w.clean(dst, text, from, at)
			continue
		}
		if i > from {
			dst = appendPieces(dst, w, text[from:i], i-from, at+from)
		}
		if i < len(text) {
			if w.kinds[text[i]] == alone {
				dst = appendPieces(dst, w, text[i:i+1], 1, at+i)
			}
			i++
		}
	}
	return dst
}

// appendPieces appends the words that a clean word of so many runes, which
// stands at a place of the text, is made of.
func appendPieces[T string | []byte](dst []Token, w *wordPiece, word T, runes, at int) []Token {
	before, state := len(dst), int32(atStart)
	for from := 0; from < len(word); state = atWithin {
		id, n := longest(w.trie, state, word[from:], &w.fold)
		if id < 0 || runes > w.MaxWord {
			return append(dst[:before], Token{w.unknown, at, at + len(word)})
		}
		dst = append(dst, Token{id, at + from, at + from + n})
		from += n
	}
	return dst
}

func (w *wordPiece) starts(word string, _ int) bool { return !strings.HasPrefix(word, w.Prefix) }
