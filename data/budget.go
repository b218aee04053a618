package data

import (
	"math/bits"

	"github.com/orchid-seq/orchid/internal/random"
)

// Budget deals N examples of known lengths out in batches of about Tokens
// tokens, in a new order every epoch. What a step gets is a function of the
// seed and the step alone. It is not safe for concurrent use, and its fields
// must not change once it is in use.
//
// An example of at least Tokens tokens is a batch of its own. The others stand
// in a row, in the order of the epoch, and the row is divided into equal
// parts: a batch is the examples whose first token lies in its part. So it has
// less than Tokens tokens plus those of its last example, and every epoch has
// the same number of steps.
type Budget struct {
	Length func(i int) int // 0 counts as 1
	N      int
	Tokens int
	Seed   uint64

	ready bool
	long  []int // the examples that are alone
	short []int // the others
	parts int   // batches of the others
	most  int   // what an example counts for at most, so that no part is empty
	total int   // what the others count for together

	dealt bool
	epoch int   // whose order is in the following
	place []int // which batch a step gets: those of long come first
	alone []int // long, shuffled
	order []int // short, shuffled
	first []int // where the parts begin in order, and the end
}

// prepare sorts the examples and counts the steps. It panics if there are no
// examples or Tokens < 1.
func (b *Budget) prepare() {
	if b.ready {
		return
	}
	if b.N < 1 || b.Tokens < 1 {
		panic("data: Budget wants at least one example and one token a batch")
	}
	count := make([]int, b.Tokens+1) // short examples of each length
	total := 0
	for i := range b.N {
		n := max(b.Length(i), 1)
		if n >= b.Tokens {
			b.long = append(b.long, i)
			continue
		}
		b.short = append(b.short, i)
		count[n]++
		total += n
	}
	b.parts = (total + b.Tokens - 1) / b.Tokens
	// No part is empty if no example is longer than one, total/parts. Where
	// that is shorter than the longest example, the longest count for less:
	// most is the greatest number for which it holds. It holds for 1, since
	// the parts are no more than the examples.
	sum, above := 0, len(b.short) // of min(length, most); examples longer than that
	for m := 1; m < b.Tokens; m++ {
		sum += above
		if sum < m*b.parts {
			break
		}
		b.most, b.total = m, sum
		above -= count[m]
	}
	b.ready = true
}

// StepsPerEpoch returns the number of batches that hold all examples once.
func (b *Budget) StepsPerEpoch() int {
	b.prepare()
	return len(b.long) + b.parts
}

// deal puts the examples in the order of an epoch.
func (b *Budget) deal(epoch int) {
	if b.dealt && b.epoch == epoch {
		return
	}
	shuffled := func(purpose string, list []int) []int {
		stream := random.New(b.Seed, purpose, epoch)
		p := stream.Perm(len(list))
		for i, j := range p {
			p[i] = list[j]
		}
		return p
	}
	steps := random.New(b.Seed, "batches", epoch)
	b.place = steps.Perm(len(b.long) + b.parts)
	b.alone, b.order = shuffled("alone", b.long), shuffled("shuffle", b.short)
	b.first = b.first[:0]
	start := 0 // the first token of an example
	for j, i := range b.order {
		for len(b.first) < b.parts && below(len(b.first), b.total, start, b.parts) {
			b.first = append(b.first, j)
		}
		start += min(max(b.Length(i), 1), b.most)
	}
	b.first = append(b.first, len(b.order))
	b.epoch, b.dealt = epoch, true
}

// below reports whether a*b <= c*d.
func below(a, b, c, d int) bool {
	xh, xl := bits.Mul64(uint64(a), uint64(b))
	yh, yl := bits.Mul64(uint64(c), uint64(d))
	return xh < yh || xh == yh && xl <= yl
}

// At returns the examples of a step, counted from 0: at least one. The slice
// must not be changed; later calls do not change it either.
func (b *Budget) At(step int) []int {
	per := b.StepsPerEpoch()
	b.deal(step / per)
	p := b.place[step%per]
	if p < len(b.long) {
		return b.alone[p : p+1 : p+1]
	}
	p -= len(b.long)
	lo, hi := b.first[p], b.first[p+1]
	return b.order[lo:hi:hi]
}
