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
	same := func(int) float64 { return 1 }
	keys, values := m.draw(s, half-1, same), m.draw(s, m.vocabulary-half, same)
	places := m.draw(s, (len(ids)-2*m.pairs)/2, func(g int) float64 { return math.Pow(float64(g+1), m.gap-1) })
	for i := range m.pairs {
		key, value, at := 1+keys[i], half+values[i], 2*m.pairs+2*places[i]
		ids[2*i], ids[2*i+1], ids[at] = key, value, key
		rows, labels = append(rows, at), append(labels, value)
	}
	return rows, labels
}

// draw takes as many different numbers below n as there are pairs, one after the
// other, each with a chance like its weight among those that are left.
func (m many) draw(s *random.Stream, n int, weight func(i int) float64) []int {
	// The order of the times at which independent clocks of these rates first ring
	// is that of such draws.
	times, list := make([]float64, n), make([]int, n)
	for i := range n {
		times[i], list[i] = -math.Log1p(-s.Float64())/weight(i), i
	}
	slices.SortFunc(list, func(a, b int) int { return cmp.Compare(times[a], times[b]) })
	return list[:m.pairs]
}
