package text

import (
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/task"
)

// TestTrainLength: training sees runs of the words of a text, all of them in time and
// the same ones whenever a step is asked for; evaluation sees the text.
func TestTrainLength(t *testing.T) {
	c := dna(t)
	whole := made(t, c, task.Env{})
	defer whole.Close()
	c.Fit.TrainLength = 12
	k := made(t, c, task.Env{})
	defer k.Close()
	special, train := k.words.Special(), k.sets["train"]
	starts := map[int]bool{}
	for step := range 60 {
		b := k.training(train, step)
		if again := k.training(train, step); !slices.Equal(again.Words, b.Words) {
			t.Fatalf("step %d is another one when it is asked for again", step)
		}
		for j, i := range k.dealer.At(step) {
			lo, hi := b.Seq.Span(j)
			got := b.Words[lo:hi]
			text, _ := train.Append(nil, i)
			at := -1
			for s := range len(text) - 11 {
				if slices.Equal(text[1+s:11+s], got[1:11]) {
					at = s
				}
			}
			if len(got) != 12 || got[0] != special.Class || got[11] != special.Separator || at < 0 {
				t.Fatalf("%v is no run of %v", got, text)
			}
			starts[at] = true
		}
	}
	if want := train.Length(0) - 11; len(starts) != want {
		t.Errorf("runs begin at %d of %d places", len(starts), want)
	}
	if d := k.BatchLengths(0); slices.Max(d) != 12 {
		t.Errorf("lengths %v", d)
	}
	a, err := whole.Evaluate(t.Context(), "validation", nothing)
	if err != nil {
		t.Fatal(err)
	}
	b, err := k.Evaluate(t.Context(), "validation", nothing)
	if err != nil || a["loss"] != b["loss"] {
		t.Errorf("loss %g of whole texts, %g, %v", a["loss"], b["loss"], err)
	}
	c.Fit.TrainLength, c.Fit.Language.Model.Positions = 63, "learned"
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "train-length=63 with positions=learned") {
		t.Errorf("%v", err)
	}
	c.Fit.TrainLength, c.Fit.Language.Model.Positions = 64, "none"
	if err := c.Validate(); err == nil || err.Error() != "train-length=64: no text has more than max-length=64 words; choose a shorter run or a larger max-length" {
		t.Errorf("%v", err)
	}
	pairs := settings(t, put(t, t.TempDir(), "a.csv", csvOfPairs(20)))
	pairs.Corpus.PairColumn, pairs.Fit.TrainLength, pairs.Fit.Language.Model.Positions = "other", 12, "none"
	if _, err := New(t.Context(), &pairs, 1, task.Env{}); err == nil || !strings.HasPrefix(err.Error(), "train-length=12: ") {
		t.Errorf("%v", err)
	}
}
