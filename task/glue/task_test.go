package glue

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/optim"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
	"github.com/orchid-seq/orchid/task/text"
)

// TestMain keeps what tests cache out of the user's folder.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "orchid-glue")
	if err != nil {
		panic(err)
	}
	os.Setenv("XDG_CACHE_HOME", dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func nothing(int, int) {}

// original writes the file of a split in the form of GLUE, n examples whose
// label a mark in the text tells.
func original(t *testing.T, dir, name, split string, n int) {
	t.Helper()
	k, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	s := k.sources[slices.IndexFunc(k.sources, func(s source) bool { return s.split == split })]
	names := s.names
	var b strings.Builder
	if names == nil {
		names = []string{"index", s.a, s.label}
		if s.b != "" {
			names = []string{"index", s.a, s.b, s.label}
		}
		b.WriteString(strings.Join(names, "\t") + "\n")
	}
	for i := range n {
		label, mark := fmt.Sprint(i%6), strings.Repeat("a", i%6)
		if k.Labels != nil {
			label, mark = k.Labels[i%len(k.Labels)], strings.Repeat(string(rune('a'+i%len(k.Labels))), 3)
		}
		fields := make([]string, len(names))
		for j, column := range names {
			switch column {
			case s.a:
				fields[j] = fmt.Sprintf("the \"text %d %s", i, mark)
			case s.b:
				fields[j] = fmt.Sprintf("another %s %d", mark, i)
			case s.label:
				fields[j] = label
			default:
				fields[j] = "x"
			}
		}
		b.WriteString(strings.Join(fields, "\t") + "\n")
	}
	put(t, filepath.Join(dir, k.Name, filepath.FromSlash(s.path)), b.String())
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// settings are those of a model that a test can train.
func settings(name, dir string) Config {
	c := Default()
	c.Name, c.Data = name, dir
	c.Fit.Language.Tokenizer, c.Fit.Language.PadVocabulary, c.Fit.Pool.Pool = "bytes", 1, autograd.MeanPool
	m := &c.Fit.Language.Model
	m.MaxLength, m.Encoder.Width, m.Encoder.Depth, m.Encoder.MLPBlocks, m.Encoder.Dropout = 64, 16, 1, 1, 0
	m.Encoder.Mixer.Filter.Width = 8
	return c
}

func made(t *testing.T, c Config, env task.Env) (*text.Task, error) {
	t.Helper()
	k, err := New(t.Context(), &c, 1, env)
	if err != nil {
		return nil, err
	}
	return k, k.Prepare(t.Context(), nothing)
}

// TestTrains: a model learns tasks of every kind from files in the form of GLUE,
// and is scored by the metric of each.
func TestTrains(t *testing.T) {
	if testing.Short() {
		t.Skip("too slow under the race detector, which CI runs with -short; task/text trains there")
	}
	for _, c := range []struct {
		name    string
		metrics []string
		splits  []string
	}{
		{"SST-2", []string{"accuracy"}, []string{"dev", "train", "test"}},
		{"CoLA", []string{"accuracy", "matthews"}, []string{"dev", "train"}},
		{"MRPC", []string{"accuracy", "f1"}, []string{"dev", "train", "test"}},
		{"STS-B", []string{"pearson", "spearman"}, []string{"dev", "train", "test"}},
		{"MNLI", []string{"accuracy"}, []string{"dev", "train", "dev-mismatched"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			original(t, dir, c.name, "train", 96)
			original(t, dir, c.name, "dev", 24)
			if c.name == "MNLI" {
				original(t, dir, c.name, "dev-mismatched", 12)
			}
			k, err := made(t, settings(c.name, dir), task.Env{})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(k.Splits(), c.splits) {
				t.Errorf("splits %v, want %v", k.Splits(), c.splits)
			}
			var tape autograd.Tape
			tape.Training = true
			opt := optim.NewAdamW(k.Params(), map[autograd.Group]optim.Setting{autograd.Main: {Rate: 5e-3}}, 0.9, 0.98, 1e-6)
			for step := range 100 {
				tape.Reset()
				loss, _, _ := k.Loss(&tape, step)
				tape.Backward(loss, nil, 1)
				opt.Step(1)
				optim.ZeroGrad(k.Params())
			}
			m, err := k.Evaluate(t.Context(), "dev", nothing)
			if err != nil {
				t.Fatal(err)
			}
			if !(m["score"] > m["majority"]) || !(m["score"] > 0.8) {
				t.Errorf("%v", m)
			}
			for _, name := range append(c.metrics, "loss", "bag_of_words") {
				if v, ok := m[name]; !ok || math.IsNaN(v) {
					t.Errorf("no %s in %v", name, m)
				}
			}
			if d := k.Describe(); !strings.Contains(d, "GLUE "+c.name) || !strings.Contains(d, "train: 96 texts") || !strings.Contains(d, "dev: 24 texts") {
				t.Errorf("%s", d)
			}
			if c.name == "MNLI" {
				m, err := k.Evaluate(t.Context(), "dev-mismatched", nothing)
				if err != nil || !(m["score"] > 0.8) || m["majority"] != 1/3.0 {
					t.Errorf("mismatched: %v, %v", m, err)
				}
			}
			e, err := language.Input{A: "the \"text", B: "another"}.Encode(k.Tokenizer(), k.Longest(), false)
			if err != nil {
				t.Fatal(err)
			}
			var b language.Batch
			b.Add(e.IDs, e.Second())
			if p := k.Classify(&autograd.Tape{NoGrad: true}, b); (p[0].Value != nil) != (c.name == "STS-B") {
				t.Errorf("%+v", p)
			}
		})
	}
}

// TestMissingFile: files that are not there are named; dev is never passed over.
func TestMissingFile(t *testing.T) {
	dir := t.TempDir()
	want := func(err error, part string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %s", err, part)
		}
	}
	_, err := made(t, settings("rte", dir), task.Env{})
	want(err, "RTE/train.tsv: no such file: put there RTE from gluebenchmark.com")
	original(t, dir, "RTE", "train", 8)
	_, err = made(t, settings("rte", dir), task.Env{})
	want(err, "RTE/dev.tsv: no such file")
	_, err = made(t, settings("rtl", dir), task.Env{})
	want(err, `no GLUE task "rtl": want one of MNLI`)
	c := settings("", "")
	c.BadLines = "no"
	_, err = made(t, c, task.Env{})
	for _, part := range []string{"name: say which task", "data: name the folder", "bad-lines=no: want one of stop, skip"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v, want %s", err, part)
		}
	}
}

// TestBadAndLong: bad lines stop, or are counted; long texts are cut, or stop.
func TestBadAndLong(t *testing.T) {
	dir := t.TempDir()
	long := strings.Repeat("long ", 40)
	put(t, filepath.Join(dir, "SST-2", "train.tsv"), "sentence\tlabel\nfine\t1\nno label\ndull\t0\n"+long+"\t1\nbad\t2\nfine\t1\n")
	original(t, dir, "SST-2", "dev", 4)
	c := settings("SST-2", dir)
	var bad BadLines
	if _, err := made(t, c, task.Env{}); !errors.As(err, &bad) || len(bad) != 2 || !strings.Contains(err.Error(), "train.tsv:3: 1 fields") || !strings.Contains(err.Error(), "train.tsv:6: label: \"2\"") {
		t.Errorf("%v", err)
	}
	var said []string
	env := task.Env{Note: func(s string) { said = append(said, s) }}
	c.BadLines = "skip"
	k, err := made(t, c, env)
	if err != nil {
		t.Fatal(err)
	}
	if len(said) != 1 || !strings.Contains(said[0], "SST-2: 2 bad lines skipped") || !strings.Contains(said[0], "train.tsv:3") {
		t.Errorf("said %q", said)
	}
	if d := k.Describe(); !strings.Contains(d, "train: 4 texts") || !strings.Contains(d, "1 were cut") {
		t.Errorf("%s", d)
	}
	c.Truncate = false
	if _, err := made(t, c, env); err == nil || !strings.Contains(err.Error(), "SST-2") || !strings.Contains(err.Error(), "truncate=true") {
		t.Errorf("a long text: %v", err)
	}
}
