package bagofwords

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/task"
)

const (
	// minDocuments is in how many examples a feature must occur: what occurs
	// once cannot tell one label from another.
	minDocuments = 2

	// maxFeatures bounds time and memory. The most frequent stay: the 235,000
	// others of IMDB, which occur in two or three of its 25,000 reviews, would
	// be right for 0.1 % more of the test reviews.
	maxFeatures = 200_000
)

// A vocabulary turns examples into rows of numbers. It is not changed after
// learn and safe for concurrent use.
type vocabulary struct {
	pair    bool
	letters int // of a word that is a run of letters, 0 for words of a language
	words   map[string]uint32
	columns map[feature]int32
	idf     []float64 // of each column
}

// width is the number of columns: the features and, for pairs, the overlap.
func (v *vocabulary) width() int {
	if v.pair {
		return len(v.idf) + overlaps
	}
	return len(v.idf)
}

// learn makes the vocabulary of the examples, of at most so many features, and
// returns their rows; see words for letters.
func learn(ctx context.Context, examples []task.Example, letters, most int) (*vocabulary, *matrix, error) {
	v := &vocabulary{letters: letters, words: map[string]uint32{}, columns: map[feature]int32{}}
	v.pair = slices.ContainsFunc(examples, func(e task.Example) bool { return e.B != "" })
	a, b := make([][]uint32, len(examples)), make([][]uint32, len(examples))
	for i, e := range examples {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		a[i], b[i] = v.numbers(e.A, true), v.numbers(e.B, true)
	}
	documents := map[feature]int{}
	for i := range examples {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		all, _ := v.features(a[i], b[i])
		for _, c := range all {
			documents[c.feature]++
		}
	}
	v.choose(documents, len(examples), most)
	rows := make([]row, len(examples))
	par.For(len(rows), 64, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			rows[i] = v.row(a[i], b[i])
		}
	})
	return v, newMatrix(rows, v.width()), nil
}

// choose gives the most frequent features, so many at most, columns: more frequent ones first,
// in the order of their words among equals, so that the order of the examples
// does not matter.
func (v *vocabulary) choose(documents map[feature]int, n, most int) {
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
		key := f&side | feature(order[f&first>>31])<<31
		if f&second > 0 {
			key |= feature(order[f&second-1] + 1)
		}
		all = append(all, candidate{f, d, key})
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.documents, a.documents), cmp.Compare(a.key, b.key))
	})
	for i, c := range all[:min(len(all), most)] {
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
	for i, o := range overlap {
		if o > 0 {
			r = append(r, entry{int32(len(v.idf) + i), o})
		}
	}
	return r
}
