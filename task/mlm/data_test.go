package mlm

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
)

// TestClose: what is closed can be used, and opened again.
func TestClose(t *testing.T) {
	k := tiny(t, nil)
	before := k.batch(3)
	k.loader.At(3)
	for range 2 {
		if err := k.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if k.loader != nil || len(k.sets) > 0 || k.Waited() != 0 {
		t.Error("not closed")
	}
	var b language.Batch
	b.Add([]int{2, 7, 8, 3}, 0)
	if tape := (autograd.Tape{NoGrad: true}); k.Vectors(&tape, b, k.Hidden(&tape, b), "").Rows() != 1 {
		t.Error("no vector")
	}
	if err := k.Prepare(t.Context(), nothing); err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	if after := k.loader.At(3); !slices.Equal(after.Words, before.Words) {
		t.Error("another batch after it was opened again")
	}
}

// TestFrequencies: unigram_loss and majority come from the text to train on, and
// from all of the text evaluated where no other is read.
func TestFrequencies(t *testing.T) {
	dir := t.TempDir()
	train, eval := filepath.Join(dir, "train.txt"), filepath.Join(dir, "eval.txt")
	for path, text := range map[string]string{train: strings.Repeat("ab", 50) + strings.Repeat("a", 100), eval: strings.Repeat("c", 60)} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	k := tiny(t, func(c *Config) {
		c.Corpus.Data, c.EvalData, c.Language.Tokenizer = []string{train}, []string{eval}, "characters:abc"
	})
	defer k.Close()
	check := func(what string, majority, loss float64) {
		t.Helper()
		m, err := k.Evaluate(t.Context(), "validation", nothing)
		if err != nil || m["majority"] != majority || !(math.Abs(m["unigram_loss"]-loss) < 1e-12) {
			t.Errorf("%s: %v, %v, want %g, %g", what, m, err, majority, loss)
		}
	}
	words := float64(len(k.mask.ordinary))
	check("with the training text", 0, math.Log((200+words)/1))
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	check("without it", 1, math.Log((60+words)/61))
	m, err := k.Evaluate(t.Context(), "train", nothing)
	if err != nil || !(m["majority"] > 0.5) || m["majority"] == 1 {
		t.Errorf("the training text: %v, %v", m, err)
	}
}

// TestIgnored: settings that would be ignored are refused.
func TestIgnored(t *testing.T) {
	for want, change := range map[string]func(c *Config){
		"truncate=true: ":    func(c *Config) { c.Corpus.Truncate = true },
		"label-column=mood:": func(c *Config) { c.Corpus.LabelColumn = "mood" },
		"pair-column=other:": func(c *Config) { c.Corpus.PairColumn = "other" },
	} {
		c := Default()
		c.Corpus.Data, c.Language.Tokenizer = []string{"x"}, "bytes"
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		change(&c)
		if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestApart: text that is trained on is not text to evaluate on, whatever the path.
func TestApart(t *testing.T) {
	known := tiny(t, nil)
	defer known.Close()
	c := known.c
	dir := c.Corpus.Data[0]
	c.EvalData = []string{filepath.Join(dir, "..", filepath.Base(dir), "1.txt")}
	k, err := New(&c, 1, task.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Prepare(t.Context(), nothing); err == nil || !strings.Contains(err.Error(), "1.txt: eval-data and data both name it: ") {
		t.Errorf("%v", err)
	}
	note := ""
	k.env = task.Env{Folder: "run", Note: func(text string) { note += text }}
	if _, err := k.Evaluate(t.Context(), "validation", nothing); err != nil || !strings.Contains(note, "1.txt: data names it too") {
		t.Errorf("%v, %q", err, note)
	}
}
