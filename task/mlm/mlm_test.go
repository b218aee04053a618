package mlm

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/optim"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
	"github.com/orchid-seq/orchid/tokenize"
)

func nothing(int, int) {}

// vocabulary is one with continuations.
func vocabulary(t *testing.T) *tokenize.Tokenizer {
	words := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
	for c := 'a'; c <= 'z'; c++ {
		words = append(words, string(c), "##"+string(c))
	}
	k, err := tokenize.WordPiece(words, tokenize.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestHide: the share, what becomes of those chosen, and that special words and
// parts of words are left alone.
func TestHide(t *testing.T) {
	words := vocabulary(t)
	special := words.Special()
	for _, whole := range []bool{false, true} {
		m := newMasker(words, whole)
		hidden, masked, kept, total := 0, 0, 0, 0
		for i := range 400 {
			s := random.New(3, "test", i)
			window := []int{special.Class}
			for range 50 { // words of one to three pieces
				a, _ := words.ID(string(rune('a' + s.IntN(26))))
				window = append(window, a)
				for range s.IntN(3) {
					window = append(window, a+1)
				}
			}
			window = append(window, special.Unknown, special.Separator)
			before := slices.Clone(window)
			picked := map[int]bool{}
			m.hide(window, 0.3, &s, func(at, word int) {
				if picked[at] || before[at] != word || m.special[word] {
					t.Fatalf("piece %d, word %d, picked twice or wrongly", at, word)
				}
				picked[at] = true
			})
			for at, w := range window {
				switch {
				case !picked[at]:
					if w != before[at] {
						t.Fatalf("piece %d was changed but not picked", at)
					}
				case w == special.Mask:
					masked++
				case w == before[at]:
					kept++
				}
				if whole && at > 0 && !m.starts[before[at]] && picked[at] != picked[at-1] {
					t.Fatal("a word was hidden in part")
				}
			}
			hidden += len(picked)
			total += len(window) - 3
		}
		n := float64(hidden)
		// Five deviations of a binomial, and for whole words the last one's length.
		within := func(what string, got, want, slack float64) {
			t.Helper()
			if d := 5*math.Sqrt(want*(1-want)/n) + slack; math.Abs(got-want) > d {
				t.Errorf("whole words %v: %s %.4f, want %.4f within %.4f", whole, what, got, want, d)
			}
		}
		within("hidden", n/float64(total), 0.3, 0.02)
		within("masked", float64(masked)/n, 0.8, 0)
		within("kept", float64(kept)/n, 0.1+0.1/52, 0)
	}
	m := newMasker(words, false)
	s := random.New(1, "test")
	m.hide([]int{special.Class, special.Separator}, 0.3, &s, func(int, int) { t.Error("a special word was hidden") })
	n := 0
	m.hide([]int{special.Class, 7, special.Separator}, 0.01, &s, func(int, int) { n++ })
	if n != 1 {
		t.Errorf("%d words of one were hidden", n)
	}
}

// tiny is a task on sentences that repeat.
func tiny(t *testing.T, change func(c *Config)) *Task {
	t.Helper()
	dir := t.TempDir()
	for i := range 3 {
		text := strings.Repeat("the cat sat on the mat. a dog ran far away. ", 20+i)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i, ".txt")), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := Default()
	c.Corpus.Data, c.Corpus.Cache, c.Language.Tokenizer = []string{dir}, t.TempDir(), "bytes"
	c.Length, c.Batch, c.Holdout, c.EvalLimit = 32, 8, 0.2, 20
	c.Language.Model.Encoder.Width, c.Language.Model.Encoder.Depth, c.Language.Model.Encoder.Mixer.Filter.Width = 32, 2, 8
	if change != nil {
		change(&c)
	}
	k, err := New(&c, 1, task.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Prepare(context.Background(), nothing); err != nil {
		t.Fatal(err)
	}
	return k
}

// TestWindows: training and held-out windows hold every word once.
func TestWindows(t *testing.T) {
	k := tiny(t, nil)
	train, held := k.sets["train"], k.sets["validation"]
	if len(train.list)+len(held.list) != train.count() || len(held.list) == 0 {
		t.Fatalf("%d windows, %d to train, %d held out", train.count(), len(train.list), len(held.list))
	}
	seen := map[[2]int]int{}
	for _, i := range append(slices.Clone(train.list), held.list...) {
		doc, from, to := train.span(i)
		if to-from > 30 || from >= to {
			t.Errorf("window %d: %d to %d", i, from, to)
		}
		for at := from; at < to; at++ {
			seen[[2]int{doc, at}]++
		}
	}
	total := 0
	for d := range train.store.Documents() {
		for at := range train.store.Len(d) {
			if total++; seen[[2]int{d, at}] != 1 {
				t.Fatalf("word %d of document %d stands in %d windows", at, d, seen[[2]int{d, at}])
			}
		}
	}
	if total != len(seen) {
		t.Errorf("%d words, %d in windows", total, len(seen))
	}
}

// TestTrains: a small model learns sentences that repeat, with any mixer, with
// batches by windows and by words.
func TestTrains(t *testing.T) {
	steps := 250
	if testing.Short() { // under the race detector
		steps = 2
	}
	for name, change := range map[string]func(c *Config){
		"orchid":       nil,
		"whole words":  func(c *Config) { c.WholeWords = true },
		"batch-tokens": func(c *Config) { c.BatchTokens = 200 },
		"attention": func(c *Config) {
			e := &c.Language.Model.Encoder
			e.Mixer.Mixer, e.Mixer.Heads, e.Gated, e.MixerResidual, e.MLPBlocks = "attention", 2, false, true, 1
		},
	} {
		k := tiny(t, change)
		var tape autograd.Tape
		tape.Training = true
		opt := optim.NewAdamW(k.Params(), map[autograd.Group]optim.Setting{autograd.Main: {Rate: 5e-3}}, 0.9, 0.98, 1e-6)
		for step := range steps {
			tape.Reset()
			loss, n, tokens := k.Loss(&tape, step)
			if n < 1 || tokens < 1 {
				t.Fatalf("%s: %d windows, %d words", name, n, tokens)
			}
			tape.Backward(loss, nil, 1)
			opt.Step(1)
			optim.ZeroGrad(k.Params())
		}
		m, err := k.Evaluate(context.Background(), "validation", nothing)
		if err != nil {
			t.Fatal(err)
		}
		learned := m["masked_accuracy"] > m["majority"] && m["loss"] < m["unigram_loss"]
		if !learned && !testing.Short() || math.Abs(math.Log(m["perplexity"])-m["loss"]) > 1e-9 {
			t.Errorf("%s: %v", name, m)
		}
		in := language.Input{A: "the cat [MASK]at on"}
		e, err := k.Read(in, false)
		if err != nil {
			t.Fatal(err)
		}
		var b language.Batch
		b.Add(e.IDs, 0)
		guesses := k.Guess(&autograd.Tape{NoGrad: true}, b, []language.Input{in}, []tokenize.Encoding{e}, 3)[0]
		if len(guesses) != 1 || len(guesses[0]) != 3 || guesses[0][0].Probability < guesses[0][1].Probability {
			t.Errorf("%s: %v, %v", name, guesses, err)
		}
		if g := guesses[0][0]; g.Text != "the cat "+g.Word+"at on" && len(g.Word) == 1 {
			t.Errorf("%s: %q with %q", name, g.Text, g.Word)
		}
	}
}

// TestSameBatches: what a step sees depends on seed and step alone.
func TestSameBatches(t *testing.T) {
	a, b := tiny(t, nil), tiny(t, nil)
	for _, n := range []int{0, 5, 5, 2, 40} {
		x, y := a.loader.At(n), b.batch(n)
		if !slices.Equal(x.Words, y.Words) || !slices.Equal(x.rows, y.rows) || !slices.Equal(x.labels, y.labels) {
			t.Errorf("batch %d differs", n)
		}
	}
}

// TestEmbedAlone: a text's vector has the same bits alone and among others.
func TestEmbedAlone(t *testing.T) {
	k := tiny(t, nil)
	texts := []language.Input{{A: "one"}, {A: "a longer text than that"}, {A: ""}, {A: "the cat", B: "sat"}}
	vectors := func(texts ...language.Input) *autograd.Node {
		var b language.Batch
		for _, text := range texts {
			e, err := text.Encode(k.Tokenizer(), k.Longest(), false)
			if err != nil {
				t.Fatal(err)
			}
			b.Add(e.IDs, e.Second())
		}
		tape := autograd.Tape{NoGrad: true}
		return k.Vectors(&tape, b, k.Hidden(&tape, b), "")
	}
	all := vectors(texts...)
	for i, text := range texts {
		numtest.BitEqual(t, text.A, vectors(text).Row(0), all.Row(i))
	}
}

// TestRefuses: what a task cannot do is one clear line.
func TestRefuses(t *testing.T) {
	c := Default()
	c.Corpus.Data, c.Language.Tokenizer, c.Language.Model.Vocabulary = []string{t.TempDir()}, "bytes", 1000
	if _, err := New(&c, 1, task.Env{}); err == nil || !strings.Contains(err.Error(), "261 words (320 with pad-vocabulary=64), the model has 1000") {
		t.Errorf("another vocabulary: %v", err)
	}
	k := tiny(t, nil)
	if _, err := k.Read(language.Input{A: "nothing hidden"}, false); err == nil || !strings.Contains(err.Error(), "no [MASK] in the text") {
		t.Errorf("no mask: %v", err)
	}
}
