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
