package tokenize

import "fmt"

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
