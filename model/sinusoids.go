package model

import (
	"math"

	"github.com/orchid-seq/orchid/tensor"
)

// sinusoids are the fixed positions of Vaswani et al. (2017, section 3.5):
//
//	p[n, 2i] = sin(n / 10000^(2i/D))    p[n, 2i+1] = cos(n / 10000^(2i/D))
//
// It is not safe for concurrent use.
type sinusoids struct {
	width int
	table []float32 // of the longest sequence so far
	out   []float32 // of the present batch
}

// rows returns the positions of packed sequences [T, D], valid until the next
// call.
func (s *sinusoids) rows(seq tensor.Offsets) []float32 {
	D := s.width
	for n := len(s.table) / D; n < seq.MaxLen(); n++ {
		for j := range D {
			angle := float64(n) * math.Pow(10000, -float64(j/2*2)/float64(D))
			v := math.Sin(angle)
			if j%2 == 1 {
				v = math.Cos(angle)
			}
			s.table = append(s.table, float32(v))
		}
	}
	s.out = s.out[:0]
	for i := range seq.Count() {
		s.out = append(s.out, s.table[:seq.Len(i)*D]...)
	}
	return s.out
}
