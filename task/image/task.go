// Package image is the classification of pictures as sequences of patches
// (paper, section 4.3).
package image

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/data"
	"github.com/orchid-seq/orchid/data/picture"
	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/task"
)

// Task trains and tests a ViT. It is not safe for concurrent use.
type Task struct {
	c         Config
	seed      uint64
	env       task.Env
	sets      map[string]*picture.Set // train, test; nil before the data is read
	mean, std *autograd.Param         // of the training pictures, stored with the model
	sampler   data.Sampler
	loader    *data.Loader[*batch] // of training; nil before Prepare
	hash      string               // of the training pictures, once it was needed
	said      map[string]bool      // files that a note has named
	model     *model.ViT
	confusion *task.Confusion // of the last evaluation
}

// New is Open for a caller without surroundings.
func New(c *Config, seed uint64) (*Task, error) {
	return Open(context.Background(), c, seed, task.Env{})
}

// Open builds the model and draws its weights. Where c does not say what the
// pictures are like, it is completed from the data; otherwise the data is read
// only when it is needed.
func Open(ctx context.Context, c *Config, seed uint64, env task.Env) (*Task, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	k := &Task{seed: seed, env: env, c: *c, said: map[string]bool{}}
	if c.Height == 0 || c.Width == 0 || c.Channels == 0 || len(c.Classes) == 0 {
		if err := k.open(ctx, k.env.Progress("reading")); err != nil {
			return nil, err
		}
		s := k.some()
		c.Height, c.Width, c.Channels, c.Classes = s.Height, s.Width, s.Channels, s.Classes
	}
	k.c = *c
	if len(c.Classes) < 2 {
		return nil, fmt.Errorf("%s: all pictures are labelled %q: there is nothing to tell apart", c.Data, c.Classes)
	}
	k.mean, k.std = autograd.NewParam("pixels.mean", c.Channels), autograd.NewParam("pixels.std", c.Channels)
	k.mean.Frozen, k.std.Frozen = true, true
	var err error
	k.model, err = model.NewViT(c.Model, c.Patches, c.Height, c.Width, c.Channels, len(c.Classes), seed)
	return k, err
}

// open reads the data, unless that has been done, and compares it with what
// the model was built for.
func (k *Task) open(ctx context.Context, report func(done, total int)) error {
	if k.sets != nil {
		return nil
	}
	o := picture.Options{
		Height: k.c.Height, Width: k.c.Width, Own: k.c.ScaleCrop > 0, Skip: k.c.BadFiles == "skip",
		Note: k.env.Note, Report: report,
	}
	if len(k.c.Classes) > 0 {
		o.Classes = k.c.Classes
	}
	if k.c.Size > 0 {
		o.Height, o.Width = k.c.Size, k.c.Size
	}
	train, test, err := picture.Open(ctx, k.c.Data, o)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("data=%s: %w; name the folder of the pictures by data=PATH (eval: --data PATH)", k.c.Data, err)
	}
	if err != nil {
		return err
	}
	sets := map[string]*picture.Set{}
	for name, s := range map[string]*picture.Set{"train": train, "test": test} {
		if s == nil || s.Len() == 0 {
			continue
		}
		sets[name] = s
		if want := k.c.Classes; len(want) > 0 && !slices.Equal(want, s.Classes) {
			return fmt.Errorf("%s: the %s pictures have the classes %v, the model %v", k.c.Data, name, s.Classes, want)
		}
		if k.c.Channels > 0 && s.Channels != k.c.Channels {
			return fmt.Errorf("%s: the %s pictures have %d channels, the model wants %d", k.c.Data, name, s.Channels, k.c.Channels)
		}
	}
	if len(sets) == 0 {
		return fmt.Errorf("%s: no pictures", k.c.Data)
	}
	k.sets = sets
	return nil
}

// some returns the training pictures, or the test pictures if there are none.
func (k *Task) some() *picture.Set {
	if s := k.sets["train"]; s != nil {
		return s
	}
	return k.sets["test"]
}

// Prepare implements task.Task. It also measures the training pictures'
// brightness, which becomes part of the model.
func (k *Task) Prepare(ctx context.Context, report func(done, total int)) error {
	if k.loader != nil {
		return nil
	}
	if err := k.open(ctx, report); err != nil {
		return err
	}
	for _, part := range []string{"train", "test"} {
		if k.sets[part] == nil {
			return fmt.Errorf("%s: no %s pictures; training needs both parts", k.c.Data, part)
		}
	}
	k.sampler = data.Sampler{N: k.sets["train"].Len(), Batch: k.c.Batch, Seed: k.seed}
	mean, std, faults := picture.MeanStd(k.sets["train"])
	if len(faults) > 0 && k.c.BadFiles != "skip" {
		return damaged(fmt.Sprintf("%s: %s with a good header", k.c.Data, numeral.Plural(len(faults), "picture")), faults)
	}
	copy(k.mean.Data, mean)
	copy(k.std.Data, std)
	k.loader = data.NewLoader(k.trainingBatches())
	return nil
}

// Close ends what runs in the background. The model can still be used.
func (k *Task) Close() error {
	if k.loader != nil {
		k.loader.Close()
		k.loader = nil
	}
	return nil
}

// Waited returns how long training has waited for pictures so far.
func (k *Task) Waited() time.Duration {
	if k.loader == nil {
		return 0
	}
	return k.loader.Waited()
}

// Params lists the model's parameters and the brightness of its pictures.
func (k *Task) Params() []*autograd.Param { return append(k.model.Params(), k.mean, k.std) }

// Encoder returns the layers between the input and the head, to look at.
func (k *Task) Encoder() *model.Encoder { return k.model.Encoder }

// StepsPerEpoch implements task.Task.
func (k *Task) StepsPerEpoch() int { return k.sampler.StepsPerEpoch() }

// Splits implements task.Task.
func (k *Task) Splits() []string { return []string{"test", "train"} }

// tokens is how many patches a picture has.
func (k *Task) tokens() int {
	return k.c.Height / k.c.Patches.Patch * (k.c.Width / k.c.Patches.Patch)
}

// Loss records the mean loss of a training step. It panics with a
// *autograd.InputError if a picture cannot be read that Prepare has not decoded.
func (k *Task) Loss(t *autograd.Tape, step int) (loss *autograd.Node, sequences, tokens int) {
	b := k.loader.At(step)
	if b.err != nil { // then nothing is left out
		panic(&autograd.InputError{Err: b.err})
	}
	k.say(b)
	logits := k.model.Forward(t, b.pictures)
	if b.others == nil {
		loss = t.CrossEntropy(logits, b.labels, k.c.Smoothing)
	} else {
		loss = t.MixedCrossEntropy(logits, b.labels, b.others, b.share, k.c.Smoothing)
	}
	return loss, len(b.labels), len(b.labels) * k.tokens()
}
