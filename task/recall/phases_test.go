package recall

import (
	"strings"
	"testing"
)

func TestPhases(t *testing.T) {
	c := tiny()
	c.Lengths = []string{"12:3", "24:2x3", "48:10x1"}
	k, err := New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	if c.Batches() != 15 || c.longest() != 50 {
		t.Errorf("%d batches, longest %d", c.Batches(), c.longest())
	}
	seen := map[string]bool{}
	for n, want := range map[int][2]int{0: {4, 14}, 2: {4, 14}, 3: {3, 26}, 4: {3, 26}, 5: {1, 50}, 14: {1, 50}, 99: {1, 50}} {
		b := k.batch(n)
		if b.seq.Count() != want[0] || b.seq.Len(0) != want[1] {
			t.Errorf("batch %d: %d sequences of %d, want %v", n, b.seq.Count(), b.seq.Len(0), want)
		}
		for i := range b.seq.Count() { // no two begin alike, as those of one number and different lengths would
			start := ""
			for _, id := range b.ids[b.seq[i]:][:12] {
				start += string(rune('a' + id))
			}
			if seen[start] {
				t.Errorf("batch %d: %s a second time", n, start)
			}
			seen[start] = true
		}
	}
	for text, says := range map[string]string{
		"12": "says nothing of how many batches", "12:x": "want LENGTH:BATCHES", "12:5x0": "want LENGTH", "1:5": "want at least 2", "12:-1": "want LENGTH",
	} {
		c.Lengths = []string{text}
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
