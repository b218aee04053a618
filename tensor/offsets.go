package tensor

import (
	"fmt"
	"slices"
)

// Offsets marks the sequences of a packed batch: sequence i is the rows
// Offsets[i] to Offsets[i+1] of a [T, D] tensor. The first offset is 0, the
// last one T. Sequences are never padded.
type Offsets []int

// Pack returns the offsets of sequences of the given lengths.
func Pack(lengths ...int) Offsets {
	o := make(Offsets, len(lengths)+1)
	for i, n := range lengths {
		o[i+1] = o[i] + n
	}
	return o
}

// Uniform returns the offsets of n sequences of the same length.
func Uniform(n, length int) Offsets {
	o := make(Offsets, n+1)
	for i := range o {
		o[i] = i * length
	}
	return o
}

// Count returns the number of sequences.
func (o Offsets) Count() int { return len(o) - 1 }

// Total returns T, the number of rows of all sequences together.
func (o Offsets) Total() int { return o[len(o)-1] }

// Len returns the length of sequence i.
func (o Offsets) Len(i int) int { return o[i+1] - o[i] }

// Span returns the first row of sequence i and the row after its last.
func (o Offsets) Span(i int) (lo, hi int) { return o[i], o[i+1] }

// MaxLen returns the length of the longest sequence.
func (o Offsets) MaxLen() int {
	longest := 0
	for i := range o.Count() {
		longest = max(longest, o.Len(i))
	}
	return longest
}

// Map returns the offsets of sequences whose lengths are f of these lengths.
func (o Offsets) Map(f func(length int) int) Offsets {
	m := make(Offsets, len(o))
	for i := range o.Count() {
		m[i+1] = m[i] + f(o.Len(i))
	}
	return m
}

// Lengths returns the distinct lengths in ascending order, and for each
// sequence which of them it has.
func (o Offsets) Lengths() (distinct, which []int) {
	which = make([]int, o.Count())
	for i := range which {
		which[i] = o.Len(i)
	}
	distinct = slices.Clone(which)
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	for i, n := range which {
		which[i], _ = slices.BinarySearch(distinct, n)
	}
	return distinct, which
}

// Check returns an error if o does not describe sequences of at least one row
// that fill rows exactly.
func (o Offsets) Check(rows int) error {
	if len(o) < 2 || o[0] != 0 {
		return fmt.Errorf("offsets %v: want 0 first and at least one sequence", o)
	}
	for i := range o.Count() {
		if o.Len(i) < 1 {
			return fmt.Errorf("sequence %d has length %d: want at least 1", i, o.Len(i))
		}
	}
	if o.Total() != rows {
		return fmt.Errorf("sequences hold %d rows, the tensor %d", o.Total(), rows)
	}
	return nil
}
