package text

import (
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/task"
)

// TestTooManyClasses: a bag of words that would not fit into memory is left out
// with a note, the majority stays.
func TestTooManyClasses(t *testing.T) {
	var said []string
	k := made(t, settings(t, put(t, t.TempDir(), "a.csv", csvOfClasses(40))), task.Env{Note: func(s string) { said = append(said, s) }})
	defer k.Close()
	k.classes = append(k.classes, make([]string, 10_001-len(k.classes))...)
	train, err := k.set(t.Context(), "train", nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := k.fitBaseline(t.Context(), "validation", train)
	if err != nil || len(b) != 1 || !(b["majority"] > 0) {
		t.Errorf("%v, %v", b, err)
	}
	if len(said) != 1 || !strings.HasPrefix(said[0], "the bag of words to compare with is left out: too many classes: 10001") {
		t.Errorf("%q", said)
	}
}
