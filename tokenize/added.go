package tokenize

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// addedWord is a word that is found in the text before it is cleaned.
type addedWord struct {
	ID          int
	Content     string
	Left, Right bool // the word takes the white space before it, behind it
	Special     bool // Hugging Face's decode may skip it
}

// added finds added words in text: the leftmost, and of those that begin at
// one place the longest.
type added struct {
	words []addedWord // longer ones first
	first [256]bool   // what a word may begin with
	only  int         // that byte if there is one alone, else -1
}

func newAdded(words []addedWord) added {
	slices.SortStableFunc(words, func(a, b addedWord) int { return cmp.Compare(len(b.Content), len(a.Content)) })
	a := added{words: words, only: -1}
	for _, w := range words {
		a.first[w.Content[0]] = true
		a.only = int(w.Content[0])
	}
	for b, is := range a.first {
		if is && b != a.only {
			a.only = -1
		}
	}
	return a
}

// next returns the next added word in text[from:]; without one its ID is -1
// and it begins and ends at the end of the text.
func (a *added) next(text string, from int) Token {
	for i := from; ; i++ {
		i = a.candidate(text, i)
		if i == len(text) {
			return Token{-1, i, i}
		}
		for _, w := range a.words {
			if !strings.HasPrefix(text[i:], w.Content) {
				continue
			}
			t := Token{w.ID, i, i + len(w.Content)}
			if w.Left {
				t.Start = from + len(strings.TrimRightFunc(text[from:i], unicode.IsSpace))
			}
			if w.Right {
				t.End = len(text) - len(strings.TrimLeftFunc(text[t.End:], unicode.IsSpace))
			}
			return t
		}
	}
}

// candidate returns the first place at or behind i where a word may begin.
func (a *added) candidate(text string, i int) int {
	if a.only >= 0 {
		if n := strings.IndexByte(text[i:], byte(a.only)); n >= 0 {
			return i + n
		}
		return len(text)
	}
	for i < len(text) && !a.first[text[i]] {
		i++
	}
	return i
}
