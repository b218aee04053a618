package mlm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/data"
	"github.com/orchid-seq/orchid/data/corpus"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
	"github.com/orchid-seq/orchid/tokenize"
)

// Task trains a model to predict hidden words. Its methods of training are not
// safe for concurrent use; FillMask and Embed are.
type Task struct {
	c     Config
	seed  uint64
	env   task.Env
	words *tokenize.Tokenizer
	mask  masker
	model *model.MaskedLM

	sets   map[string]*set // train, validation; nil before the data is read
	dealer dealer          // of the training windows
	loader *data.Loader[batch]
}

// A set is windows of one store.
type set struct {
	*windows
	list []int // those that belong to it
}

// A dealer says which examples a step has.
type dealer interface {
	At(step int) []int
	StepsPerEpoch() int
}

// New builds the model and draws its weights. The size of the vocabulary is
// filled in from the tokenizer.
func New(c *Config, seed uint64, env task.Env) (*Task, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	words, err := c.Language.OpenTokenizer(env.Folder)
	if err != nil {
		return nil, err
	}
	if s := words.Special(); s.Mask < 0 || s.Class < 0 || s.Separator < 0 {
		return nil, fmt.Errorf("tokenizer=%s: masked language modelling needs [MASK], [CLS] and [SEP]", c.Language.Tokenizer)
	}
	m, err := model.NewMaskedLM(c.Language.Model, seed)
	if err != nil {
		return nil, err
	}
	return &Task{c: *c, seed: seed, env: env, words: words, mask: newMasker(words, c.WholeWords), model: m}, nil
}

// Params lists the model's parameters.
func (k *Task) Params() []*autograd.Param { return k.model.Params() }

// Splits implements task.Task.
func (k *Task) Splits() []string { return []string{"validation", "train"} }

// open tokenises files, or finds that done before, and cuts them.
func (k *Task) open(ctx context.Context, files []string, report func(done, total int)) (*windows, error) {
	c := k.c.Corpus
	c.Data = files
	s, r, err := corpus.Open(ctx, c, corpus.Options{Tokenizer: k.words.Literal(), Formats: k.env.Formats, Note: k.env.Note},
		func(done, total int64) { report(int(done), int(total)) })
	if err != nil {
		return nil, err
	}
	if r.Skipped > 0 {
		k.env.Say(fmt.Sprintf("%s: %d bad lines skipped, the first: %v", strings.Join(files, ", "), r.Skipped, r.Faults[0]))
	}
	w := newWindows(s, k.c.Length-2)
	if w.count() == 0 {
		return nil, fmt.Errorf("%v: no words in the text", files)
	}
	return w, nil
}

// Prepare implements task.Task.
func (k *Task) Prepare(ctx context.Context, report func(done, total int)) error {
	if k.sets["train"] != nil {
		return nil
	}
	w, err := k.open(ctx, k.c.Corpus.Data, report)
	if err != nil {
		return err
	}
	train, held := w.split(k.c.Holdout)
	k.sets = map[string]*set{"train": {w, train}, "validation": {w, held}}
	if len(k.c.EvalData) > 0 {
		if err := k.openEval(ctx, report); err != nil {
			return err
		}
		for i := range w.count() {
			train = append(train[:i], i)
		}
		k.sets["train"].list = train
	}
	if len(k.sets["train"].list) == 0 || len(k.sets["validation"].list) == 0 {
		return fmt.Errorf("%v: %d windows of %d words are too few to hold out a share of %g; name other text by eval-data=PATH", k.c.Corpus.Data, w.count(), k.c.Length, k.c.Holdout)
	}
	k.dealer = k.deal(k.sets["train"])
	k.loader = data.NewLoader(k.batch)
	return nil
}

// openEval reads the text to evaluate on.
func (k *Task) openEval(ctx context.Context, report func(done, total int)) error {
	w, err := k.open(ctx, k.c.EvalData, report)
	if err != nil {
		return err
	}
	if k.sets == nil {
		k.sets = map[string]*set{}
	}
	s := &set{windows: w}
	for i := range w.count() {
		s.list = append(s.list, i)
	}
	k.sets["validation"] = s
	return nil
}

func (k *Task) deal(s *set) dealer {
	if k.c.BatchTokens > 0 {
		return &data.Budget{N: len(s.list), Tokens: k.c.BatchTokens, Seed: k.seed, Length: func(i int) int {
			_, from, to := s.span(s.list[i])
			return to - from + 2
		}}
	}
	return &data.Sampler{N: len(s.list), Batch: k.c.Batch, Seed: k.seed}
}

// A batch is windows with hidden words.
type batch struct {
	language.Batch
	rows, labels []int // of hidden words, and what they were
}

// add appends a window, a share of its words hidden.
func (b *batch) add(k *Task, s *set, window int, share float64, stream *random.Stream) {
	doc, from, to := s.span(window)
	special := k.words.Special()
	words := append(make([]int, 0, to-from+2), special.Class)
	words = append(s.store.AppendIDs(words, doc, from, to), special.Separator)
	at := len(b.Words)
	k.mask.hide(words, share, stream, func(i, word int) {
		b.rows, b.labels = append(b.rows, at+i), append(b.labels, word)
	})
	b.Add(words, 0)
}

// batch makes that of a training step.
func (k *Task) batch(step int) batch {
	var b batch
	s := k.sets["train"]
	for j, i := range k.dealer.At(step) {
		stream := random.New(k.seed, "hidden words", step, j)
		b.add(k, s, s.list[i], k.c.Mask, &stream)
	}
	return b
}

// Loss records the mean loss over the hidden words of a training step.
func (k *Task) Loss(t *autograd.Tape, step int) (loss *autograd.Node, sequences, tokens int) {
	return k.loss(t, k.loader.At(step))
}

func (k *Task) loss(t *autograd.Tape, b batch) (loss *autograd.Node, sequences, tokens int) {
	x := k.model.Forward(t, b.Words, b.Types, b.Seq)
	logits := k.model.Logits(t, t.Rows(x, b.rows))
	return t.CrossEntropy(logits, b.labels, 0), b.Seq.Count(), len(b.Words)
}

// Waited returns how long training has waited for data so far.
func (k *Task) Waited() time.Duration { return k.loader.Waited() }

// StepsPerEpoch implements task.Task.
func (k *Task) StepsPerEpoch() int { return k.dealer.StepsPerEpoch() }

// Evaluate scores a split on the same hidden words every time: loss,
// perplexity, and how many are predicted exactly. Beside it stands what a model
// reaches that knows the frequencies of the hidden words but not the text
// around them.
func (k *Task) Evaluate(ctx context.Context, split string, report func(done, total int)) (map[string]float64, error) {
	s := k.sets[split]
	if s == nil {
		if split != "validation" || len(k.c.EvalData) == 0 {
			if err := k.Prepare(ctx, report); err != nil {
				return nil, err
			}
		} else if err := k.openEval(ctx, report); err != nil {
			return nil, err
		}
		s = k.sets[split]
	}
	list := evenly(s.list, k.c.EvalLimit)
	const most = 4096 // words of a batch
	t := autograd.Tape{NoGrad: true}
	var sum score
	for at := 0; at < len(list); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var b batch
		for ; at < len(list) && (len(b.Words) == 0 || len(b.Words)+k.c.Length <= most); at++ {
			stream := random.New(0, "hidden words of an evaluation", list[at])
			b.add(k, s, list[at], k.c.EvalMask, &stream)
		}
		if len(b.rows) == 0 {
			continue
		}
		err := autograd.Catch(func() {
			t.Reset()
			x := k.model.Forward(&t, b.Words, b.Types, b.Seq)
			logits := k.model.Logits(&t, t.Rows(x, b.rows))
			sum.add(logits.Data, logits.Cols(), b.labels, float64(t.CrossEntropy(logits, b.labels, 0).Data[0]))
		})
		if err != nil {
			return nil, err
		}
		report(at, len(list))
	}
	if sum.n == 0 {
		return nil, errors.New("no word of the text can be hidden")
	}
	return sum.metrics(), nil
}

// evenly returns at most limit items of a list, evenly spread; all for limit 0.
func evenly(list []int, limit int) []int {
	if limit == 0 || len(list) <= limit {
		return list
	}
	some := make([]int, limit)
	for i := range some {
		some[i] = list[i*len(list)/limit]
	}
	return some
}

// A score sums up an evaluation.
type score struct {
	n, right int
	loss     float64
	count    map[int]int // of each hidden word
}

// add counts rows of logits [len(labels), V] whose mean loss is loss.
func (s *score) add(logits []float32, V int, labels []int, loss float64) {
	if s.count == nil {
		s.count = map[int]int{}
	}
	for i, label := range labels {
		s.count[label]++
		if task.Class(logits[i*V:(i+1)*V]) == label {
			s.right++
		}
	}
	s.n += len(labels)
	s.loss += loss * float64(len(labels))
}

func (s *score) metrics() map[string]float64 {
	n, most, entropy := float64(s.n), 0, 0.0
	for _, word := range slices.Sorted(maps.Keys(s.count)) { // sums depend on their order
		c := s.count[word]
		most = max(most, c)
		entropy -= float64(c) / n * math.Log(float64(c)/n)
	}
	return map[string]float64{
		"loss": s.loss / n, "perplexity": math.Exp(s.loss / n), "masked_accuracy": float64(s.right) / n,
		"majority": float64(most) / n, "unigram_loss": entropy, "hidden_words": n,
	}
}
