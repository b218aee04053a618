package model

import (
	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/nn"
	"github.com/orchid-seq/orchid/tensor"
)

// NGrams gives each place of a text vectors for the runs of 2 to Most words that
// end there, by their hash: what bytes lack that words have (Pagnoni et al., "Byte
// Latent Transformer", 2024, section 3.2.1). Runs that share a bucket share its
// vector.
type NGrams struct {
	Table nn.Embedding // [buckets, D]
	Most  int
}

// Forward returns the sum of the vectors of each place [T, D].
func (n *NGrams) Forward(t *autograd.Tape, words []int, seq tensor.Offsets) *autograd.Node {
	return t.Temporary(func() *autograd.Node {
		var y *autograd.Node
		for size := 2; size <= n.Most; size++ {
			v := n.Table.Forward(t, n.buckets(words, seq, size))
			if y == nil {
				y = v
			} else {
				y = t.Add(y, v)
			}
		}
		return y
	})
}

// buckets hashes the runs of so many words that end at each place; a run that
// would begin before its text begins with it.
func (n *NGrams) buckets(words []int, seq tensor.Offsets, size int) []int {
	list := make([]int, len(words))
	for i := range seq.Count() {
		lo, hi := seq.Span(i)
		for at := lo; at < hi; at++ {
			h := uint64(size)
			for _, w := range words[max(lo, at-size+1) : at+1] {
				h = (h ^ uint64(w+1)) * 0x9E3779B97F4A7C15
				h ^= h >> 29
			}
			list[at] = int(h % uint64(n.Table.Table.Rows()))
		}
	}
	return list
}
