package text

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
)

func inputs(texts ...string) (list []language.Input) {
	for _, a := range texts {
		list = append(list, language.Input{A: a})
	}
	return list
}

// bits returns the numbers of a prediction.
func (p Prediction) bits(classes []string) (list []float32) {
	if p.Value != nil {
		return []float32{float32(*p.Value)}
	}
	for _, name := range classes {
		list = append(list, float32(p.Probabilities[name]))
	}
	return list
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
			all, err := k.Classify(t.Context(), texts, false)
			if err != nil {
				t.Fatal(err)
			}
			vectors, err := k.Embed(t.Context(), texts, false)
			if err != nil {
				t.Fatal(err)
			}
			for i, text := range texts {
				p, err := k.Classify(t.Context(), []language.Input{text}, false)
				if err != nil {
					t.Fatal(err)
				}
				numtest.BitEqual(t, string(kind)+" of "+text.A, p[0].bits(k.classes), all[i].bits(k.classes))
				v, err := k.Embed(t.Context(), []language.Input{text}, false)
				if err != nil {
					t.Fatal(err)
				}
				numtest.BitEqual(t, "vector of "+text.A, v[0], vectors[i])
			}
		}
		if all, err := k.Classify(t.Context(), nil, false); err != nil || len(all) != 0 {
			t.Errorf("no texts: %v, %v", all, err)
		}
		if all, err := k.Embed(t.Context(), nil, false); err != nil || len(all) != 0 {
			t.Errorf("no texts: %v, %v", all, err)
		}
	}
}

// TestTruncate: a text that is too long is an error that names it, unless it may
// be cut; then what is left counts.
func TestTruncate(t *testing.T) {
	k := made(t, settings(t, put(t, t.TempDir(), "a.csv", csvOfClasses(30))), task.Env{})
	texts := inputs("one", strings.Repeat("x", 63))
	for name, f := range map[string]func(truncate bool) error{
		"classify": func(truncate bool) error { _, err := k.Classify(t.Context(), texts, truncate); return err },
		"embed":    func(truncate bool) error { _, err := k.Embed(t.Context(), texts, truncate); return err },
	} {
		var input *language.InputError
		if err := f(false); !errors.As(err, &input) || input.Index != 1 || !strings.Contains(err.Error(), "text 2: ") || !strings.Contains(err.Error(), "64") {
			t.Errorf("%s: %v", name, err)
		}
		if err := f(true); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	long, err := k.Classify(t.Context(), inputs(strings.Repeat("x", 500)), true)
	if err != nil {
		t.Fatal(err)
	}
	cut, err := k.Classify(t.Context(), inputs(strings.Repeat("x", 62)), false)
	if err != nil {
		t.Fatal(err)
	}
	numtest.BitEqual(t, "a text that was cut", long[0].bits(k.classes), cut[0].bits(k.classes))
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
