package orchid_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/train"
)

// The data of the models below.
var (
	reviews = "text,label\n" + strings.Repeat("a fine film,positive\na dull film,negative\nfine and warm,positive\nlong and dull,negative\nso fine,positive\nso dull,negative\n", 8)
	rhyme   = strings.Repeat("the cat sat on the mat\n\n", 40)
	words   = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ncat\nsat\non\nmat\na\n##t\n"
)

// tiny are settings of models that train in a moment.
var tiny = []string{"width=16", "depth=1", "mlp-blocks=1", "filter-width=8", "dropout=0", "max-length=48", "pad-vocabulary=1", "lr=5e-3", "checkpoint-every=1000"}

// scratch is the folder of the models, and of nothing else.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "orchid"); err != nil {
		log.Fatal(err)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

var (
	textModel = sync.OnceValue(func() string {
		return trained("text", file("reviews.csv", reviews), "tokenizer=bytes", "pool=mean", "batch=8", "steps=120")
	})
	mlmModel = sync.OnceValue(func() string {
		return trained("mlm", file("rhyme.txt", rhyme), "tokenizer="+file("vocab.txt", words), "document=paragraph", "length=16", "holdout=0.2", "steps=120")
	})
	recallModel = sync.OnceValue(func() string {
		return trained("recall", "", "vocabulary=8", "length=12", "width=16", "filter-width=8", "tests=4", "steps=1")
	})
)

func file(name, text string) string {
	path := filepath.Join(scratch, name)
	must(os.WriteFile(path, []byte(text), 0o644))
	return path
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// trained makes a model folder.
func trained(name, data string, settings ...string) string {
	ctx := context.Background()
	e, err := experiment.New(name)
	must(err)
	if data != "" {
		must(e.Override(append([]string{"data=" + data, "cache=" + filepath.Join(scratch, "cache")}, tiny...)))
	}
	must(e.Override(settings))
	k, err := e.Build(ctx)
	must(err)
	must(k.Prepare(ctx, func(int, int) {}))
	dir := filepath.Join(scratch, name)
	must(os.Mkdir(dir, 0o755))
	must(e.WriteConfig(dir))
	if f, ok := k.(task.Filer); ok {
		must(f.WriteFiles(dir))
	}
	_, err = train.Run(ctx, e.Training, k, dir, false, train.Observer{})
	must(err)
	must(e.WriteModel(dir, k, nil))
	return dir
}

func ExampleModel_Classify() {
	ctx := context.Background()
	dir := textModel() // such as runs/text, which "orchid train text" has written
	m, err := orchid.Open(ctx, dir, orchid.Options{})
	if err != nil {
		log.Fatal(err)
	}
	predictions, err := m.Classify(ctx, orchid.Input{A: "a fine film"}, orchid.Input{A: "so dull"})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range predictions {
		fmt.Println(p.Label, p.Probabilities[p.Label] > 0.5)
	}
	// Output:
	// positive true
	// negative true
}

func ExampleModel_FillMask() {
	ctx := context.Background()
	dir := mlmModel() // such as runs/mlm, which "orchid train mlm" has written
	m, err := orchid.Open(ctx, dir, orchid.Options{})
	if err != nil {
		log.Fatal(err)
	}
	masks, err := m.FillMask(ctx, "the [MASK] sat on the mat", 1)
	if err != nil {
		log.Fatal(err)
	}
	for _, guesses := range masks {
		fmt.Println(guesses[0].Text)
	}
	// Output: the cat sat on the mat
}

func ExampleModel_Embed() {
	ctx := context.Background()
	m, err := orchid.Open(ctx, mlmModel(), orchid.Options{Truncate: true})
	if err != nil {
		log.Fatal(err)
	}
	vectors, err := m.Embed(ctx, orchid.Input{A: "the cat"}, orchid.Input{A: "sat on the mat"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(vectors), "vectors of", len(vectors[0]))
	// Output: 2 vectors of 16
}

func open(t *testing.T, dir string, o orchid.Options) *orchid.Model {
	t.Helper()
	m, err := orchid.Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// TestOpen: what a folder holds can be asked, and the data it was trained on is
// not needed.
func TestOpen(t *testing.T) {
	dir := textModel()
	if err := os.Rename(filepath.Join(scratch, "reviews.csv"), filepath.Join(scratch, "moved.csv")); err != nil {
		t.Fatal(err)
	}
	for _, o := range []orchid.Options{{}, {KeepBytes: -1}, {KeepBytes: 1}} {
		m := open(t, dir, o)
		if m.Task() != "text" || !m.Classifies() {
			t.Errorf("task %s, classifies %v", m.Task(), m.Classifies())
		}
		if s := m.Settings(); s["classes"] != "negative,positive" || s["width"] != "16" || s["steps"] != "120" {
			t.Errorf("settings %v", s)
		}
		p, err := m.Classify(t.Context())
		v, err2 := m.Embed(t.Context())
		if len(p)+len(v) > 0 || err != nil || err2 != nil {
			t.Errorf("no texts: %v, %v, %v, %v", p, v, err, err2)
		}
	}
	m := open(t, mlmModel(), orchid.Options{})
	if m.Task() != "mlm" || m.Classifies() {
		t.Errorf("task %s, classifies %v", m.Task(), m.Classifies())
	}
	if v, err := m.Embed(t.Context()); len(v) > 0 || err != nil {
		t.Errorf("no texts: %v, %v", v, err)
	}
}

// TestFaults: what cannot be done is one clear line.
func TestFaults(t *testing.T) {
	ctx := t.Context()
	unfinished := t.TempDir()
	text, err := os.ReadFile(filepath.Join(textModel(), experiment.ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(unfinished, experiment.ConfigFile), text, 0o644); err != nil {
		t.Fatal(err)
	}
	opened := func(dir string) error { _, err := orchid.Open(ctx, dir, orchid.Options{}); return err }
	classifier, filler := open(t, textModel(), orchid.Options{}), open(t, mlmModel(), orchid.Options{})
	long := strings.Repeat("cat ", 60)
	fault := func(_ any, err error) error { return err }
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for what, c := range map[string]struct {
		err  error
		want string
	}{
		"no folder":         {opened(filepath.Join(scratch, "none")), "none is not a model folder"},
		"not finished":      {opened(unfinished), "the run has not finished"},
		"another task":      {opened(recallModel()), "a model of the task recall, not one of text"},
		"no classes":        {fault(filler.Classify(ctx, orchid.Input{A: "the cat"})), "a model of the task mlm has no classes"},
		"no words":          {fault(classifier.FillMask(ctx, "the [MASK]", 3)), "a model of the task text does not predict words"},
		"none of the words": {fault(filler.FillMask(ctx, "the [MASK]", -1)), "-1 words for a mask: want at least 1"},
		"no mask":           {fault(filler.FillMask(ctx, "the cat", 3)), "no [MASK] in the text"},
		"long to classify":  {fault(classifier.Classify(ctx, orchid.Input{A: "so fine"}, orchid.Input{A: long})), "text 2: "},
		"long to embed":     {fault(filler.Embed(ctx, orchid.Input{A: long})), "text 1: "},
		"long to fill":      {fault(filler.FillMask(ctx, long+"[MASK]", 3)), "48"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) || strings.Contains(c.err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", what, c.err, c.want)
		}
	}
	var input *orchid.InputError
	if _, err := classifier.Classify(ctx, orchid.Input{A: "so fine"}, orchid.Input{A: long}); !errors.As(err, &input) || input.Index != 1 {
		t.Errorf("a long text: %v", err)
	}
	for what, err := range map[string]error{
		"classify": fault(classifier.Classify(cancelled, orchid.Input{A: "so fine"})),
		"embed":    fault(filler.Embed(cancelled, orchid.Input{A: "the cat"})),
		"fill":     fault(filler.FillMask(cancelled, "the [MASK]", 3)),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s, cancelled: %v", what, err)
		}
	}
	cut := open(t, textModel(), orchid.Options{Truncate: true})
	if _, err := cut.Classify(ctx, orchid.Input{A: long}); err != nil {
		t.Error(err)
	}
}

// TestFillMask: one list a mask, the best first, the words put into the text.
func TestFillMask(t *testing.T) {
	m := open(t, mlmModel(), orchid.Options{})
	masks, err := m.FillMask(t.Context(), "the [MASK] sat on the [MASK]", 4)
	if err != nil || len(masks) != 2 {
		t.Fatalf("%v, %v", masks, err)
	}
	for i, guesses := range masks {
		if len(guesses) != 4 {
			t.Fatalf("%d guesses", len(guesses))
		}
		for j, g := range guesses {
			if j > 0 && g.Probability > guesses[j-1].Probability || g.Probability < 0 || g.Probability > 1 {
				t.Errorf("mask %d: %v", i, guesses)
			}
			want := []string{"the " + g.Word + " sat on the [MASK]", "the [MASK] sat on the " + g.Word}[i]
			if !strings.HasPrefix(g.Word, "##") && g.Text != want {
				t.Errorf("mask %d: %q, want %q", i, g.Text, want)
			}
		}
	}
	if all, err := m.FillMask(t.Context(), "[MASK]", 1000); err != nil || len(all[0]) != 12 {
		t.Errorf("%d guesses of 12 words, %v", len(all[0]), err)
	}
}

// TestConcurrent: what eight goroutines get has the bits of one alone.
func TestConcurrent(t *testing.T) {
	ctx := t.Context()
	classifier, filler := open(t, textModel(), orchid.Options{}), open(t, mlmModel(), orchid.Options{})
	texts := []orchid.Input{{A: "a fine film"}, {A: "dull"}, {A: strings.Repeat("so ", 12)}, {A: "one", B: "two"}}
	results := func() (list []float32, err error) {
		p, err := classifier.Classify(ctx, texts...)
		if err != nil {
			return nil, err
		}
		for _, p := range p {
			list = append(list, float32(p.Probabilities["positive"]))
		}
		for _, m := range []*orchid.Model{classifier, filler} {
			for i := range texts { // each length alone, so that kernels are made and kept at once
				v, err := m.Embed(ctx, texts[i])
				if err != nil {
					return nil, err
				}
				list = append(list, v[0]...)
			}
		}
		masks, err := filler.FillMask(ctx, "the [MASK] sat", 3)
		if err != nil {
			return nil, err
		}
		for _, g := range masks[0] {
			list = append(list, float32(g.Probability))
		}
		return list, nil
	}
	const goroutines = 8
	var got [goroutines][]float32
	var errs [goroutines]error
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() { got[i], errs[i] = results() })
	}
	wg.Wait()
	want, err := results()
	if err := errors.Join(append(errs[:], err)...); err != nil {
		t.Fatal(err)
	}
	for i := range goroutines {
		numtest.BitEqual(t, fmt.Sprint("goroutine ", i), got[i], want)
	}
}
