package orchid_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/checkpoint"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/numtest"
)

var (
	ofText = []orchid.Input{{A: "a fine film"}, {A: "dull"}, {A: ""}, {A: strings.Repeat("so ", 12)}, {A: "one", B: "two"}}
	long   = orchid.Input{A: strings.Repeat("cat ", 60)}
)

// embed is Embed of texts that the model takes.
func embed(t *testing.T, m *orchid.Model, o orchid.EmbedOptions, inputs ...orchid.Input) []orchid.Embedding {
	t.Helper()
	out, err := m.Embed(t.Context(), o, inputs...)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range out {
		if e.Err != nil {
			t.Fatal(e.Err)
		}
	}
	return out
}

// TestInfo: what a folder holds can be asked, and the data it was trained on is not
// needed.
func TestInfo(t *testing.T) {
	dir := textModel()
	if err := os.Rename(filepath.Join(scratch, "reviews.csv"), filepath.Join(scratch, "moved.csv")); err != nil {
		t.Fatal(err)
	}
	for _, o := range []orchid.Options{{}, {KeepBytes: -1}, {KeepBytes: 1}, {Unchecked: true}} {
		i := open(t, dir, o).Info()
		if i.Task != "text" || i.Name != "text" || i.Width != 16 || i.Layers != 1 || i.MaxTokens != 48 || i.Vocabulary != 261 || i.Values || i.Masks || i.Parameters < 1000 {
			t.Errorf("%+v", i)
		}
		if fmt.Sprint(i.Classes) != "[negative positive]" || i.Settings["steps"] != "120" || i.Columns[0] != "text" {
			t.Errorf("%+v", i)
		}
	}
	if i := open(t, mlmModel(), orchid.Options{}).Info(); i.Task != "mlm" || i.Classes != nil || i.Values || !i.Masks || i.Vocabulary != 12 {
		t.Errorf("%+v", i)
	}
}

// TestFaults: what cannot be done is one clear line, of the type that is said.
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
	fault := func(_ any, err error) error { return err }
	embedded := func(o orchid.EmbedOptions, in orchid.Input) error {
		out, err := filler.Embed(ctx, o, in)
		if err != nil {
			return err
		}
		return out[0].Err
	}
	filled := func(in orchid.Input) error {
		out, err := filler.FillMask(ctx, orchid.FillOptions{}, in)
		if err != nil {
			t.Fatal(err)
		}
		return out[0].Err
	}
	for what, c := range map[string]struct {
		err  error
		want string
	}{
		"no folder":         {opened(filepath.Join(scratch, "none")), "none is not a model folder"},
		"not finished":      {opened(unfinished), "the run has not finished"},
		"another task":      {opened(recallModel()), "a model of the task recall, not a model of text"},
		"no classes":        {fault(filler.Classify(ctx, orchid.ClassifyOptions{}, orchid.Input{A: "the cat"})), "a model of the task mlm, not one of classes"},
		"no words":          {fault(classifier.FillMask(ctx, orchid.FillOptions{}, orchid.Input{A: "the [MASK]"})), "a model of the task text, not one of words"},
		"none of the words": {fault(filler.FillMask(ctx, orchid.FillOptions{Top: -1}, orchid.Input{A: "the [MASK]"})), "-1 words for a mask: want at least 1"},
		"no mask":           {filled(orchid.Input{A: "the cat"}), "no [MASK] in the text"},
		"long to fill":      {filled(orchid.Input{A: long.A + "[MASK]"}), "63 tokens, 2 of them special words, where at most 48"},
		"no pooling":        {embedded(orchid.EmbedOptions{Pooling: "median"}, orchid.Input{}), `pooling "median": want mean, first, last or max`},
		"dimensions":        {embedded(orchid.EmbedOptions{Dimensions: 17}, orchid.Input{}), "17 dimensions: the model's vectors have 16"},
		"chunks":            {embedded(orchid.EmbedOptions{Chunk: -2}, orchid.Input{}), "chunks of -2 tokens"},
		"chunks of a pair":  {embedded(orchid.EmbedOptions{Chunk: 2}, orchid.Input{A: "a", B: "b"}), "chunks of a pair"},
		"no id":             {embedded(orchid.EmbedOptions{}, orchid.Input{IDs: []int{5, 12}}), "id 12 at place 1: want 0 to 11"},
		"ids and text":      {embedded(orchid.EmbedOptions{}, orchid.Input{A: "the", IDs: []int{5}}), "ids and a text"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) || strings.Contains(c.err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", what, c.err, c.want)
		}
	}
	var task *orchid.TaskError
	if !errors.As(opened(recallModel()), &task) || task.Task != "recall" {
		t.Error("no TaskError")
	}
}

// TestItems: an input that cannot be read is the fault of none beside it.
func TestItems(t *testing.T) {
	ctx := t.Context()
	m := open(t, textModel(), orchid.Options{})
	want := embed(t, m, orchid.EmbedOptions{}, ofText...)
	vectors, err := m.Embed(ctx, orchid.EmbedOptions{}, append([]orchid.Input{long}, ofText...)...)
	if err != nil {
		t.Fatal(err)
	}
	classes, err := m.Classify(ctx, orchid.ClassifyOptions{}, long, ofText[0])
	if err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{"embed": vectors[0].Err, "classify": classes[0].Err} {
		var length *orchid.LengthError
		if !errors.As(err, &length) || length.Tokens != 242 || length.Most != 48 {
			t.Errorf("%s: %v", what, err)
		}
	}
	if classes[1].Err != nil || classes[1].Label != "positive" || classes[1].Usage.Tokens != 13 {
		t.Errorf("%+v", classes[1])
	}
	for i, v := range vectors[1:] {
		numtest.BitEqual(t, fmt.Sprint("text ", i), v.Vector, want[i].Vector)
	}
	// What is cut is what is left, and it is said.
	cut := embed(t, m, orchid.EmbedOptions{Truncate: true}, long)[0]
	if cut.Usage != (orchid.Usage{Tokens: 48, Cut: 194}) {
		t.Errorf("%+v", cut.Usage)
	}
	numtest.BitEqual(t, "cut", cut.Vector, embed(t, m, orchid.EmbedOptions{}, orchid.Input{A: long.A[:46]})[0].Vector)
	// Ids stand for the text that they come from.
	e, err := m.Tokens(ofText[0], false)
	if err != nil || len(e.IDs) != 13 || m.Word(e.IDs[0]) != "[CLS]" || m.Word(-1)+m.Word(261) != "" {
		t.Errorf("%v, %v", e, err)
	}
	numtest.BitEqual(t, "ids", embed(t, m, orchid.EmbedOptions{}, orchid.Input{IDs: e.IDs[1 : len(e.IDs)-1]})[0].Vector, want[0].Vector)
}

// TestEmbedOptions: every form of a vector follows from the rows of its tokens.
func TestEmbedOptions(t *testing.T) {
	m := open(t, mlmModel(), orchid.Options{})
	in := []orchid.Input{{A: "the cat sat on the mat"}, {A: "cat"}, {A: "mat on mat"}}
	all := embed(t, m, orchid.EmbedOptions{Tokens: true, Chunk: 4}, in...)
	near := func(what string, got, want []float32) {
		t.Helper()
		numtest.Close(t, what, got, want, 1e-6)
	}
	mean := func(rows [][]float32) []float32 {
		out := make([]float32, len(rows[0]))
		for c := range out {
			sum := 0.0
			for _, r := range rows {
				sum += float64(r[c])
			}
			out[c] = float32(sum / float64(len(rows)))
		}
		return out
	}
	for i, e := range all {
		n := len(e.TokenVectors)
		if n != e.Usage.Tokens || len(e.Spans) != n {
			t.Fatalf("%d rows, %d spans of %d tokens", n, len(e.Spans), e.Usage.Tokens)
		}
		near("mean", e.Vector, mean(e.TokenVectors))
		if word := in[i].A[e.Spans[1].Start:e.Spans[1].End]; !strings.HasPrefix(in[i].A, word) || word == "" {
			t.Errorf("the first token is %q", word)
		}
		tokens := 0
		for j, c := range e.Chunks {
			near("chunk", c.Vector, mean(e.TokenVectors[1+4*j:1+4*j+c.Tokens]))
			tokens += c.Tokens
		}
		if tokens != n-2 {
			t.Errorf("chunks of %d of %d tokens", tokens, n-2)
		}
		for p, row := range map[orchid.Pooling][]float32{"mean": e.Vector, "first": e.TokenVectors[0], "last": e.TokenVectors[n-1]} {
			near(string(p), embed(t, m, orchid.EmbedOptions{Pooling: p}, in[i])[0].Vector, row)
		}
		short := embed(t, m, orchid.EmbedOptions{Dimensions: 5, Normalize: true}, in[i])[0].Vector
		sum, scale := 0.0, 0.0
		for j, v := range short {
			sum += float64(v) * float64(v)
			scale += float64(e.Vector[j]) * float64(e.Vector[j])
		}
		if len(short) != 5 || !(math.Abs(sum-1) < 1e-6) || !(math.Abs(float64(short[0])*math.Sqrt(scale)-float64(e.Vector[0])) < 1e-6) {
			t.Errorf("normalised: %v of %v", short, e.Vector[:5])
		}
	}
}

// TestCancelled: who waits no longer gets the context's error, whatever it asked.
func TestCancelled(t *testing.T) {
	classifier, filler := open(t, textModel(), orchid.Options{}), open(t, mlmModel(), orchid.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err1 := classifier.Classify(ctx, orchid.ClassifyOptions{}, ofText...)
	_, err2 := filler.Embed(ctx, orchid.EmbedOptions{}, long)
	_, err3 := filler.FillMask(ctx, orchid.FillOptions{}, orchid.Input{A: "nothing hidden"})
	for i, err := range []error{err1, err2, err3} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%d: %v", i, err)
		}
	}
}

// TestFillMask: one list a mask, the best first, the words put into the text.
func TestFillMask(t *testing.T) {
	m := open(t, mlmModel(), orchid.Options{})
	in := []orchid.Input{{A: "the [MASK] sat on the [MASK]"}, {A: "[MASK]"}, {A: "no mask"}, {A: "on the [MASK]", B: "the [MASK] cat"}}
	out, err := m.FillMask(t.Context(), orchid.FillOptions{Top: 4}, in...)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range []int{2, 1, 0, 2} {
		if len(out[i].Masks) != n || (out[i].Err != nil) != (n == 0) {
			t.Errorf("text %d: %d masks, %v", i, len(out[i].Masks), out[i].Err)
		}
	}
	for i, texts := range map[int][]string{0: {"the %s sat on the [MASK]", "the [MASK] sat on the %s"}, 1: {"%s"}, 3: {"on the %s", "the %s cat"}} {
		alone, err := m.FillMask(t.Context(), orchid.FillOptions{Top: 4}, in[i])
		if err != nil {
			t.Fatal(err)
		}
		for j, guesses := range out[i].Masks {
			if len(guesses) != 4 {
				t.Fatalf("%d guesses", len(guesses))
			}
			for n, g := range guesses {
				if n > 0 && g.Probability > guesses[n-1].Probability || g.Probability < 0 || g.Probability > 1 {
					t.Errorf("text %d: %v", i, guesses)
				}
				if g != alone[0].Masks[j][n] {
					t.Errorf("text %d: %v among others, %v alone", i, g, alone[0].Masks[j][n])
				}
				if want := fmt.Sprintf(texts[j], g.Word); !strings.HasPrefix(g.Word, "##") && g.Text != want {
					t.Errorf("%q, want %q", g.Text, want)
				}
			}
		}
	}
	all, err := m.FillMask(t.Context(), orchid.FillOptions{Top: 1000}, in[1])
	if err != nil || len(all[0].Masks[0]) != 12 {
		t.Errorf("%v, %v", all, err)
	}
}

// TestConcurrent: what eight goroutines get has the bits of one alone.
func TestConcurrent(t *testing.T) {
	ctx := t.Context()
	classifier, filler := open(t, textModel(), orchid.Options{}), open(t, mlmModel(), orchid.Options{})
	results := func() (list []float32, err error) {
		p, err := classifier.Classify(ctx, orchid.ClassifyOptions{}, ofText...)
		if err != nil {
			return nil, err
		}
		for _, p := range p {
			list = append(list, float32(p.Probabilities["positive"]))
		}
		for _, m := range []*orchid.Model{classifier, filler} {
			for _, in := range ofText { // each length alone, so that kernels are made and kept at once
				v, err := m.Embed(ctx, orchid.EmbedOptions{}, in)
				if err != nil {
					return nil, err
				}
				list = append(list, v[0].Vector...)
			}
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

// TestBatches: texts of more tokens together than are computed at once give what
// each gives alone.
func TestBatches(t *testing.T) {
	m := open(t, textModel(), orchid.Options{})
	var in []orchid.Input
	for i := range 400 {
		in = append(in, orchid.Input{A: strings.Repeat("so fine ", 1+i%5)})
	}
	all := embed(t, m, orchid.EmbedOptions{}, in...)
	for i := range in {
		numtest.BitEqual(t, fmt.Sprint("text ", i), all[i].Vector, all[i%5].Vector)
	}
	numtest.BitEqual(t, "alone", embed(t, m, orchid.EmbedOptions{}, in[399])[0].Vector, all[399].Vector)
}

// TestLevels: a text has the same vector on every kernel level, to 1e-5 of its largest
// number, and on each the same bits alone and among 63 others.
func TestLevels(t *testing.T) {
	m := open(t, textModel(), orchid.Options{KeepBytes: -1})
	var in []orchid.Input
	for i := range 64 {
		in = append(in, orchid.Input{A: strings.Repeat("so fine and dull ", 1+i)[:1+i*45/63]})
	}
	var first []orchid.Embedding
	for _, level := range cpu.Levels {
		if level > cpu.Best() {
			continue
		}
		restore := cpu.Limit(level)
		all := embed(t, m, orchid.EmbedOptions{}, in...)
		for _, i := range []int{0, 1, 17, 31, 63} {
			numtest.BitEqual(t, fmt.Sprintf("%v, text %d alone", level, i), embed(t, m, orchid.EmbedOptions{}, in[i])[0].Vector, all[i].Vector)
		}
		restore()
		if first == nil {
			first = all
		}
		for i := range all {
			numtest.Close(t, fmt.Sprintf("%v, text %d", level, i), all[i].Vector, first[i].Vector, 1e-5)
		}
	}
}

// TestChanged: a folder with a file that is not the training's is refused by name.
func TestChanged(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	if err := os.CopyFS(dir, os.DirFS(textModel())); err != nil {
		t.Fatal(err)
	}
	open(t, dir, orchid.Options{})
	weights := filepath.Join(dir, experiment.ModelFile)
	b, err := os.ReadFile(weights)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-2] ^= 0x40 // of the last number
	if err := os.WriteFile(weights, b, 0o644); err != nil {
		t.Fatal(err)
	}
	var sum *experiment.ChecksumError
	if _, err := orchid.Open(t.Context(), dir, orchid.Options{}); !errors.As(err, &sum) || sum.File != weights {
		t.Errorf("%v", err)
	}
	// Weights of another training give other numbers than those stored.
	if err := os.Remove(filepath.Join(dir, experiment.SumsFile)); err != nil {
		t.Fatal(err)
	}
	tensors, metadata, err := checkpoint.Read(filepath.Join(textModel(), experiment.ModelFile))
	if err != nil {
		t.Fatal(err)
	}
	var params []*autograd.Param
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		params = append(params, &autograd.Param{Name: name, Tensor: *tensors[name]})
	}
	params[len(params)-1].Data[0] += 0.5
	if err := checkpoint.Save(weights, params, metadata); err != nil {
		t.Fatal(err)
	}
	var numbers *experiment.SelfTestError
	if _, err := orchid.Open(t.Context(), dir, orchid.Options{}); !errors.As(err, &numbers) || !(numbers.Difference > numbers.Tolerance) {
		t.Errorf("%v", err)
	}
	open(t, dir, orchid.Options{Unchecked: true})
	// A value that is not finite is refused, whether the self-test meets it or not.
	params[0].Data[0] = float32(math.NaN())
	if err := checkpoint.Save(weights, params, metadata); err != nil {
		t.Fatal(err)
	}
	if _, err := orchid.Open(t.Context(), dir, orchid.Options{Unchecked: true}); err == nil || !strings.Contains(err.Error(), params[0].Name+" has a value that is not finite") {
		t.Errorf("%v", err)
	}
}
