package text

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
	"github.com/orchid-seq/orchid/tokenize"
)

func inputs(texts ...string) (list []language.Input) {
	for _, a := range texts {
		list = append(list, language.Input{A: a})
	}
	return list
}

// bits returns the numbers of a prediction.
func bits(p task.Prediction, classes []string) (list []float32) {
	if p.Value != nil {
		return []float32{float32(*p.Value)}
	}
	for _, name := range classes {
		list = append(list, float32(p.Probabilities[name]))
	}
	return list
}

// packed reads texts into a batch.
func packed(t *testing.T, k *Task, texts ...language.Input) (b language.Batch) {
	t.Helper()
	for _, text := range texts {
		e, err := text.Encode(k.Tokenizer(), k.Longest(), false)
		if err != nil {
			t.Fatal(err)
		}
		b.Add(e.IDs, e.Second())
	}
	return b
}

// classified is what a model says of texts.
func classified(t *testing.T, k *Task, texts ...language.Input) []task.Prediction {
	t.Helper()
	return k.Classify(&autograd.Tape{NoGrad: true}, packed(t, k, texts...))
}

// embedded is the vectors of texts.
func embedded(t *testing.T, k *Task, texts ...language.Input) *autograd.Node {
	t.Helper()
	tape, b := autograd.Tape{NoGrad: true}, packed(t, k, texts...)
	return k.Vectors(&tape, b, k.Hidden(&tape, b), "")
}

// TestAlone: what a text gives has the same bits alone and among others, for
// every kind of label.
func TestAlone(t *testing.T) {
	dir := t.TempDir()
	texts := append(inputs("one", "a longer text than that, aaa", "", "ü", strings.Repeat("y", 62)), language.Input{A: "a pair", B: "of texts"})
	for kind, data := range map[task.Kind]string{
		task.Single: put(t, dir, "a.csv", csvOfClasses(40)),
		task.Multi:  put(t, dir, "b.jsonl", jsonlOfSeveral(40)),
		task.Number: put(t, dir, "c.tsv", strings.Replace(tsvOfNumbers(40), "price", "label", 1)),
	} {
		conf := settings(t, data)
		conf.Labels = kind
		k := made(t, conf, task.Env{})
		for _, keep := range []int{0, 1 << 20} {
			k.Keep(keep)
			all, vectors := classified(t, k, texts...), embedded(t, k, texts...)
			for i, text := range texts {
				numtest.BitEqual(t, string(kind)+" of "+text.A, bits(classified(t, k, text)[0], k.classes), bits(all[i], k.classes))
				numtest.BitEqual(t, "vector of "+text.A, embedded(t, k, text).Row(0), vectors.Row(i))
			}
		}
	}
}

// TestTruncate: a text that is too long is an error, unless it may be cut; then
// what is left counts.
func TestTruncate(t *testing.T) {
	k := made(t, settings(t, put(t, t.TempDir(), "a.csv", csvOfClasses(30))), task.Env{})
	var length *tokenize.LengthError
	if _, err := (language.Input{A: strings.Repeat("x", 63)}).Encode(k.Tokenizer(), k.Longest(), false); !errors.As(err, &length) || length.Tokens != 65 || length.Most != 64 {
		t.Errorf("%v", err)
	}
	e, err := language.Input{A: strings.Repeat("x", 500)}.Encode(k.Tokenizer(), k.Longest(), true)
	if want := packed(t, k, inputs(strings.Repeat("x", 62))...).Words; err != nil || e.Cut != 438 || !slices.Equal(e.IDs, want) {
		t.Errorf("%d tokens, %d cut, %v", len(e.IDs), e.Cut, err)
	}
}

// TestPrediction reads rows of outputs.
func TestPrediction(t *testing.T) {
	k := &Task{source: &files{c: Config{Labels: task.Single}}, classes: []string{"a", "b", "c"}}
	p := k.prediction([]float32{1, 800, 1})
	if p.Label != "b" || p.Probabilities["b"] != 1 {
		t.Errorf("%+v", p)
	}
	if p = k.prediction([]float32{0, 0, float32(math.NaN())}); p.Label != "" {
		t.Errorf("a NaN gives %+v", p)
	}
	k.source = &files{c: Config{Labels: task.Multi}}
	p = k.prediction([]float32{-1, 2, 3})
	if !slices.Equal(p.Labels, []string{"b", "c"}) || p.Probabilities["a"] >= 0.5 {
		t.Errorf("%+v", p)
	}
	b, err := json.Marshal(k.prediction([]float32{-1, -2, -3}))
	if err != nil || !strings.Contains(string(b), `"labels":[]`) {
		t.Errorf("none of the classes: %s, %v", b, err)
	}
}

// TestPredict computes what Sample gives, and refuses what is no input.
func TestPredict(t *testing.T) {
	k := made(t, settings(t, put(t, t.TempDir(), "a.csv", csvOfClasses(30))), task.Env{})
	in, err := k.Sample()
	if err != nil {
		t.Fatal(err)
	}
	out, err := k.Predict(in)
	if err != nil || !slices.Equal(out.Shape, []int{4, 3}) {
		t.Fatalf("%v, %v", out, err)
	}
	in["words"].Data[3] = 1e6
	if _, err := k.Predict(in); err == nil || !strings.Contains(err.Error(), "word 1e+06 is not below the vocabulary") {
		t.Errorf("%v", err)
	}
	if _, err := k.Predict(nil); err == nil {
		t.Error("no input was taken")
	}
}
