package tokenize

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/orchid-seq/orchid/internal/fault"
)

// complements are the bases that pair with each other, and IUPAC's letters for
// several of them.
const complements = "ATTAUACGGCRYYRKMMKBVVBDHHDSSWWNN--attauacggcryyrkmmkbvvbdhhdsswwnn"

// Complements returns, for each id of a tokenizer of characters of nucleic acids,
// that of the base that pairs with it; special words stand for themselves. The
// error says which character pairs with none, or with one that is not in the
// alphabet.
func (t *Tokenizer) Complements() ([]int, error) {
	c, ok := t.model.(*characters)
	if !ok {
		return nil, fmt.Errorf("tokenize: no tokenizer of single bases: want dna or characters:ALPHABET")
	}
	pair := map[rune]rune{}
	for i := 0; i < len(complements); i += 2 {
		pair[rune(complements[i])] = rune(complements[i+1])
	}
	ids := make([]int, t.Size())
	for id := range ids {
		ids[id] = id
	}
	for _, r := range c.alphabet {
		other, ok := pair[r]
		if u := r + 'U' - 'A'; r == 'A' || r == 'a' { // RNA
			if _, there := c.ids[u]; there {
				other = u
			}
		}
		id, there := c.ids[other]
		if !ok || !there {
			return nil, fmt.Errorf("tokenize: the alphabet %q: nothing in it pairs with %q", c.alphabet, r)
		}
		ids[c.ids[r]] = id
	}
	return ids, nil
}

// CheckBases names the letters of a text that are neither in the alphabet of a
// tokenizer of single bases (one that has Complements) nor codes of IUPAC for
// nucleotides, such as those of a protein. White space is no letter. Any text is
// right for other tokenizers.
func (t *Tokenizer) CheckBases(text string) error {
	c, ok := t.model.(*characters)
	if !ok || !c.bases {
		return nil
	}
	var foreign []string
	all, count, first := 0, 0, 0
	for from := 0; from < len(text); {
		special := Token{Start: len(text), End: len(text)}
		if !t.literal {
			special = t.added.next(text, from)
		}
		for _, r := range text[from:special.Start] {
			all++
			switch known := r < utf8.RuneSelf && c.ascii[r] != unknownUnit; {
			case known, c.ids[r] != 0, strings.ContainsRune(complements, r):
				continue
			case unicode.IsSpace(r):
				all--
				continue
			}
			if count++; count == 1 {
				first = all
			}
			const most = 10 // named; a text of strangers may have any number
			if name := string(r); len(foreign) < most && !slices.Contains(foreign, name) {
				foreign = append(foreign, name)
			}
		}
		from = special.End
	}
	if count == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d letters are no codes of nucleotides, the first of them letter %d: %s", count, all, first, fault.Names(foreign))
}
