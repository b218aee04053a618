package bagofwords

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

// A feature is a word or two words in a row, and the text they are in: two
// bits for the text, 31 for the first word, 31 for the second plus 1, or 0.
type feature uint64

// The texts a feature of a pair can be in. Those of single texts are in A.
const (
	inA feature = iota << 62
	inB
	inBoth
)

// What a feature is made of.
const (
	second feature = 1<<31 - 1 // the second word
	first  feature = second << 31
	side   feature = 3 << 62 // the text or texts
)

// overlaps is the number of columns that say how much a pair has in common.
const overlaps = 2

// words calls yield for the maximal runs of letters, marks and digits of the
// text, lower-cased, or for all runs of so many letters of it if letters is above 0.
func words(text string, letters int, yield func(word string)) {
	if letters > 0 {
		text = strings.ToLower(text)
		for i := 0; i+letters <= len(text); i++ {
			yield(text[i : i+letters])
		}
		return
	}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}) {
		yield(strings.ToLower(word))
	}
}

// unknown is the number of a word that no training example has.
const unknown = math.MaxUint32

// numbers returns the numbers of the words of a text; new words get the next
// one if grow is set.
func (v *vocabulary) numbers(text string, grow bool) []uint32 {
	var ids []uint32
	words(text, v.letters, func(word string) {
		id, ok := v.words[word]
		if !ok {
			id = unknown
			if grow {
				id = uint32(len(v.words))
				v.words[strings.Clone(word)] = id // the text may go
			}
		}
		ids = append(ids, id)
	})
	return ids
}

// counted is a feature with how often it occurs.
type counted struct {
	feature
	n int
}

// count returns the features of a text, each once, in order.
func count(ids []uint32) []counted {
	all := make([]feature, 0, 2*len(ids))
	for i, id := range ids {
		if id == unknown {
			continue
		}
		all = append(all, feature(id)<<31)
		if i+1 < len(ids) && ids[i+1] != unknown {
			all = append(all, feature(id)<<31|feature(ids[i+1]+1))
		}
	}
	slices.Sort(all)
	var kept []counted
	for _, f := range all {
		if n := len(kept); n > 0 && kept[n-1].feature == f {
			kept[n-1].n++
		} else {
			kept = append(kept, counted{f, 1})
		}
	}
	return kept
}

// features returns the features of an example. For a pair they are told apart
// by the text they are in: one of the two, or both. Their overlap is the share
// of the words of both texts among those of either, and among those of the
// text that has fewer.
func (v *vocabulary) features(a, b []uint32) (all []counted, overlap [overlaps]float64) {
	all = count(a)
	if !v.pair {
		return all, overlap
	}
	rest := all
	all = make([]counted, 0, len(a)+len(b))
	for _, c := range count(b) {
		for len(rest) > 0 && rest[0].feature < c.feature {
			all, rest = append(all, rest[0]), rest[1:]
		}
		if len(rest) > 0 && rest[0].feature == c.feature {
			all, rest = append(all, counted{c.feature | inBoth, c.n + rest[0].n}), rest[1:]
		} else {
			all = append(all, counted{c.feature | inB, c.n})
		}
	}
	all = append(all, rest...)
	var words [3]float64 // in A alone, in B alone, in both
	for _, c := range all {
		if c.feature&second == 0 {
			words[c.feature>>62]++
		}
	}
	onlyA, onlyB, both := words[0], words[1], words[2]
	overlap[0] = both / max(1, onlyA+onlyB+both)
	overlap[1] = both / max(1, min(onlyA, onlyB)+both)
	return all, overlap
}
