package recall

import (
	"context"
	"fmt"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/data"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/tensor"
)

// Config is the task with its model.
type Config struct {
	Vocabulary int `yaml:"vocabulary"` // words, two of them special
	Length     int `yaml:"length"`     // N: sequences hold N+2 words
	Batch      int `yaml:"batch"`
	// Examples is the size of a fixed training set; 0 draws fresh sequences
	// every step, so that none is seen twice.
	Examples int `yaml:"examples"`
	// Objective is answer (the loss looks at the asked value alone) or hidden
	// (also at values that are hidden from the input).
	Objective string  `yaml:"objective"`
	Hide      float64 `yaml:"hide"` // share of the values that objective=hidden hides
	Tests     int     `yaml:"tests"`
	// Positions are learned, none, or auto: learned for attention, which cannot
	// tell order without them, none for the others.
	Positions string `yaml:"positions"`

	Model model.Config `yaml:",inline"`
}

// Default is the experiment that a newcomer meets: it reaches 99 % in minutes.
func Default() Config {
	c := Config{
		Vocabulary: 20, Length: 128, Batch: 32, Objective: "answer", Hide: 0.5, Tests: 2000, Positions: "auto",
		Model: model.Config{Width: 64, Depth: 2, Expand: 4, MLPBlocks: 1, Init: autograd.SchemeUniform, Norm: "pre", NormEps: 1e-5, MixerResidual: true, Mixer: mixer.Default()},
	}
	return c
}

// Words returns how many words a sequence holds.
func (c Config) Words() int { return 2*(c.Length/2) + 2 }

// Validate returns every fault.
func (c Config) Validate() error {
	var f fault.List
	f.Check(c.Vocabulary >= 4 && c.Vocabulary <= 1<<20, "vocabulary=%d: want at least 4 (two special words, a key and a value), at most 1048576", c.Vocabulary)
	f.Check(c.Length >= 2 && c.Length <= 1<<25, "length=%d: want at least 2 (one key and its value), at most 33554432", c.Length)
	f.Check(c.Batch >= 1 && c.Batch <= 1<<20, "batch=%d: want 1 to 1048576", c.Batch)
	f.Check(c.Examples >= 0 && c.Examples <= 1<<30, "examples=%d: want at least 0 (0 draws fresh sequences), at most 1073741824", c.Examples)
	f.Check(c.Tests >= 1, "tests=%d: want at least 1", c.Tests)
	f.OneOf("objective", c.Objective, "answer", "hidden")
	f.OneOf("positions", c.Positions, "auto", "learned", "none")
	f.Check(c.Hide > 0 && c.Hide < 1, "hide=%g: want above 0 and below 1", c.Hide)
	f.Add(c.Model.Validate(min(max(c.Words(), 1), 1<<26)))
	return f.Err()
}

// Task generates sequences and trains a TokenModel on them. It is not safe for
// concurrent use.
type Task struct {
	c     Config
	seed  uint64
	vocab Vocabulary
	model *model.TokenModel

	sampler *data.Sampler // of a fixed training set; nil for fresh sequences
}

// New builds the task and draws the model's weights.
func New(c Config, seed uint64) (*Task, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	learned := c.Positions == "learned" || c.Positions == "auto" && c.Model.Mixer.Mixer == "attention"
	m, err := model.NewTokenModel(c.Model, c.Vocabulary, c.Words(), learned, seed)
	if err != nil {
		return nil, err
	}
	k := &Task{c: c, seed: seed, vocab: NewVocabulary(c.Vocabulary), model: m}
	if c.Examples > 0 {
		k.sampler = &data.Sampler{N: c.Examples, Batch: c.Batch, Seed: seed}
	}
	return k, nil
}

// Params lists the model's parameters.
func (k *Task) Params() []*autograd.Param { return k.model.Params() }

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

// add appends example i of a split, "train" or "test".
func (k *Task) add(b *batch, split string, i int) {
	n := k.c.Words()
	at := len(b.ids)
	b.ids = append(b.ids, make([]int, n)...)
	ids := b.ids[at:]
	s := random.New(k.seed, "recall "+split, i)
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
	b.seq = append(b.seq, at+n)
}

// batch returns the examples of a training step.
func (k *Task) batch(step int) batch {
	b := batch{seq: tensor.Offsets{0}}
	if k.sampler != nil {
		for _, i := range k.sampler.At(step) {
			k.add(&b, "train", i)
		}
		return b
	}
	for i := range k.c.Batch {
		k.add(&b, "train", step*k.c.Batch+i)
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
	return fmt.Sprintf("in-context recall: %d keys and %d values (vocabulary %d), %d pairs (length %d, %d words); chance %.1f %%",
		len(k.vocab.Keys), len(k.vocab.Values), k.c.Vocabulary, k.c.Length/2, k.c.Length, k.c.Words(), 100/float64(len(k.vocab.Values)))
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
		k.add(&b, "test", i)
	}
	ids := tensor.New(samples, k.c.Words())
	for i, id := range b.ids {
		ids.Data[i] = float32(id)
	}
	return map[string]*tensor.Tensor{"ids": ids}, nil
}

// Predict returns the logits [n, V] of the answers to sequences "ids" [n, words].
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

// Evaluate scores the answers of unseen sequences, beside chance, the majority
// answer, and the value that most keys of the sequence share.
func (k *Task) Evaluate(ctx context.Context, split string, report func(done, total int)) (map[string]float64, error) {
	if split != "test" {
		return nil, fmt.Errorf("split %q: recall has only the split test", split)
	}
	t := autograd.Tape{NoGrad: true}
	var score task.Score
	shared := 0 // answers that most keys of their sequence share
	for at := 0; at < k.c.Tests; at += k.c.Batch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b := batch{seq: tensor.Offsets{0}}
		for i := at; i < min(at+k.c.Batch, k.c.Tests); i++ {
			k.add(&b, "test", i)
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
			if k.vocab.mostShared(b.ids[b.seq[i]:b.seq[i+1]]) == label {
				shared++
			}
		}
		report(min(at+k.c.Batch, k.c.Tests), k.c.Tests)
	}
	m := score.Metrics(len(k.vocab.Values))
	m["context_majority"] = float64(shared) / float64(k.c.Tests)
	return m, nil
}
