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
	place, err := os.MkdirTemp(scratch, "")
	must(err)
	dir := filepath.Join(place, name)
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
	predictions, err := m.Classify(ctx, orchid.ClassifyOptions{}, orchid.Input{A: "a fine film"}, orchid.Input{A: "so dull"})
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
	fillings, err := m.FillMask(ctx, orchid.FillOptions{Top: 1}, orchid.Input{A: "the [MASK] sat on the mat"})
	if err != nil {
		log.Fatal(err)
	}
	for _, guesses := range fillings[0].Masks {
		fmt.Println(guesses[0].Text)
	}
	// Output: the cat sat on the mat
}

func ExampleModel_Embed() {
	ctx := context.Background()
	m, err := orchid.Open(ctx, mlmModel(), orchid.Options{})
	if err != nil {
		log.Fatal(err)
	}
	results, err := m.Embed(ctx, orchid.EmbedOptions{Normalize: true},
		orchid.Input{A: "the cat"}, orchid.Input{A: strings.Repeat("sat on the mat ", 20)})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range results {
		var long *orchid.LengthError
		if errors.As(r.Err, &long) {
			fmt.Println(long.Tokens, "tokens, the model takes", long.Most)
			continue
		}
		fmt.Println(len(r.Vector), "numbers from", r.Usage.Tokens, "tokens")
	}
	// Output:
	// 16 numbers from 4 tokens
	// 82 tokens, the model takes 48
}

// A long text is read once; each part of it gets a vector that knows the rest.
func ExampleModel_Embed_chunks() {
	ctx := context.Background()
	m, err := orchid.Open(ctx, mlmModel(), orchid.Options{})
	if err != nil {
		log.Fatal(err)
	}
	text := "the cat sat on the mat on the cat"
	results, err := m.Embed(ctx, orchid.EmbedOptions{Chunk: 3}, orchid.Input{A: text})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range results[0].Chunks {
		fmt.Println(text[c.Start:c.End])
	}
	// Output:
	// the cat sat
	// on the mat
	// on the cat
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
