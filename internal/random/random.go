// Package random gives counter-based random numbers: the value at an index of
// a stream is a pure function of (seed, purpose, step, index). Nothing has to
// be stored to resume a run, and threads cannot change what is drawn.
//
// The generator is Philox 2x64 with 10 rounds (Salmon et al., "Parallel
// random numbers: as easy as 1, 2, 3", SC 2011).
package random

import (
	"math"
	"math/bits"
)

// A Stream is one sequence of random numbers. The zero index is its start; it
// is a small value, not safe for concurrent use, but copies are independent.
type Stream struct {
	key     uint64
	high    uint64
	counter uint64
	spare   uint64 // second half of the last block
	have    bool
}

// New returns the stream of a purpose (such as "init" or "shuffle") at the
// given steps of a run.
func New(seed uint64, purpose string, steps ...int) Stream {
	key := mix(seed, hash(purpose))
	var high uint64
	for _, s := range steps {
		high = mix(high+1, uint64(s))
	}
	return Stream{key: key, high: high}
}

// hash is FNV-1a.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// mix joins two numbers into one, by one Philox block.
func mix(a, b uint64) uint64 {
	x, _ := philox(a, b, 0)
	return x
}

// philox is the block function: 10 rounds of a wide product and a key step.
func philox(key, x0, x1 uint64) (uint64, uint64) {
	for range 10 {
		hi, lo := bits.Mul64(0xD2B74407B1CE6E93, x0)
		x0, x1 = hi^key^x1, lo
		key += 0x9E3779B97F4A7C15
	}
	return x0, x1
}

// Uint64 returns the next number. It makes *Stream a math/rand/v2 Source.
func (s *Stream) Uint64() uint64 {
	if s.have {
		s.have = false
		return s.spare
	}
	var x uint64
	x, s.spare = philox(s.key, s.counter, s.high)
	s.counter++
	s.have = true
	return x
}

// Block returns the two numbers of block n of the stream, those that Uint64
// returns as number 2n and 2n+1, whatever has been drawn.
func (s Stream) Block(n uint64) (uint64, uint64) { return philox(s.key, n, s.high) }

// Float64 returns a number in [0, 1).
func (s *Stream) Float64() float64 { return float64(s.Uint64()>>11) / (1 << 53) }

// Float32 returns a number in [0, 1).
func (s *Stream) Float32() float32 { return float32(s.Uint64()>>40) / (1 << 24) }

// IntN returns a number in [0, n). It panics if n < 1.
func (s *Stream) IntN(n int) int {
	if n < 1 {
		panic("random: IntN wants n >= 1")
	}
	// Lemire's method: take the high word, reject the few low words that
	// would make some results likelier than others.
	for {
		hi, lo := bits.Mul64(s.Uint64(), uint64(n))
		if lo >= uint64(n) || lo >= -uint64(n)%uint64(n) {
			return int(hi)
		}
	}
}

// Normal returns a number from the standard normal distribution, by the
// Box-Muller formula.
func (s *Stream) Normal() float64 {
	r := math.Sqrt(-2 * math.Log(1-s.Float64()))
	return r * math.Cos(2*math.Pi*s.Float64())
}

// Perm returns the numbers 0 to n-1 in random order.
func (s *Stream) Perm(n int) []int {
	p := make([]int, n)
	for i := range p {
		j := s.IntN(i + 1)
		p[i], p[j] = p[j], i
	}
	return p
}
