package tokenize

import (
	"slices"
	"strings"
)

// trie finds the longest word that a text begins with: a double array. State s
// goes by byte c to state nodes[s].base + c, if the check of that one is s.
type trie struct{ nodes []node }

type node struct {
	base  int32
	check int32 // the state before, or isFree, or isRoot
	id    int32 // the word that ends here, or -1
}

// entry is a word and its id.
type entry struct {
	word string
	id   int
}

// The states that reading begins in: at the start of a word, and within.
const (
	atStart  = 0
	atWithin = 1
)

const (
	isFree = -1
	isRoot = -2
)

// newTrie returns the trie of the words that are read from atStart and of those
// read from atWithin. Words are not empty, and none stands twice in a list.
func newTrie(start, within []entry) *trie {
	b := builder{used: 2}
	b.grow(2)
	b.nodes[atStart].check, b.nodes[atWithin].check = isRoot, isRoot
	for state, words := range [][]entry{start, within} {
		slices.SortFunc(words, func(a, b entry) int { return strings.Compare(a.word, b.word) })
		b.add(int32(state), words, 0)
	}
	// A step never needs to ask whether its place is within the array.
	b.grow(len(b.nodes) + 256)
	return &trie{b.nodes}
}

type builder struct {
	nodes []node
	used  int    // no place from it on is taken
	seek  [2]int // where to look for room for one state, for several
}

func (b *builder) grow(n int) {
	for len(b.nodes) < n {
		b.nodes = append(b.nodes, node{check: isFree, id: -1})
	}
}

// add makes the states that follow a state: words are sorted and share their
// first depth bytes.
func (b *builder) add(state int32, words []entry, depth int) {
	if len(words) > 0 && len(words[0].word) == depth {
		b.nodes[state].id = int32(words[0].id)
		words = words[1:]
	}
	if len(words) == 0 {
		return
	}
	var next []byte
	for _, w := range words {
		if c := w.word[depth]; len(next) == 0 || next[len(next)-1] != c {
			next = append(next, c)
		}
	}
	base := b.place(next)
	b.nodes[state].base = int32(base)
	for _, c := range next {
		b.nodes[base+int(c)].check = state
	}
	for _, c := range next {
		n := 0
		for n < len(words) && words[n].word[depth] == c {
			n++
		}
		b.add(int32(base)+int32(c), words[:n], depth+1)
		words = words[n:]
	}
}

// place returns a base at which the places of all the bytes are free. It does
// not look again where it looked long, and after some tries it takes the end
// of the array: a vocabulary made to be hard costs some space, not time.
func (b *builder) place(next []byte) int {
	seek := &b.seek[min(len(next)-1, 1)]
	first, last := int(next[0]), int(next[len(next)-1])
	at, tries := *seek, 0
	for ; at < b.used && tries < 64; at++ {
		if b.nodes[at].check == isFree && at >= first {
			if b.fits(at-first, next) {
				break
			}
			tries++
		}
	}
	if len(next) == 1 || at-*seek > 256 {
		*seek = at
	}
	if tries == 64 {
		at = b.used
	}
	base := max(at, first) - first
	b.grow(base + last + 1)
	b.used = max(b.used, base+last+1)
	return base
}

func (b *builder) fits(base int, next []byte) bool {
	for _, c := range next {
		if at := base + int(c); at < len(b.nodes) && b.nodes[at].check != isFree {
			return false
		}
	}
	return true
}

// longest returns the longest word that text begins with, after its bytes went
// through fold: its id and length, or -1.
func longest[T string | []byte](t *trie, state int32, text T, fold *[256]byte) (id, length int) {
	id = -1
	for i := 0; i < len(text); i++ {
		next := t.nodes[state].base + int32(fold[text[i]])
		if t.nodes[next].check != state {
			break
		}
		state = next
		if n := t.nodes[state].id; n >= 0 {
			id, length = int(n), i+1
		}
	}
	return id, length
}
