package mlm

import (
	"fmt"
	"time"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/data"
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

	sets   map[string]*set // train, validation: those opened so far
	dealer language.Dealer // of the training windows
	loader *data.Loader[batch]
}

// A set is windows of one store.
type set struct {
	*windows
	list  []int  // those that belong to it
	words *count // of its words, nil before it is wanted
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
	return &Task{c: *c, seed: seed, env: env, words: words, mask: newMasker(words, c.WholeWords), model: m, sets: map[string]*set{}}, nil
}

// Params lists the model's parameters.
func (k *Task) Params() []*autograd.Param { return k.model.Params() }

// Encoder returns the layers between the input and the head, to look at.
func (k *Task) Encoder() *model.Encoder { return k.model.Encoder }

// Splits implements task.Task.
func (k *Task) Splits() []string { return []string{"validation", "train"} }

func (k *Task) deal(s *set) language.Dealer {
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
func (k *Task) Waited() time.Duration {
	if k.loader == nil {
		return 0
	}
	return k.loader.Waited()
}

// StepsPerEpoch implements task.Task.
func (k *Task) StepsPerEpoch() int { return k.dealer.StepsPerEpoch() }
