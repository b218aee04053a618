package text

import (
	"slices"
	"testing"

	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
)

// TestEmptyPair: a row has the same words and types where a model is trained on
// files, where it is used, and where a source has read the texts, as that of GLUE,
// with a second text and without.
func TestEmptyPair(t *testing.T) {
	const rows = "text,other,label\nab,,x\nab,cd,y\n,cd,x\n,,y\nab, ,x\n"
	dir := t.TempDir()
	c := settings(t, put(t, dir, "pairs.csv", rows))
	c.Corpus.PairColumn, c.EvalData = "other", []string{put(t, dir, "held.csv", rows)} // none is held out
	k := made(t, c, task.Env{})
	defer k.Close()
	inputs := []language.Input{{A: "ab"}, {A: "ab", B: "cd"}, {B: "cd"}, {}, {A: "ab", B: " "}}
	var list []task.Example
	for _, in := range inputs {
		list = append(list, task.Example{A: in.A, B: in.B, Labels: []float64{0}})
	}
	memory, err := NewExamples(list, k.words, 64, false)
	if err != nil {
		t.Fatal(err)
	}
	train := k.sets["train"]
	if train.Len() != len(inputs) {
		t.Fatalf("%d rows, want %d", train.Len(), len(inputs))
	}
	for i, in := range inputs {
		use := packed(t, k, in)
		for name, set := range map[string]Examples{"files": train, "memory": memory} {
			b := k.batch(set, []int{i})
			if !slices.Equal(b.Words, use.Words) || !slices.Equal(b.Types, use.Types) {
				t.Errorf("%v, %s: words %v, types %v, in use %v, %v", in, name, b.Words, b.Types, use.Words, use.Types)
			}
		}
	}
	special := k.words.Special()
	if use := packed(t, k, inputs[0]); len(use.Words) != 4 || use.Words[0] != special.Class || use.Words[3] != special.Separator {
		t.Errorf("%v is not [CLS] a b [SEP]", use.Words)
	}
}

// TestClose: what is closed can be used, and opened again.
func TestClose(t *testing.T) {
	k := made(t, settings(t, put(t, t.TempDir(), "a.csv", csvOfClasses(40))), task.Env{})
	before := k.batch(k.sets["train"], k.dealer.At(3))
	k.loader.At(3)
	for range 2 {
		if err := k.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if k.loader != nil || len(k.sets) > 0 || k.Waited() != 0 {
		t.Error("not closed")
	}
	if p := classified(t, k, language.Input{A: "a text"}); p[0].Label == "" {
		t.Errorf("%+v", p)
	}
	if err := k.Prepare(t.Context(), nothing); err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	if after := k.loader.At(3); !slices.Equal(after.Words, before.Words) {
		t.Error("another batch after it was opened again")
	}
}
