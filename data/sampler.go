// Package data turns examples into batches.
package data

import "github.com/orchid-seq/orchid/internal/random"

// Sampler deals N examples out in batches, in a new order every epoch. What a
// step gets is a function of the seed and the step alone, so a run can resume
// anywhere. It is not safe for concurrent use.
type Sampler struct {
	N, Batch int
	Seed     uint64

	epoch int // whose order is in order
	order []int
}

// StepsPerEpoch returns the number of batches that hold all examples once; the
// last may be smaller.
func (s *Sampler) StepsPerEpoch() int { return (s.N + s.Batch - 1) / s.Batch }

// At returns the examples of a step, counted from 0. The slice is valid until
// the next call.
func (s *Sampler) At(step int) []int {
	per := s.StepsPerEpoch()
	if epoch := step / per; s.order == nil || s.epoch != epoch {
		stream := random.New(s.Seed, "shuffle", epoch)
		s.order, s.epoch = stream.Perm(s.N), epoch
	}
	lo := step % per * s.Batch
	return s.order[lo:min(lo+s.Batch, s.N)]
}
