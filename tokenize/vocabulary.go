package tokenize

import (
	"fmt"
	"unicode/utf8"
)

// vocabulary is the words and their numbers.
type vocabulary struct {
	words   []string
	ids     map[string]int
	special Special
}

// specialWords are BERT's, in the order of the fields of [Special].
var specialWords = []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}

// maxWord is the most bytes a word may have: the trie goes as deep.
const maxWord = 4096

// newVocabulary numbers the words. An error says which word stands twice, is
// empty or is no text; at names the place of word i.
func newVocabulary(words []string, at func(i int) string) (vocabulary, error) {
	v := vocabulary{words: words, ids: make(map[string]int, len(words))}
	for i, w := range words {
		if w == "" {
			return v, fmt.Errorf("%s: an empty word: every id needs a word of its own", at(i))
		}
		if len(w) > maxWord {
			return v, fmt.Errorf("%s: a word of %d bytes: no word may have more than %d", at(i), len(w), maxWord)
		}
		if !utf8.ValidString(w) {
			return v, fmt.Errorf("%s: %.40q is not UTF-8: want text in UTF-8", at(i), w)
		}
		if first, twice := v.ids[w]; twice {
			return v, fmt.Errorf("%s: the word %q has the id %d already: rename one of the two, so that both keep their ids", at(i), w, first)
		}
		v.ids[w] = i
	}
	v.special = v.find(specialWords)
	return v, nil
}

// find returns the ids of five words in the order of the fields of Special.
func (v *vocabulary) find(words []string) Special {
	id := func(i int) int {
		if id, ok := v.ids[words[i]]; ok {
			return id
		}
		return -1
	}
	return Special{Pad: id(0), Unknown: id(1), Class: id(2), Separator: id(3), Mask: id(4)}
}

// Size returns the number of words; ids are 0 to Size-1.
func (v *vocabulary) Size() int { return len(v.words) }

// Special returns the ids of the special words.
func (v *vocabulary) Special() Special { return v.special }

// Word returns the word of an id as it is written in the vocabulary. It panics
// if there is no such id.
func (v *vocabulary) Word(id int) string { return v.words[id] }

// ID returns the id of a word as it is written in the vocabulary, and whether
// there is one.
func (v *vocabulary) ID(word string) (int, bool) {
	id, ok := v.ids[word]
	return id, ok
}
