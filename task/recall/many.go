package recall

import (
	"cmp"
	"math"
	"slices"

	"github.com/orchid-seq/orchid/internal/random"
)

// A many generates multi-query associative recall, MQAR, as the generator of
// Zoology does (Arora et al. 2023): pairs of a key and its value stand at the
// beginning, no key and no value twice; then every key stands once more, where
// its value is to be given; random words fill what is left. The words below half
// of the vocabulary are keys, but for word 0; the others are values.
type many struct {
	vocabulary, pairs int
	gap               float64
}

// generate writes a sequence of an even number of words, at least four a pair,
// and returns the rows of the questions with the values asked for, in the order
// of the pairs.
func (m many) generate(s *random.Stream, ids []int) (rows, labels []int) {
	for i := range ids {
		ids[i] = s.IntN(m.vocabulary)
	}
	half := m.vocabulary / 2
	keys, values := m.draw(s, half-1, nil), m.draw(s, m.vocabulary-half, nil)
	places := m.draw(s, (len(ids)-2*m.pairs)/2, func(g int) float64 { return math.Pow(float64(g+1), m.gap-1) })
	for i := range m.pairs {
		key, value, at := 1+keys[i], half+values[i], 2*m.pairs+2*places[i]
		ids[2*i], ids[2*i+1], ids[at] = key, value, key
		rows, labels = append(rows, at), append(labels, value)
	}
	return rows, labels
}

// draw takes as many different numbers below n as there are pairs, one after the
// other, each with a chance like its weight among those that are left; without
// weights all have the same.
func (m many) draw(s *random.Stream, n int, weight func(i int) float64) []int {
	// The order of the times at which independent clocks of these rates first ring
	// is that of such draws. Where all rates are the same, so is the order of the
	// uniform numbers that the times are made of.
	type clock struct {
		time  float64
		index int
	}
	first := make([]clock, 0, m.pairs+1)
	for i := range n {
		c := clock{s.Float64(), i}
		if weight != nil {
			c.time = -math.Log1p(-c.time) / weight(i)
		}
		if len(first) == m.pairs && c.time >= first[m.pairs-1].time {
			continue
		}
		at, _ := slices.BinarySearchFunc(first, c, func(a, b clock) int { return cmp.Compare(a.time, b.time) })
		first = slices.Insert(first, at, c)[:min(len(first)+1, m.pairs)]
	}
	list := make([]int, len(first))
	for i, c := range first {
		list[i] = c.index
	}
	return list
}
