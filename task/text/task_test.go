package text

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
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/optim"
	"github.com/orchid-seq/orchid/task"
)

func nothing(int, int) {}

// put writes a file below dir and returns its path.
func put(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// settings are those of a model that a test can train, on the files of data.
func settings(t *testing.T, data ...string) Config {
	t.Helper()
	c := Default()
	c.Corpus.Data, c.Corpus.Cache, c.Holdout = data, t.TempDir(), 0.2
	c.Fit.Language.Tokenizer, c.Fit.Language.PadVocabulary = "bytes", 1
	m := &c.Fit.Language.Model
	m.MaxLength, m.Encoder.Width, m.Encoder.Depth, m.Encoder.MLPBlocks, m.Encoder.Dropout = 64, 16, 1, 1, 0
	m.Encoder.Mixer.Filter.Width = 8
	return c
}

// made builds a task and reads its data.
func made(t *testing.T, c Config, env task.Env) *Task {
	t.Helper()
	k, err := New(t.Context(), &c, 1, env)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Prepare(t.Context(), nothing); err != nil {
		t.Fatal(err)
	}
	return k
}

// fit trains a task for some steps, for two of them under the race detector,
// which CI runs with -short: what has been learned is then not asked.
func fit(k *Task, steps int) {
	if testing.Short() {
		steps = 2
	}
	var tape autograd.Tape
	tape.Training = true
	opt := optim.NewAdamW(k.Params(), map[autograd.Group]optim.Setting{autograd.Main: {Rate: 5e-3}}, 0.9, 0.98, 1e-6)
	for step := range steps {
		tape.Reset()
		loss, _, _ := k.Loss(&tape, step)
		tape.Backward(loss, nil, 1)
		opt.Step(1)
		optim.ZeroGrad(k.Params())
	}
}

func evaluate(t *testing.T, k *Task, split string) map[string]float64 {
	t.Helper()
	m, err := k.Evaluate(t.Context(), split, nothing)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestTrains: a small model learns marks in texts from files of every form and
// labels of every kind, and beats the best answer without a look at the text.
func TestTrains(t *testing.T) {
	dir := t.TempDir()
	for i := range 90 {
		s := random.New(5, "text", i)
		put(t, dir, fmt.Sprintf("folders/%s/%d.txt", []string{"neg", "pos"}[i%2], i), words(&s, 3)+[]string{" aaa ", " bbb "}[i%2]+words(&s, 3))
	}
	for _, c := range []struct {
		name    string
		data    string
		change  func(c *Config)
		classes []string
		least   float64 // score
	}{
		{"single", put(t, dir, "single.csv", csvOfClasses(240)), func(c *Config) { c.Fit.Pool.Pool = autograd.MeanPool }, []string{"bad", "good", "so-so"}, 0.7},
		{"several", put(t, dir, "several.jsonl", jsonlOfSeveral(240)), func(c *Config) { c.Labels, c.Fit.Pool.Pool = task.Multi, autograd.MeanPool }, []string{"x", "y", "z"}, 0.75},
		{"number", put(t, dir, "number.tsv", tsvOfNumbers(240)), func(c *Config) {
			c.Labels, c.Corpus.LabelColumn, c.Fit.Pool.Pool = task.Number, "price", autograd.MeanPool
		}, nil, 0.7},
		{"pairs", put(t, dir, "pairs.csv", csvOfPairs(240)), func(c *Config) { c.Corpus.PairColumn = "other" }, []string{"0", "1"}, 0.8},
		{"folders", filepath.Join(dir, "folders"), func(c *Config) { c.Corpus.LabelColumn, c.Fit.BatchTokens = "folder", 300 }, []string{"neg", "pos"}, 0.8},
	} {
		t.Run(c.name, func(t *testing.T) {
			conf := settings(t, c.data)
			if c.change != nil {
				c.change(&conf)
			}
			k, err := New(t.Context(), &conf, 1, task.Env{})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(conf.Classes, c.classes) {
				t.Errorf("classes %q, want %q", conf.Classes, c.classes)
			}
			if err := k.Prepare(t.Context(), nothing); err != nil {
				t.Fatal(err)
			}
			before := evaluate(t, k, "validation")
			fit(k, 200)
			m := evaluate(t, k, "validation")
			if !testing.Short() && (!(m["score"] > c.least) || !(m["score"] > m["majority"]) || !(m["loss"] < before["loss"])) {
				t.Errorf("before training %v, after it %v", before, m)
			}
			if m["bag_of_words"] != before["bag_of_words"] || !(m["bag_of_words"] > m["majority"]) && c.name != "pairs" && c.name != "number" {
				t.Errorf("bag of words %v, majority %v", m["bag_of_words"], m["majority"])
			}
			for name, v := range m {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("%s is %v", name, v)
				}
			}
		})
	}
}

// TestUnits: a regression gives values in the units of its data.
func TestUnits(t *testing.T) {
	conf := settings(t, put(t, t.TempDir(), "number.tsv", tsvOfNumbers(240)))
	conf.Labels, conf.Corpus.LabelColumn, conf.Fit.Pool.Pool = task.Number, "price", autograd.MeanPool
	k := made(t, conf, task.Env{})
	fit(k, 200)
	p := classified(t, k, inputs("dd eeee", "dd eeee aaaaa")...)
	if testing.Short() {
		return
	}
	if low, high := *p[0].Value, *p[1].Value; !(low > 850 && low < 1250 && high > low+150 && high < 1650) {
		t.Errorf("values %g and %g, want about 1000 and 1500", low, high)
	}
	if m := evaluate(t, k, "validation"); !(m["rmse"] < 170.8) { // the deviation of 0, 100, ... 500
		t.Errorf("%v", m)
	}
	if d := k.Describe(); !strings.Contains(d, "values 1000 to 1500") {
		t.Errorf("%s", d)
	}
}

// TestClassesAreStored: labels that look like numbers are sorted by value, and a
// model whose classes are known does not take them from its data.
func TestClassesAreStored(t *testing.T) {
	dir := t.TempDir()
	data := put(t, dir, "a.csv", "text,label\n"+strings.Repeat("one,10\ntwo,9\nthree,-1\nfour,true\nfive,\"a, b\"\n", 8))
	conf := settings(t, data)
	k := made(t, conf, task.Env{})
	want := []string{"-1", "9", "10", "a, b", "true"}
	if !slices.Equal(k.classes, want) {
		t.Errorf("classes %q, want %q", k.classes, want)
	}
	conf.Classes = []string{"true", "a, b", "10", "9", "-1", "never seen"}
	if k = made(t, conf, task.Env{}); !slices.Equal(k.classes, conf.Classes) || k.model.Head.Bias.Shape[0] != 6 {
		t.Errorf("classes %q", k.classes)
	}
	if p := classified(t, k, inputs("one")...); len(p[0].Probabilities) != 6 {
		t.Errorf("%v", p)
	}
}

// TestRefuses: what is wrong with data is one clear line, with file and line.
func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	rows := strings.Repeat("one,a\ntwo,b\n", 20)
	good := put(t, dir, "good.csv", "text,label\n"+rows)
	for _, c := range []struct {
		name, data string
		change     func(c *Config)
		want       string
	}{
		{"label never seen", "text,label\none,a\ntwo,c\n", func(c *Config) { c.EvalData, c.Corpus.Data = c.Corpus.Data, []string{good} }, `data.csv:3: the label "c" is not among those of the model, "a", "b"`},
		{"equal labels", "text,label\none,a\ntwo,a\n", nil, `data.csv: all labels are ["a"]: there is nothing to tell apart`},
		{"no labels at all", "text,label\none,\ntwo,\n", func(c *Config) { c.Labels = task.Multi }, "data.csv: no text has a label"},
		{"an empty label", "text,label\none,a\ntwo,\n", nil, "data.csv:3: the label is empty"},
		{"no number", "text,label\none,1\ntwo,b\n", func(c *Config) { c.Labels = task.Number }, `data.csv:3: the label "b" is not a number`},
		{"missing column", "text,Label\none,a\n", nil, `data.csv: no column "label", but "text", "Label"; did you mean "Label"?`},
		{"a longer text", "text,label\none,a\n" + strings.Repeat("x", 63) + ",b\n", nil, "data.csv:3: 65 tokens where the model takes 64: truncate=true cuts it"},
		{"unclosed quote", "text,label\n\"one,a\ntwo,b\n", nil, "data.csv:2: a quote is opened here and not closed"},
		{"one text", "text,label\none,1\n", func(c *Config) { c.Labels = task.Number }, "data.csv: with holdout=0.2 none of 1 texts is for train; choose another share"},
	} {
		t.Run(c.name, func(t *testing.T) {
			conf := settings(t, put(t, t.TempDir(), "data.csv", c.data))
			if c.change != nil {
				c.change(&conf)
			}
			k, err := New(t.Context(), &conf, 1, task.Env{})
			if err == nil {
				err = k.Prepare(t.Context(), nothing)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
	conf := settings(t, good)
	conf.Fit.Language.Model.MaxLength = 1
	if err := conf.Validate(); err == nil || !strings.Contains(err.Error(), "max-length=1: want at least 3") {
		t.Errorf("no room for a word: %v", err)
	}
	conf = settings(t)
	if _, err := New(context.Background(), &conf, 1, task.Env{}); err == nil || !strings.Contains(err.Error(), "data: name files") {
		t.Errorf("no data: %v", err)
	}
}
