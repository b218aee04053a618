package bagofwords

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/task"
)

const (
	// minDocuments is in how many examples a feature must occur: what occurs
	// once cannot tell one label from another.
	minDocuments = 2

	// maxFeatures bounds time and memory. The most frequent stay: of the half
	// a million of IMDB, the others occur in two to five of 25,000 reviews.
	maxFeatures = 200_000
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

const text = feature(3) << 62

// A vocabulary turns examples into rows of numbers. It is not changed after
// learn and safe for concurrent use.
type vocabulary struct {
	pair    bool
	words   map[string]uint32
	columns map[feature]int32
	idf     []float64 // of each column
}

// width is the number of columns: the features and, for pairs, the overlap.
func (v *vocabulary) width() int {
	if v.pair {
		return len(v.idf) + 1
	}
	return len(v.idf)
}

// words calls yield for the maximal runs of letters, marks and digits of the
// text, lower-cased.
func words(text string, yield func(word string)) {
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
	words(text, func(word string) {
		id, ok := v.words[word]
		if !ok {
			id = unknown
			if grow {
				id = uint32(len(v.words))
				v.words[word] = id
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
	all := make([]counted, 0, 2*len(ids))
	for i, id := range ids {
		if id == unknown {
			continue
		}
		all = append(all, counted{feature(id) << 31, 1})
		if i+1 < len(ids) && ids[i+1] != unknown {
			all = append(all, counted{feature(id)<<31 | feature(ids[i+1]+1), 1})
		}
	}
	slices.SortFunc(all, byFeature)
	kept := all[:0]
	for _, c := range all {
		if n := len(kept); n > 0 && kept[n-1].feature == c.feature {
			kept[n-1].n++
		} else {
			kept = append(kept, c)
		}
	}
	return kept
}

func byFeature(a, b counted) int { return cmp.Compare(a.feature, b.feature) }

// features returns the features of an example. For a pair they are told apart
// by the text they are in: one of the two, or both. The overlap is the share
// of the words of both texts among the words of either.
func (v *vocabulary) features(a, b []uint32) (all []counted, overlap float64) {
	all = count(a)
	if !v.pair {
		return all, 0
	}
	var either, both float64
	inA := all
	all = make([]counted, 0, len(a)+len(b))
	for _, c := range count(b) {
		for len(inA) > 0 && inA[0].feature < c.feature {
			all, inA = append(all, inA[0]), inA[1:]
		}
		if len(inA) > 0 && inA[0].feature == c.feature {
			all, inA = append(all, counted{c.feature | inBoth, c.n + inA[0].n}), inA[1:]
		} else {
			all = append(all, counted{c.feature | inB, c.n})
		}
	}
	all = append(all, inA...)
	for _, c := range all {
		if c.feature&(1<<31-1) == 0 {
			either++
			if c.feature&text == inBoth {
				both++
			}
		}
	}
	return all, both / max(1, either)
}

// learn makes the vocabulary of the examples and returns their rows.
func learn(examples []task.Example) (*vocabulary, *matrix) {
	v := &vocabulary{words: map[string]uint32{}, columns: map[feature]int32{}}
	v.pair = slices.ContainsFunc(examples, func(e task.Example) bool { return e.B != "" })
	a, b := make([][]uint32, len(examples)), make([][]uint32, len(examples))
	for i, e := range examples {
		a[i], b[i] = v.numbers(e.A, true), v.numbers(e.B, true)
	}
	documents := map[feature]int{}
	for i := range examples {
		all, _ := v.features(a[i], b[i])
		for _, c := range all {
			documents[c.feature]++
		}
	}
	v.choose(documents, len(examples))
	rows := make([]row, len(examples))
	par.For(len(rows), 64, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			rows[i] = v.row(a[i], b[i])
		}
	})
	return v, newMatrix(rows, v.width())
}

// choose gives the most frequent features columns: more frequent ones first,
// in the order of their words among equals, so that the order of the examples
// does not matter.
func (v *vocabulary) choose(documents map[feature]int, n int) {
	spelling := make([]string, len(v.words))
	for word, id := range v.words {
		spelling[id] = word
	}
	order := make([]uint32, len(spelling)) // the rank of a word in the alphabet
	for rank, id := range ranking(spelling) {
		order[id] = uint32(rank)
	}
	type candidate struct {
		feature
		documents int
		key       feature // the feature with ranks for words
	}
	var all []candidate
	for f, d := range documents {
		if d < minDocuments {
			continue
		}
		key := f&text | feature(order[f&^text>>31])<<31
		if second := f & (1<<31 - 1); second > 0 {
			key |= feature(order[second-1] + 1)
		}
		all = append(all, candidate{f, d, key})
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.documents, a.documents), cmp.Compare(a.key, b.key))
	})
	for i, c := range all[:min(len(all), maxFeatures)] {
		v.columns[c.feature] = int32(i)
		v.idf = append(v.idf, math.Log(float64(1+n)/float64(1+c.documents))+1)
	}
}

// ranking returns the places of the words in alphabetic order.
func ranking(words []string) []int {
	r := make([]int, len(words))
	for i := range r {
		r[i] = i
	}
	slices.SortFunc(r, func(a, b int) int { return cmp.Compare(words[a], words[b]) })
	return r
}

// row returns (1 + ln n) idf of every feature that occurs n times, divided by
// the norm of the row, and beside them the overlap of a pair.
func (v *vocabulary) row(a, b []uint32) row {
	all, overlap := v.features(a, b)
	var r row
	for _, c := range all {
		if column, ok := v.columns[c.feature]; ok {
			r = append(r, entry{column, (1 + math.Log(float64(c.n))) * v.idf[column]})
		}
	}
	slices.SortFunc(r, func(a, b entry) int { return cmp.Compare(a.at, b.at) })
	var sum float64
	for _, e := range r {
		sum += e.value * e.value
	}
	for i := range r {
		r[i].value /= math.Sqrt(sum)
	}
	if overlap > 0 {
		r = append(r, entry{int32(len(v.idf)), overlap})
	}
	return r
}
