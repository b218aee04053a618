package recall

import (
	"context"
	"fmt"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/data"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/tensor"
)

// Task generates sequences and trains a TokenModel on them. It is not safe for
// concurrent use.
type Task struct {
	c     Config
	seed  uint64
	vocab Vocabulary // of form=one
	model *model.TokenModel

	phases []phase

	sampler *data.Sampler // of a fixed training set; nil for fresh sequences
}

// New builds the task and draws the model's weights.
func New(c Config, seed uint64) (*Task, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m, err := model.NewTokenModel(c.Model, c.Vocabulary, c.longest(), c.positions(), seed)
	if err != nil {
		return nil, err
	}
	k := &Task{c: c, seed: seed, model: m, phases: must(c.phases())}
	if c.Form == FormOne {
		k.vocab = NewVocabulary(c.Vocabulary)
	}
	if c.Examples > 0 {
		k.sampler = &data.Sampler{N: c.Examples, Batch: c.Batch, Seed: seed}
	}
	return k, nil
}

// Params lists the model's parameters.
func (k *Task) Params() []*autograd.Param { return k.model.Params() }

// Encoder returns the layers between the input and the head, to look at.
func (k *Task) Encoder() *model.Encoder { return k.model.Encoder }

// StepsPerEpoch returns how many steps see the training set once; 0 if every
// sequence is fresh.
func (k *Task) StepsPerEpoch() int {
	if k.sampler == nil {
		return 0
	}
	return k.sampler.StepsPerEpoch()
}

// A batch is packed sequences with the rows to predict.
type batch struct {
	ids, rows, labels []int
	seq               tensor.Offsets
}

// add appends example i of a split, "train" or "test", for length N.
func (k *Task) add(b *batch, split string, i, N int) {
	n := k.c.words(N)
	at := len(b.ids)
	b.ids = append(b.ids, make([]int, n)...)
	ids := b.ids[at:]
	s := random.New(k.seed, "recall "+split, i)
	b.seq = append(b.seq, at+n)
	if k.c.Form == FormMany {
		rows, labels := many{k.c.Vocabulary, k.c.Pairs, k.c.Gap}.generate(&s, ids)
		for i, r := range rows {
			b.rows, b.labels = append(b.rows, at+r), append(b.labels, labels[i])
		}
		return
	}
	answer := k.vocab.Generate(&s, ids)
	if split == "train" && k.c.Objective == "hidden" {
		for j := 1; j < n-2; j += 2 {
			if s.Float64() < k.c.Hide {
				b.rows, b.labels = append(b.rows, at+j), append(b.labels, ids[j])
				ids[j] = k.vocab.Hidden
			}
		}
	}
	b.rows, b.labels = append(b.rows, at+n-1), append(b.labels, answer)
}

// batch returns the examples of batch number n of the training.
func (k *Task) batch(n int) batch {
	b := batch{seq: tensor.Offsets{0}}
	if k.sampler != nil {
		for _, i := range k.sampler.At(n) {
			k.add(&b, "train", i, k.c.Length)
		}
		return b
	}
	p := phaseOf(k.phases, n)
	for i := range p.batch {
		k.add(&b, "train", p.example+(n-p.first)*p.batch+i, p.length)
	}
	return b
}

// Loss records the mean loss of a training step.
func (k *Task) Loss(t *autograd.Tape, step int) (loss *autograd.Node, sequences, tokens int) {
	b := k.batch(step)
	logits := k.model.Forward(t, b.ids, b.seq, b.rows)
	return t.CrossEntropy(logits, b.labels, 0), b.seq.Count(), len(b.ids)
}

// Describe says in one line what is learned.
func (k *Task) Describe() string {
	pairs, of, chance := k.c.Length/2, fmt.Sprintf("%d keys and %d values", len(k.vocab.Keys), len(k.vocab.Values)), 100/float64(k.values())
	if k.c.Form == FormMany {
		pairs, of = k.c.Pairs, "many queries"
	}
	return fmt.Sprintf("in-context recall: %s (vocabulary %d), %d pairs (length %d, %d words); chance %.3g %%", of, k.c.Vocabulary, pairs, k.c.Length, k.c.Words(), chance)
}

// values is the number of words that can be an answer.
func (k *Task) values() int {
	if k.c.Form == FormMany {
		return k.c.Vocabulary - k.c.Vocabulary/2
	}
	return len(k.vocab.Values)
}

// Prepare has nothing to do: the task makes its own data.
func (k *Task) Prepare(context.Context, func(done, total int)) error { return nil }

// Fingerprint implements task.Task: settings and seed say it all.
func (k *Task) Fingerprint() string { return fmt.Sprintf("%+v, seed %d", k.c, k.seed) }

// samples is how many sequences Sample returns.
const samples = 4

// Sample returns test sequences as "ids" [n, words].
func (k *Task) Sample() (map[string]*tensor.Tensor, error) {
	b := batch{seq: tensor.Offsets{0}}
	for i := range samples {
		k.add(&b, "test", i, k.c.Length)
	}
	ids := tensor.New(samples, k.c.Words())
	for i, id := range b.ids {
		ids.Data[i] = float32(id)
	}
	return map[string]*tensor.Tensor{"ids": ids}, nil
}

// Predict returns the logits [n, V] of the last word of each sequence "ids" [n,
// words]: for form=one, of the answers.
func (k *Task) Predict(inputs map[string]*tensor.Tensor) (*tensor.Tensor, error) {
	in, ok := inputs["ids"]
	if !ok || len(in.Shape) != 2 || in.Rows() < 1 || in.Cols() < 1 {
		return nil, fmt.Errorf("want a tensor ids [n, words]")
	}
	n, words := in.Rows(), in.Cols()
	ids, last := make([]int, len(in.Data)), make([]int, n)
	for i, v := range in.Data {
		if ids[i] = int(v); ids[i] < 0 || ids[i] >= k.c.Vocabulary {
			return nil, fmt.Errorf("id %v is not below the vocabulary of %d", v, k.c.Vocabulary)
		}
	}
	for i := range last {
		last[i] = (i+1)*words - 1
	}
	t := autograd.Tape{NoGrad: true}
	out := tensor.New(n, k.c.Vocabulary)
	err := autograd.Catch(func() { copy(out.Data, k.model.Forward(&t, ids, tensor.Uniform(n, words), last).Data) })
	return out, err
}

// Splits names the splits that Evaluate knows.
func (k *Task) Splits() []string { return []string{"test"} }

// rowsAtOnce bounds the rows that one pass of an evaluation works on.
const rowsAtOnce = 1 << 16

// atOnce returns how many sequences that are.
func (k *Task) atOnce() int { return min(k.c.Batch, max(1, rowsAtOnce/k.c.Words())) }

// Evaluate scores the answers of unseen sequences, beside chance and the
// majority answer. context_majority is the best without a look at the key that is
// asked for: the value that most keys of the sequence have; with many queries,
// context_chance is that of guessing among the sequence's values.
func (k *Task) Evaluate(ctx context.Context, split string, report func(done, total int)) (map[string]float64, error) {
	if split != "test" {
		return nil, fmt.Errorf("split %q: recall has only the split test", split)
	}
	t := autograd.Tape{NoGrad: true}
	var score task.Score
	shared := 0 // answers that most keys of their sequence share
	step := k.atOnce()
	for at := 0; at < k.c.Tests; at += step {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b := batch{seq: tensor.Offsets{0}}
		for i := at; i < min(at+step, k.c.Tests); i++ {
			k.add(&b, "test", i, k.c.Length)
		}
		err := autograd.Catch(func() {
			t.Reset()
			logits := k.model.Forward(&t, b.ids, b.seq, b.rows)
			score.Add(logits.Data, k.c.Vocabulary, b.labels, float64(t.CrossEntropy(logits, b.labels, 0).Data[0]))
		})
		if err != nil {
			return nil, err
		}
		for i, label := range b.labels {
			if k.c.Form == FormOne && k.vocab.mostShared(b.ids[b.seq[i]:b.seq[i+1]]) == label {
				shared++
			}
		}
		report(min(at+step, k.c.Tests), k.c.Tests)
	}
	m := score.Metrics(k.values())
	if k.c.Form == FormMany {
		m["context_chance"] = 1 / float64(k.c.Pairs)
	} else {
		m["context_majority"] = float64(shared) / float64(k.c.Tests)
	}
	return m, nil
}
