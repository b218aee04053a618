package tokenize

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// firstUnit is the id of the first byte or character; the five special words
// stand before it.
const (
	firstUnit   = 5
	unknownUnit = 1
)

// Bytes returns the tokenizer whose words are the special words, ids 0 to 4
// ([PAD], [UNK], [CLS], [SEP], [MASK]), and the 256 bytes, byte b being id
// 5+b and written <0x00> to <0xFF>. Every text has its tokens, whatever its
// bytes are.
func Bytes() *Tokenizer {
	words := slices.Clone(specialWords)
	for b := range 256 {
		words = append(words, fmt.Sprintf("<0x%02X>", b))
	}
	v, err := newVocabulary(words, func(int) string { return "tokenize: bytes" })
	if err != nil {
		panic(err) // 256 distinct words
	}
	return &Tokenizer{vocabulary: v, model: byteLevel{}, added: newAdded(v.recognised())}
}

// byteLevel is the model behind [Bytes].
type byteLevel struct{}

func (byteLevel) append(dst []Token, text string, at int) []Token {
	dst = slices.Grow(dst, len(text))
	for i := range len(text) {
		dst = append(dst, Token{firstUnit + int(text[i]), at + i, at + i + 1})
	}
	return dst
}

func (byteLevel) starts(_ string, id int) bool {
	return id < firstUnit || utf8.RuneStart(byte(id-firstUnit))
}

// Characters returns the tokenizer whose words are the special words, ids 0
// to 4 ([PAD], [UNK], [CLS], [SEP], [MASK]), and the characters of the alphabet
// in their order. Other characters are [UNK]. With fold, characters are the
// same in upper and lower case.
func Characters(alphabet string, fold bool) (*Tokenizer, error) {
	t, err := newCharacters(alphabet, fold)
	if err != nil {
		return nil, fmt.Errorf("tokenize: %w", err)
	}
	return t, nil
}

func newCharacters(alphabet string, fold bool) (*Tokenizer, error) {
	if !utf8.ValidString(alphabet) || alphabet == "" {
		return nil, fmt.Errorf("the alphabet %q: want one or more characters in UTF-8, such as ACGTN", alphabet)
	}
	words := slices.Clone(specialWords)
	c := &characters{alphabet: alphabet, fold: fold, ids: make(map[rune]int)}
	for i := range c.ascii {
		c.ascii[i] = unknownUnit
	}
	for _, r := range alphabet {
		forms := []rune{r}
		for f := unicode.SimpleFold(r); fold && f != r; f = unicode.SimpleFold(f) {
			forms = append(forms, f)
		}
		for _, f := range forms {
			if id, twice := c.ids[f]; twice {
				return nil, fmt.Errorf("the alphabet %q: %q is the same character as %q before it: leave one out", alphabet, r, words[id])
			}
			c.ids[f] = len(words)
			if f < utf8.RuneSelf {
				c.ascii[f] = len(words)
			}
		}
		words = append(words, string(r))
	}
	v, err := newVocabulary(words, func(int) string { return "the alphabet" })
	if err != nil {
		return nil, err
	}
	t := &Tokenizer{vocabulary: v, model: c, added: newAdded(v.recognised())}
	_, err = t.Complements()
	c.bases = err == nil
	return t, nil
}

// characters is the model behind [Characters].
type characters struct {
	alphabet string
	fold     bool
	bases    bool // it has Complements
	ids      map[rune]int
	ascii    [utf8.RuneSelf]int
}

func (c *characters) append(dst []Token, text string, at int) []Token {
	for i := 0; i < len(text); {
		if b := text[i]; b < utf8.RuneSelf {
			dst = append(dst, Token{c.ascii[b], at + i, at + i + 1})
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		id, ok := c.ids[r]
		if !ok || r == utf8.RuneError && n == 1 {
			id = unknownUnit
		}
		dst = append(dst, Token{id, at + i, at + i + n})
		i += n
	}
	return dst
}

func (*characters) starts(string, int) bool { return true }

// named returns the tokenizer of a name that is not a path.
func named(name string) (*Tokenizer, bool, error) {
	if name == "bytes" {
		return Bytes(), true, nil
	}
	alphabet, ok := strings.CutPrefix(name, "characters:")
	if name == "dna" {
		alphabet, ok = "ACGTN", true
	}
	if !ok {
		return nil, false, nil
	}
	t, err := Characters(alphabet, true)
	if err != nil {
		t, err = Characters(alphabet, false)
	}
	return t, true, err
}
