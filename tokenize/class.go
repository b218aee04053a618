package tokenize

import (
	"sort"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// span is the runes from First to Last; shift every Step-th of them with the
// distance to its lower case.
type (
	span  struct{ First, Last rune }
	shift struct{ First, Last, Step, By rune }
)

// class is what the library knows of a rune.
type class uint8

const (
	isDropped class = 1 << iota
	isSpace
	isPunctuation
	isChinese
	isMark
	isNormal // it decomposes or has a combining class
	isCased  // it has another lower case
)

// classes returns the classes of all runes, in one table.
var classes = sync.OnceValue(func() []class {
	t := make([]class, utf8.MaxRune+1)
	for _, x := range []struct {
		of    []span
		class class
	}{{dropped, isDropped}, {spaces, isSpace}, {punctuation, isPunctuation}, {chinese, isChinese}, {marks, isMark}, {normal, isNormal}} {
		for _, s := range x.of {
			for r := s.First; r <= s.Last; r++ {
				t[r] |= x.class
			}
		}
	}
	for _, s := range shifts {
		for r := s.First; r <= s.Last; r += s.Step {
			t[r] |= isCased
		}
	}
	t[dottedI] |= isCased
	return t
})

// dottedI is İ, the one letter whose lower case is two runes: i and a dot above.
const (
	dottedI  = '\u0130'
	dotAbove = '\u0307'
)

// lower returns the lower case of a cased rune other than İ.
func lower(r rune) rune {
	s := shifts[sort.Search(len(shifts), func(i int) bool { return shifts[i].Last >= r })]
	return r + s.By
}

// decompose appends the canonical decomposition of a rune of class isNormal.
func decompose(dst []rune, r rune) []rune {
	const syllables, vowels, tails = 0xAC00, 21, 28 // Hangul is arithmetic
	if s := r - syllables; 0 <= s && s < 19*vowels*tails {
		dst = append(dst, 0x1100+s/(vowels*tails), 0x1161+s%(vowels*tails)/tails)
		if tail := s % tails; tail > 0 {
			dst = append(dst, 0x11A7+tail)
		}
		return dst
	}
	var b [utf8.UTFMax]byte
	n := utf8.EncodeRune(b[:], r)
	d := norm.NFD.Properties(b[:n]).Decomposition()
	if len(d) == 0 {
		return append(dst, r)
	}
	for len(d) > 0 {
		r, n := utf8.DecodeRune(d)
		dst, d = append(dst, r), d[n:]
	}
	return dst
}

// order returns the canonical combining class of a rune.
func order(r rune) uint8 {
	var b [utf8.UTFMax]byte
	n := utf8.EncodeRune(b[:], r)
	return norm.NFD.Properties(b[:n]).CCC()
}
