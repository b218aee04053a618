package mlm

import "math"

// A count says how often each word that can be hidden occurs, plus one.
type count struct {
	of    []float64 // by id, 0 for special words
	total float64
	top   int // the most frequent word, the first of several
}

// frequencies counts the words of the training text, or of s if that is not
// open.
func (k *Task) frequencies(s *set) *count {
	if train := k.sets["train"]; train != nil {
		s = train
	}
	if s.words == nil {
		s.words = s.frequencies(k.mask)
	}
	return s.words
}

func (s *set) frequencies(m masker) *count {
	c := &count{of: make([]float64, len(m.special))}
	for _, word := range m.ordinary {
		c.of[word]++
	}
	var words []int
	for _, window := range s.list {
		doc, from, to := s.span(window)
		words = s.store.AppendIDs(words[:0], doc, from, to)
		for _, word := range words {
			if !m.special[word] {
				c.of[word]++
			}
		}
	}
	for word, n := range c.of {
		if c.total += n; n > c.of[c.top] {
			c.top = word
		}
	}
	return c
}

// loss returns -ln of the share of a word.
func (c *count) loss(word int) float64 { return math.Log(c.total / c.of[word]) }
