package mlm

import (
	"math"

	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/tokenize"
)

// A masker hides words of a window.
type masker struct {
	mask       int // id of [MASK]
	ordinary   []int
	starts     []bool // by id: begins a word
	special    []bool // by id: never hidden
	wholeWords bool
}

func newMasker(t *tokenize.Tokenizer, wholeWords bool) masker {
	s := t.Special()
	m := masker{mask: s.Mask, wholeWords: wholeWords, starts: make([]bool, t.Size()), special: make([]bool, t.Size())}
	for _, id := range []int{s.Pad, s.Unknown, s.Class, s.Separator, s.Mask} {
		if id >= 0 {
			m.special[id] = true
		}
	}
	for id := range t.Size() {
		m.starts[id] = t.Starts(id)
		if !m.special[id] {
			m.ordinary = append(m.ordinary, id)
		}
	}
	return m
}

// hide chooses a share of the words, but for special ones, at least one piece
// if there is any, and calls pick with the place of each. Of those chosen, 80 %
// become [MASK], 10 % any ordinary word, 10 % stay (Devlin et al., section 3.1).
func (m masker) hide(words []int, share float64, s *random.Stream, pick func(at, word int)) {
	var pieces [][2]int // of words, or of single tokens
	n := 0
	for i, w := range words {
		if m.special[w] {
			continue
		}
		n++
		last := len(pieces) - 1
		if m.wholeWords && !m.starts[w] && last >= 0 && pieces[last][1] == i {
			pieces[last][1]++
		} else {
			pieces = append(pieces, [2]int{i, i + 1})
		}
	}
	want := max(1, int(math.Round(share*float64(n))))
	for k := 0; k < len(pieces) && want > 0; k++ {
		// The next of a random order of the pieces.
		j := k + s.IntN(len(pieces)-k)
		pieces[k], pieces[j] = pieces[j], pieces[k]
		for at := pieces[k][0]; at < pieces[k][1]; at++ {
			pick(at, words[at])
			switch u := s.Float64(); {
			case u < 0.8:
				words[at] = m.mask
			case u < 0.9:
				words[at] = m.ordinary[s.IntN(len(m.ordinary))]
			}
			want--
		}
	}
}
