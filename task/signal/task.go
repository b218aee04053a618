package signal

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/data"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
)

// Task fits a model to labelled sequences. Its methods of training are not safe for
// concurrent use; Classify is.
type Task struct {
	c      FitConfig
	seed   uint64
	env    task.Env
	source Source
	parts  *Parts // nil before the data is read
	scale  scale
	model  *model.SignalClassifier

	dealer    language.Dealer
	loader    *data.Loader[batch]
	hash      string // of the training sequences
	confusion *task.Confusion
}

// newTask builds the model; what c does not say is completed from the source.
func newTask(ctx context.Context, c *FitConfig, source Source, seed uint64, env task.Env) (*Task, error) {
	k := &Task{seed: seed, env: env, source: source}
	if c.Channels == 0 || len(c.Classes) == 0 || c.MaxLength == 0 {
		k.c = *c
		if err := k.open(ctx, env.Progress("reading")); err != nil {
			return nil, err
		}
		if c.Channels == 0 {
			c.Channels = k.parts.Channels
		}
		if len(c.Classes) == 0 {
			c.Classes = k.parts.Classes
		}
		if c.MaxLength == 0 {
			c.MaxLength = k.longest()
		}
	}
	k.c = *c
	if len(c.Classes) < 2 {
		return nil, fmt.Errorf("%s: all labels are %q: there is nothing to tell apart", source.Where(), c.Classes)
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	k.scale = newScale(c.Normalize, c.Channels, c.MaxLength)
	var err error
	k.model, err = model.NewSignalClassifier(c.Model, c.Signal, c.Channels, len(c.Classes), c.MaxLength, seed)
	return k, err
}

// open reads the data, unless that has been done, and compares it with what the
// model was built for.
func (k *Task) open(ctx context.Context, report func(done, total int)) error {
	if k.parts != nil {
		return nil
	}
	var known []string
	if len(k.c.Classes) > 0 {
		known = k.c.Classes
	}
	p, err := k.source.Open(ctx, known, report)
	if err != nil {
		return err
	}
	if k.c.Channels > 0 && p.Channels != k.c.Channels {
		return fmt.Errorf("%s: %d channels where the model has %d", k.source.Where(), p.Channels, k.c.Channels)
	}
	k.parts = p
	return nil
}

// longest is the length of the longest sequence.
func (k *Task) longest() (n int) {
	for _, s := range k.parts.Sets {
		for i := range s.Len() {
			n = max(n, s.Rows(i))
		}
	}
	return n
}

// set returns a part all of whose sequences the model takes.
func (k *Task) set(ctx context.Context, split string, report func(done, total int)) (Set, error) {
	if err := k.open(ctx, report); err != nil {
		return nil, err
	}
	s := k.parts.Sets[split]
	if s == nil || s.Len() == 0 {
		return nil, fmt.Errorf("%s: no %s sequences; there are: %v", k.source.Where(), split, k.Splits())
	}
	for i := range s.Len() {
		if err := k.takes(s.Rows(i)); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name(i), err)
		}
	}
	return s, nil
}

// takes says why the model does not take a sequence of so many rows.
func (k *Task) takes(rows int) error {
	if most := k.model.Longest(); most > 0 && rows > most {
		return fmt.Errorf("%d samples where the model takes %d: train with max-length=%d, or with filter-positions=relative, which takes any length", rows, most, rows)
	}
	return k.scale.fits(rows)
}

// Prepare implements task.Task. It reads all training sequences once, which tells
// their checksum and how they are normalised.
func (k *Task) Prepare(ctx context.Context, report func(done, total int)) error {
	if k.loader != nil {
		return nil
	}
	train, err := k.set(ctx, "train", report)
	if err != nil {
		return err
	}
	splits := k.Splits()
	if splits[0] == "train" {
		return fmt.Errorf("%s: nothing but training sequences; name others to test on", k.source.Where())
	}
	for _, split := range splits {
		if _, err := k.set(ctx, split, report); err != nil {
			return err
		}
	}
	if err := k.measure(ctx, train, report); err != nil {
		return err
	}
	rows := func(i int) int { return k.c.Signal.Rows(train.Rows(i)) }
	if k.c.BatchTokens > 0 {
		k.dealer = &data.Budget{N: train.Len(), Tokens: k.c.BatchTokens, Seed: k.seed, Length: rows}
	} else {
		k.dealer = &data.Sampler{N: train.Len(), Batch: k.c.Batch, Seed: k.seed}
	}
	k.loader = data.NewLoader(func(step int) batch { return k.batch(train, k.dealer.At(step), &step) })
	return nil
}

// measure reads a set to its end.
func (k *Task) measure(ctx context.Context, train Set, report func(done, total int)) error {
	h := sha256.New()
	m := newMoments(k.scale.unit())
	var x []float32
	for i := range train.Len() {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := train.Rows(i) * k.c.Channels
		x = slices.Grow(x[:0], n)[:n]
		if err := train.Read(x, i); err != nil {
			return err
		}
		if k.scale.mean != nil {
			m.add(x)
		}
		hashSequence(h, x, train.Label(i))
		report(i+1, train.Len())
	}
	if k.scale.mean != nil {
		mean, std := m.result()
		copy(k.scale.mean.Data, mean)
		copy(k.scale.std.Data, std)
	}
	k.hash = fmt.Sprintf("%d sequences, sha256 %x", train.Len(), h.Sum(nil)[:16])
	return nil
}

// Params lists the model's parameters and what its values are normalised by.
func (k *Task) Params() []*autograd.Param { return append(k.model.Params(), k.scale.params()...) }

// Encoder returns the layers between the input and the head, to look at.
func (k *Task) Encoder() *model.Encoder { return k.model.Encoder }

// Splits implements task.Task: those that the data has, once it has been read.
func (k *Task) Splits() []string {
	list := k.source.Splits()
	if k.parts == nil {
		return list
	}
	return slices.DeleteFunc(list, func(split string) bool { return k.parts.Sets[split] == nil })
}

// StepsPerEpoch implements task.Task.
func (k *Task) StepsPerEpoch() int { return k.dealer.StepsPerEpoch() }

// Classes names the classes.
func (k *Task) Classes() []string { return k.c.Classes }

// Confusion returns what the last evaluation took each class for, nil before the
// first.
func (k *Task) Confusion() *task.Confusion { return k.confusion }

// Fingerprint implements task.Task: settings, and a checksum in place of files.
func (k *Task) Fingerprint() string {
	return language.Fingerprint("settings", fmt.Sprintf("%+v, seed %d", k.c, k.seed), "training data", k.hash)
}

// Checksum implements task.Checksummer: of all training sequences as they are read.
func (k *Task) Checksum() string { return k.hash }

// Close ends what runs in the background. The model can still be used.
func (k *Task) Close() error {
	if k.loader != nil {
		k.loader.Close()
	}
	k.loader, k.dealer = nil, nil
	return nil
}

// Waited returns how long training has waited for data so far.
func (k *Task) Waited() time.Duration {
	if k.loader == nil {
		return 0
	}
	return k.loader.Waited()
}
