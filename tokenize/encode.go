package tokenize

import (
	"fmt"
	"slices"
)

// Layout is how [Tokenizer.Encode] puts texts together.
type Layout struct {
	MaxLength int  // of all ids together; 0 is any length
	Truncate  bool // cut what is longer, instead of an error
	Bare      bool // without [CLS] and [SEP]
}

// Encoding is one text, or a pair of texts, as a model reads it:
//
//	[CLS] a [SEP]
//	[CLS] a [SEP] b [SEP]
type Encoding struct {
	IDs   []int
	Types []int  // 1 for b and the [SEP] behind it, else 0
	Spans []Span // which bytes of a, or where Types is 1 of b, each id stands for
	Cut   int    // how many ids of a and b are left out
}

// A LengthError says that a text has more tokens than may be.
type LengthError struct {
	Tokens, Special int // all, and those that are put around the text
	Most            int // MaxLength
}

// Error names both lengths and what to do.
func (e *LengthError) Error() string {
	return fmt.Sprintf("tokenize: %d tokens, %d of them special words, where at most %d may be: shorten the text, allow more, or allow it to be cut (truncate)", e.Tokens, e.Special, e.Most)
}

// Span is the bytes text[Start:End]; it is empty for [CLS] and [SEP].
type Span struct{ Start, End int }

// Encode cuts a, or a and b, into words and puts the special words around
// them. It cuts what is above MaxLength only if it is asked to, and says how
// much: from the end of a text, and of two texts from the longer one, as
// Hugging Face's longest_first does. An error says both lengths, or what
// [Tokenizer.CheckBases] says. More than one b panics.
func (t *Tokenizer) Encode(o Layout, a string, b ...string) (Encoding, error) {
	if len(b) > 1 {
		panic(fmt.Sprintf("tokenize: Encode: %d texts, want one or two", 1+len(b)))
	}
	parts := make([][]Token, 0, 2)
	for _, text := range append([]string{a}, b...) {
		if err := t.CheckBases(text); err != nil {
			return Encoding{}, fmt.Errorf("tokenize: %w", err)
		}
		parts = append(parts, t.Append(make([]Token, 0, len(text)/4+8), text))
	}
	return t.join(o, parts)
}

// EncodeIDs is Encode of one text that is already cut into ids, without special
// words around them. Their spans are empty. The error names an id that is no word.
func (t *Tokenizer) EncodeIDs(o Layout, ids []int) (Encoding, error) {
	part := make([]Token, len(ids))
	for i, id := range ids {
		if id < 0 || id >= t.Size() {
			return Encoding{}, fmt.Errorf("tokenize: id %d at place %d: want 0 to %d", id, i, t.Size()-1)
		}
		part[i].ID = id
	}
	return t.join(o, [][]Token{part})
}

// join puts the special words around parts, and cuts what is too long if it may.
func (t *Tokenizer) join(o Layout, parts [][]Token) (Encoding, error) {
	if !o.Bare && (t.special.Class < 0 || t.special.Separator < 0) {
		return Encoding{}, fmt.Errorf("tokenize: the vocabulary of %d words has no [CLS] or no [SEP] to put around a text", t.Size())
	}
	around := 0
	if !o.Bare {
		around = 1 + len(parts)
	}
	length := around
	for _, part := range parts {
		length += len(part)
	}
	cut := 0
	if o.MaxLength > 0 && length > o.MaxLength {
		switch {
		case !o.Truncate:
			return Encoding{}, &LengthError{Tokens: length, Special: around, Most: o.MaxLength}
		case o.MaxLength < around:
			return Encoding{}, fmt.Errorf("tokenize: at most %d tokens, but the special words alone are %d", o.MaxLength, around)
		}
		cut = truncate(parts, o.MaxLength-around)
	}
	e := Encoding{IDs: make([]int, 0, length-cut), Types: make([]int, 0, length-cut), Spans: make([]Span, 0, length-cut), Cut: cut}
	if !o.Bare {
		e.add(0, Token{ID: t.special.Class})
	}
	for i, part := range parts {
		e.add(i, part...)
		if !o.Bare {
			e.add(i, Token{ID: t.special.Separator})
		}
	}
	return e, nil
}

// EncodePair is Encode of a and b, or of a alone if b is empty: an empty second
// text is none.
func (t *Tokenizer) EncodePair(o Layout, a, b string) (Encoding, error) {
	if b == "" {
		return t.Encode(o, a)
	}
	return t.Encode(o, a, b)
}

// Second returns where the ids of b begin, 0 if there are none.
func (e Encoding) Second() int { return max(0, slices.Index(e.Types, 1)) }

func (e *Encoding) add(kind int, tokens ...Token) {
	for _, t := range tokens {
		e.IDs, e.Types, e.Spans = append(e.IDs, t.ID), append(e.Types, kind), append(e.Spans, Span{t.Start, t.End})
	}
}

// truncate cuts one or two parts to length tokens together and returns how
// many it left out. Of two, the longer is cut until it is as long as the
// other; then each gets half, and of an odd length the longer one, or the
// second of two equal ones, the odd token.
func truncate(parts [][]Token, length int) (cut int) {
	short, long := 0, len(parts)-1
	if len(parts[short]) > len(parts[long]) {
		short, long = long, short
	}
	keep := length
	if short != long {
		few := min(len(parts[short]), length/2)
		cut += len(parts[short]) - few
		parts[short] = parts[short][:few]
		keep -= few
	}
	cut += len(parts[long]) - keep
	parts[long] = parts[long][:keep]
	return cut
}
