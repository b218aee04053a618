package tokenize

import (
	"slices"
	"strings"
	"testing"
)

func TestComplements(t *testing.T) {
	dna, err := Characters("ACGTN", true)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := dna.Complements()
	if want := []int{0, 1, 2, 3, 4, 8, 7, 6, 5, 9}; err != nil || !slices.Equal(ids, want) {
		t.Errorf("%v %v, want %v", ids, err, want)
	}
	for alphabet, says := range map[string]string{"ACGUN": "", "acgu": "", "éa": `pairs with`, "ACGTRYKMBVDHSWN-": "", "ACGT.": `pairs with '.'`, "ACG": `pairs with 'A'`} {
		c, err := Characters(alphabet, false)
		if err != nil {
			t.Fatal(err)
		}
		ids, err := c.Complements()
		if says != "" {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", alphabet, err)
			}
			continue
		}
		if err != nil {
			t.Error(err)
		}
		for id := range ids {
			if ids[ids[id]] != id {
				t.Errorf("%s: the complement of the complement of %d is %d", alphabet, id, ids[ids[id]])
			}
		}
	}
	if _, err := Bytes().Complements(); err == nil {
		t.Error("bytes have complements")
	}
}

// TestCheckBases: codes of IUPAC, gaps and white space pass, whether the alphabet
// has them or not; other letters are named, wherever a text is encoded.
func TestCheckBases(t *testing.T) {
	named := func(name string) *Tokenizer {
		k, _, err := named(name)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	dna := named("dna")
	for _, c := range []struct {
		words *Tokenizer
		text  string
		want  string // "" for no fault
	}{
		{dna.Literal(), "ACGTNUacgtnu RYKMSWBDHV\nrykmswbdhv--", ""},
		{dna.Literal(), "AC\nGTJJ!!acgté", `5 of 13 letters are no codes of nucleotides, the first of them letter 5: "J", "!", "é"`},
		{dna.Literal(), "[MASK]", `2 of 6 letters are no codes of nucleotides, the first of them letter 1: "[", "]"`},
		{dna, "ACG[MASK]T", ""},
		{dna, "J[MASK]E[UNK]", `2 of 2 letters are no codes of nucleotides, the first of them letter 1: "J", "E"`},
		{dna, "!\"#$%&'()*+,/0123", `17 of 17 letters are no codes of nucleotides, the first of them letter 1: "!", "\"", "#", "$", "%", "&", "'", "(", ")", "*"`},
		{named("characters:ACGUN"), "ACGUT", ""},
		{named("characters:ACDEFGHIKLMNPQRSTVWY"), "MKLVING!", ""},
		{named("bytes"), "MKLVING!", ""},
	} {
		err := c.words.CheckBases(c.text)
		_, encoded := c.words.EncodePair(Layout{}, "AC", c.text)
		if c.want == "" {
			if err != nil || encoded != nil {
				t.Errorf("%q: %v, %v", c.text, err, encoded)
			}
			continue
		}
		if err == nil || err.Error() != c.want || encoded == nil || encoded.Error() != "tokenize: "+c.want {
			t.Errorf("%q: %v, %v, want %s", c.text, err, encoded, c.want)
		}
	}
}
