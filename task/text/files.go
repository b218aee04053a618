package text

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/orchid-seq/orchid/data/corpus"
	"github.com/orchid-seq/orchid/data/store"
	"github.com/orchid-seq/orchid/data/text"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/tokenize"
)

// Config is the task on a user's own files, with its model.
type Config struct {
	Corpus corpus.Config `yaml:",inline"`
	// EvalData is what to validate on; without it, Holdout of Data is kept from
	// training. TestData is never looked at while training.
	EvalData []string `yaml:"eval-data"`
	TestData []string `yaml:"test-data"`
	Holdout  float64  `yaml:"holdout"`
	// HoldoutBy names the column, such as name in FASTA, whose value decides what is
	// held out (see corpus.Part); "" draws at random.
	HoldoutBy string `yaml:"holdout-by"`

	Labels  task.Kind `yaml:"labels"`  // single, multi or number
	Classes []string  `yaml:"classes"` // taken from the data where none are given

	Fit FitConfig `yaml:",inline"`
}

// Default is a classification with one label a text.
func Default() Config {
	return Config{Corpus: corpus.Default(), Holdout: 0.1, Labels: task.Single, Fit: DefaultFit()}
}

// Validate returns every fault that can be seen without the data.
func (c Config) Validate() error {
	var f fault.List
	f.Add(c.Corpus.Validate())
	f.Check(c.Corpus.LabelColumn != "", "label-column: name the column of the labels; folder is the name of a file's folder")
	f.Check(c.Holdout >= 0 && c.Holdout < 1, "holdout=%g: want at least 0 and below 1", c.Holdout)
	f.Check(c.Holdout > 0 || len(c.EvalData) > 0, "holdout=0: name the texts to validate on by eval-data=PATH")
	f.Check(c.HoldoutBy == "" || len(c.EvalData) == 0, "holdout-by=%s with eval-data: nothing is held out then; leave one of the two out", c.HoldoutBy)
	f.OneOf("labels", string(c.Labels), string(task.Single), string(task.Multi), string(task.Number))
	f.Add(c.Fit.Validate())
	return f.Err()
}

// New builds a model for texts in files and draws its weights. Where c names no
// classes, they are completed from the data.
func New(ctx context.Context, c *Config, seed uint64, env task.Env) (*Task, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return NewTask(ctx, &c.Fit, &c.Classes, &files{c: *c, env: env, longest: c.Fit.Language.Model.Longest()}, seed, env)
}

// files is the source of labelled texts in files.
type files struct {
	c       Config
	env     task.Env
	longest int
	opened  map[string]*stored // by split
}

// Kind implements Source.
func (f *files) Kind() task.Kind { return f.c.Labels }

// Columns implements Source.
func (f *files) Columns() []string {
	if f.c.Corpus.PairColumn == "" {
		return []string{f.c.Corpus.TextColumn}
	}
	return []string{f.c.Corpus.TextColumn, f.c.Corpus.PairColumn}
}

// Cache implements Source.
func (f *files) Cache() string { return f.c.Corpus.Cache }

// Splits implements Source.
func (f *files) Splits() []string {
	if len(f.c.TestData) > 0 {
		return []string{"validation", "test", "train"}
	}
	return []string{"validation", "train"}
}

// paths returns the files of a split and whether they hold another one too.
func (f *files) paths(split string) (paths []string, divided bool) {
	switch {
	case split == "test":
		return f.c.TestData, false
	case split == "validation" && len(f.c.EvalData) > 0:
		return f.c.EvalData, false
	}
	return f.c.Corpus.Data, len(f.c.EvalData) == 0
}

// Classes implements Source.
func (f *files) Classes(ctx context.Context, words *tokenize.Tokenizer, report func(done, total int)) ([]string, error) {
	s, err := f.store(ctx, f.c.Corpus.Data, corpus.Part{}, words, nil, report)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return s.Meta().Labels, nil
}

func (f *files) store(ctx context.Context, paths []string, part corpus.Part, words *tokenize.Tokenizer, classes []string, report func(done, total int)) (*store.Store, error) {
	c := f.c.Corpus
	c.Data = paths
	kinds := map[task.Kind]corpus.Labels{task.Single: corpus.Single, task.Multi: corpus.Multi, task.Number: corpus.Number}
	o := corpus.Options{Tokenizer: words, MaxLength: f.longest, Specials: true, Labels: kinds[f.c.Labels], Names: classes, Part: part, Formats: f.env.Formats, Note: f.env.Note}
	s, _, err := corpus.Open(ctx, c, o, func(done, total int64) { report(int(done), int(total)) })
	return s, err
}

// Open implements Source.
func (f *files) Open(ctx context.Context, split string, words *tokenize.Tokenizer, _ int, classes []string, report func(done, total int)) (Examples, error) {
	paths, divided := f.paths(split)
	if err := f.apart(split); err != nil {
		return nil, err
	}
	var part corpus.Part
	if divided && f.c.HoldoutBy != "" {
		part, divided = corpus.Part{Column: f.c.HoldoutBy, Share: f.c.Holdout, Held: split == "validation"}, false
	}
	s, err := f.store(ctx, paths, part, words, classes, report)
	if err != nil {
		return nil, err
	}
	e := &stored{Store: s}
	held := f.held(s.Documents())
	for i := range s.Documents() {
		if !divided || held[i] == (split == "validation") {
			e.list = append(e.list, i)
		}
	}
	if len(e.list) == 0 {
		defer s.Close()
		return nil, fmt.Errorf("%s: with holdout=%g none of %d texts is for %s; choose another share, or name texts to validate on by eval-data=PATH", strings.Join(paths, ", "), f.c.Holdout, s.Documents(), split)
	}
	if f.opened == nil {
		f.opened = map[string]*stored{}
	}
	f.opened[split] = e
	return e, nil
}

// apart refuses to score a file that is trained on as if it were not. A training,
// which opens the validation, hears of the test data too before it begins.
func (f *files) apart(split string) error {
	for _, part := range []struct {
		key   string
		paths []string
		now   bool
	}{
		{"eval-data", f.c.EvalData, split == "validation"},
		{"test-data", f.c.TestData, split == "test" || split == "validation" && f.env.Folder == ""},
	} {
		if !part.now || len(part.paths) == 0 {
			continue
		}
		if err := f.env.Apart(text.Common(f.c.Corpus.Data, part.paths), part.key); err != nil {
			return err
		}
	}
	return nil
}

// held says which of n texts that are divided are kept from training: the same
// ones whatever the seed is, at least one, and never all of several.
func (f *files) held(n int) []bool {
	held := make([]bool, n)
	s := random.New(0, "held out")
	for _, i := range s.Perm(n)[:min(max(1, int(math.Round(f.c.Holdout*float64(n)))), max(n-1, 1))] {
		held[i] = true
	}
	return held
}

// stored is the examples of a store that belong to a split.
type stored struct {
	*store.Store
	list []int
}

// Examples of a store.
func (e *stored) Len() int               { return len(e.list) }
func (e *stored) Length(i int) int       { return e.Store.Len(e.list[i]) }
func (e *stored) Labels(i int) []float32 { return e.Store.Labels(e.list[i]) }
func (e *stored) Cut() int               { return e.Meta().Cut }

// Checksum tells apart the parts of a store too: of those that are held out, or
// not, one that has as many examples has the same.
func (e *stored) Checksum() string {
	return fmt.Sprintf("%s, %d of %d", e.Store.Checksum(), len(e.list), e.Documents())
}

func (e *stored) Append(words []int, i int) ([]int, int) {
	d := e.list[i]
	return e.AppendIDs(words, d, 0, e.Store.Len(d)), e.Second(d)
}

// Texts implements Source.
func (f *files) Texts(ctx context.Context, split string) ([]task.Example, error) {
	set := f.opened[split]
	paths, _ := f.paths(split)
	list, err := text.Files(paths...)
	if err != nil {
		return nil, err
	}
	c := f.c.Corpus
	o := text.Options{
		Format: c.Format, Columns: f.Columns(), Document: c.Document, Separator: c.Separator,
		NoQuotes: !c.Quotes, NoHeader: !c.Header, BadLines: c.BadLines, Formats: f.env.Formats,
	}
	var examples []task.Example
	row := -1
	_, err = text.Read(ctx, list, o, nil, func(r text.Row) error {
		row++
		i := len(examples)
		if i == set.Len() || set.Row(set.list[i]) != row {
			return nil // of another split, or none for the model either
		}
		e := task.Example{A: r.Fields[0]}
		if len(r.Fields) > 1 {
			e.B = r.Fields[1]
		}
		for _, v := range set.Labels(i) {
			e.Labels = append(e.Labels, float64(v))
		}
		examples = append(examples, e)
		return nil
	})
	if err == nil && len(examples) < set.Len() {
		err = fmt.Errorf("%s: a file was changed while it was read: start again", strings.Join(paths, ", "))
	}
	return examples, err
}

// Metrics implements Source.
func (f *files) Metrics(predicted, labels []float64) map[string]float64 {
	if f.c.Labels == task.Number {
		squares := 0.0
		for i, p := range predicted {
			squares += (p - labels[i]) * (p - labels[i])
		}
		m := map[string]float64{"pearson": task.Pearson(predicted, labels), "spearman": task.Spearman(predicted, labels), "rmse": math.Sqrt(squares / float64(len(labels)))}
		m["score"] = m["spearman"]
		return m
	}
	most := 0.0
	for i := range labels {
		most = math.Max(most, math.Max(labels[i], predicted[i]))
	}
	c := task.NewConfusion(int(most) + 1)
	for i, p := range predicted {
		c.Add(int(p), int(labels[i]))
	}
	return map[string]float64{"score": c.Accuracy(), "accuracy": c.Accuracy(), "macro_f1": c.MacroF1(), "matthews": c.Matthews()}
}

// Describe implements Source.
func (f *files) Describe() string {
	return fmt.Sprintf("text, %s label: %s", f.c.Labels, strings.Join(f.c.Corpus.Data, ", "))
}
