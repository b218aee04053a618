package text

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/data"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
	"github.com/orchid-seq/orchid/tokenize"
)

// Task fits a model to labelled texts. Its methods of training are not safe for
// concurrent use; Classify and Embed are.
type Task struct {
	c       FitConfig
	seed    uint64
	env     task.Env
	source  Source
	classes []string // nil for Number

	confusion   *task.Confusion // of the last evaluation
	words       *tokenize.Tokenizer
	complements []int // of bases, nil unless strands matter
	model       *model.TextClassifier
	// Values are fitted with mean 0 and deviation 1; nil unless the kind is Number.
	mean, std *autograd.Param

	sets      map[string]Examples // those opened so far
	baselines map[string]map[string]float64
	dealer    language.Dealer
	loader    *data.Loader[batch]
}

// NewTask builds the model and draws its weights. Where classes is empty, they
// are taken from the data, and set.
func NewTask(ctx context.Context, c *FitConfig, classes *[]string, source Source, seed uint64, env task.Env) (*Task, error) {
	words, err := c.Language.OpenTokenizer(env.Folder)
	if err != nil {
		return nil, err
	}
	if s := words.Special(); s.Class < 0 || s.Separator < 0 {
		return nil, fmt.Errorf("tokenizer=%s: classification needs [CLS] and [SEP]", c.Language.Tokenizer)
	}
	k := &Task{seed: seed, env: env, source: source, words: words.Literal(), sets: map[string]Examples{}, c: *c}
	if err := errors.Join(k.openStrands(), k.checkWindows()); err != nil {
		return nil, err
	}
	outputs := 1
	if source.Kind() != task.Number {
		if len(*classes) == 0 {
			if env.Folder != "" { // whose settings a stranger may have written: it names no other files to read
				return nil, fmt.Errorf("%s: the settings name no classes: the folder is not one that orchid train has finished", env.Folder)
			}
			if *classes, err = source.Classes(ctx, k.words, env.Progress("reading")); err != nil {
				return nil, err
			}
		}
		if len(*classes) < 2 && source.Kind() == task.Single {
			return nil, fmt.Errorf("%s: all labels are %q: there is nothing to tell apart", source.Describe(), *classes)
		}
		if len(*classes) == 0 {
			return nil, fmt.Errorf("%s: no text has a label", source.Describe())
		}
		k.classes, outputs = *classes, len(*classes)
	} else {
		k.mean, k.std = autograd.NewParam("values.mean", 1), autograd.NewParam("values.deviation", 1)
		k.mean.Frozen, k.std.Frozen, k.std.Data[0] = true, true, 1
	}
	k.model, err = model.NewTextClassifier(c.Language.Model, c.Pool, outputs, seed)
	return k, err
}

// Params lists the model's parameters.
func (k *Task) Params() []*autograd.Param {
	list := k.model.Params()
	if k.mean != nil {
		list = append(list, k.mean, k.std)
	}
	return list
}

// Encoder returns the layers between the embedding and the head, to look at.
func (k *Task) Encoder() *model.Encoder { return k.model.Encoder }

// Splits implements task.Task.
func (k *Task) Splits() []string { return k.source.Splits() }

// set opens a split, once.
func (k *Task) set(ctx context.Context, split string, report func(done, total int)) (Examples, error) {
	if s := k.sets[split]; s != nil {
		return s, nil
	}
	s, err := k.source.Open(ctx, split, k.words, k.c.Language.Model.Longest(), k.classes, report)
	if err != nil {
		return nil, err
	}
	if s.Len() == 0 {
		return nil, fmt.Errorf("%s: no %s examples", k.source.Describe(), split)
	}
	k.sets[split] = s
	return s, nil
}

// Prepare implements task.Task. It also measures the values of a regression and
// fits the bag of words.
func (k *Task) Prepare(ctx context.Context, report func(done, total int)) error {
	if k.dealer != nil {
		return nil
	}
	train, err := k.set(ctx, "train", report)
	if err != nil {
		return err
	}
	if _, err := k.set(ctx, k.Splits()[0], report); err != nil {
		return err
	}
	if err := k.checkBases(train); err != nil {
		return err
	}
	if k.mean != nil {
		k.measure(train)
	}
	if k.c.BatchTokens > 0 {
		k.dealer = &data.Budget{N: train.Len(), Tokens: k.c.BatchTokens, Seed: k.seed, Length: func(i int) int { return k.trained(train.Length(i)) }}
	} else {
		k.dealer = &data.Sampler{N: train.Len(), Batch: k.c.Batch, Seed: k.seed}
	}
	k.loader = data.NewLoader(func(step int) batch { return k.turnSome(k.training(train, step), step) })
	_, err = k.baseline(ctx, k.Splits()[0])
	return err
}

// measure sets mean and deviation of the values to fit.
func (k *Task) measure(train Examples) {
	n, sum, squares := float64(train.Len()), 0.0, 0.0
	for i := range train.Len() {
		sum += float64(train.Labels(i)[0])
	}
	for i := range train.Len() {
		d := float64(train.Labels(i)[0]) - sum/n
		squares += d * d
	}
	k.mean.Data[0] = float32(sum / n)
	if deviation := math.Sqrt(squares / n); deviation > 0 {
		k.std.Data[0] = float32(deviation)
	}
}

// A batch is packed texts with their labels.
type batch struct {
	language.Batch
	labels [][]float32
}

func (k *Task) batch(set Examples, examples []int) batch {
	var b batch
	for _, i := range examples {
		words, second := set.Append(nil, i)
		b.Add(words, second)
		b.labels = append(b.labels, set.Labels(i))
	}
	return b
}

// Loss records the mean loss of a training step.
func (k *Task) Loss(t *autograd.Tape, step int) (loss *autograd.Node, sequences, tokens int) {
	b := k.loader.At(step)
	return k.loss(t, k.forward(t, b.Batch), b.labels, k.c.Smoothing), b.Seq.Count(), len(b.Words)
}

// forward returns logits [B, classes], or values [B, 1].
func (k *Task) forward(t *autograd.Tape, b language.Batch) *autograd.Node {
	return k.model.Classify(t, k.model.Forward(t, b.Words, b.Types, b.Seq), b.Seq)
}

// use is forward outside of training: over both strands where that is asked for.
func (k *Task) use(t *autograd.Tape, b language.Batch) *autograd.Node {
	return k.bothStrands(t, b, k.forward(t, b), func(b language.Batch) *autograd.Node { return k.forward(t, b) })
}

func (k *Task) loss(t *autograd.Tape, out *autograd.Node, labels [][]float32, smoothing float64) *autograd.Node {
	switch k.source.Kind() {
	case task.Single:
		classes := make([]int, len(labels))
		for i, l := range labels {
			classes[i] = int(l[0])
		}
		return t.CrossEntropy(out, classes, smoothing)
	case task.Multi:
		targets := make([]float32, len(out.Data))
		for i, list := range labels {
			for _, class := range list {
				targets[i*len(k.classes)+int(class)] = 1
			}
		}
		return t.BinaryCrossEntropy(out, targets)
	}
	values := make([]float32, len(labels))
	for i, l := range labels {
		values[i] = (l[0] - k.mean.Data[0]) / k.std.Data[0]
	}
	return t.SquaredError(out, values)
}

// Close ends what runs in the background and closes the data. The model can
// still be used; to train or evaluate further reads the data again.
func (k *Task) Close() error {
	if k.loader != nil {
		k.loader.Close()
	}
	var faults []error
	for _, s := range k.sets {
		if c, ok := s.(io.Closer); ok {
			faults = append(faults, c.Close())
		}
	}
	k.sets, k.dealer, k.loader = map[string]Examples{}, nil, nil
	return errors.Join(faults...)
}

// Waited returns how long training has waited for data so far.
func (k *Task) Waited() time.Duration {
	if k.loader == nil {
		return 0
	}
	return k.loader.Waited()
}

// Checksum implements task.Checksummer.
func (k *Task) Checksum() string { return k.sets["train"].Checksum() }

// StepsPerEpoch implements task.Task.
func (k *Task) StepsPerEpoch() int { return k.dealer.StepsPerEpoch() }

// WriteFiles implements task.Filer.
func (k *Task) WriteFiles(dir string) error { return k.words.Save(dir) }

// Fingerprint implements task.Task: settings, and checksums in place of files.
func (k *Task) Fingerprint() string {
	c := k.c
	c.Language.Tokenizer, c.Language.From = "", ""
	return language.Fingerprint(
		"settings", fmt.Sprintf("%+v, %s, seed %d", c, k.source.Kind(), k.seed), "classes", fmt.Sprintf("%q", k.classes),
		"training data", k.sets["train"].Checksum(), "tokenizer", k.words.Fingerprint())
}
