package fault

import (
	"errors"
	"testing"
)

func TestList(t *testing.T) {
	var l List
	l.Check(true, "never said")
	l.OneOf("mixer", "orchid", "orchid", "hyena")
	l.Add(nil)
	if err := l.Err(); err != nil {
		t.Errorf("no fault gives %v", err)
	}
	l.Check(false, "width=%d: want at least 1", 0)
	l.OneOf("mixer", "rnn", "orchid", "hyena")
	l.Add(errors.New("as found"))
	const want = "width=0: want at least 1\nmixer=rnn: want one of orchid, hyena\nas found"
	if err := l.Err(); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"mixr", "mixer", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 2}} {
		if got := Edits(c.a, c.b); got != c.want || Edits(c.b, c.a) != c.want {
			t.Errorf("%q and %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
