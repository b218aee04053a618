package image

import (
	"context"
	"fmt"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/data"
	"github.com/orchid-seq/orchid/data/picture"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/task"
)

// centre is the part of its sides that a picture is tested on after training
// with crops of random scale.
const centre = 0.875

// testsAtOnce is how many pictures a batch of an evaluation has.
const testsAtOnce = 100

// view writes a picture to dst as it is tested: resized, or its middle after
// training with crops of random scale.
func (k *Task) view(dst, p picture.Picture) {
	if k.c.ScaleCrop > 0 {
		picture.CentreCrop(dst, p, centre)
	} else {
		picture.Fit(dst, p)
	}
}

// tests makes a batch of pictures lo to hi of a set, without those that cannot
// be read.
func (k *Task) tests(b *batch, set *picture.Set, lo, hi int) {
	size := k.c.Height * k.c.Width * k.c.Channels
	b.resize(hi-lo, size)
	bad := make([]error, hi-lo)
	par.For(hi-lo, 4, func(from, to int) {
		px := picture.New(k.c.Height, k.c.Width, k.c.Channels)
		for j := from; j < to; j++ {
			var p picture.Picture
			if p, bad[j] = set.Picture(lo + j); bad[j] == nil {
				k.view(px, p)
				picture.Normalize(b.pictures[j*size:(j+1)*size], px.Pixels, k.mean.Data, k.std.Data)
			}
		}
	})
	n := 0
	for j, err := range bad {
		if err != nil {
			b.bad = append(b.bad, err)
			continue
		}
		copy(b.pictures[n*size:(n+1)*size], b.pictures[j*size:])
		b.labels[n] = set.Labels[lo+j]
		n++
	}
	b.pictures, b.labels = b.pictures[:n*size], b.labels[:n]
	b.refuse(k.c.BadFiles)
}

// Evaluate scores a split, beside chance and the majority class. A picture that
// cannot be read is a *autograd.InputError.
func (k *Task) Evaluate(ctx context.Context, split string, report func(done, total int)) (map[string]float64, error) {
	if err := k.open(ctx, k.env.Progress("reading")); err != nil {
		return nil, err
	}
	set, ok := k.sets[split]
	if !ok {
		return nil, fmt.Errorf("%s: no %s pictures", k.c.Data, split)
	}
	var two [2]batch
	batches := (set.Len() + testsAtOnce - 1) / testsAtOnce
	loader := data.NewLoader(func(n int) *batch {
		b := &two[n%2]
		if n < batches { // the loader also makes one after the last
			k.tests(b, set, n*testsAtOnce, min((n+1)*testsAtOnce, set.Len()))
		}
		return b
	})
	defer loader.Close()
	t := autograd.Tape{NoGrad: true}
	var score task.Score
	k.confusion = task.NewConfusion(len(set.Classes))
	for n := range batches {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b := loader.At(n)
		if b.err != nil {
			return nil, &autograd.InputError{Err: b.err}
		}
		k.say(b)
		if len(b.labels) > 0 {
			if err := autograd.Catch(func() { k.score(&t, b, &score) }); err != nil {
				return nil, err
			}
		}
		report(min((n+1)*testsAtOnce, set.Len()), set.Len())
	}
	m := score.Metrics(len(set.Classes))
	m["top5_accuracy"] = score.Top5()
	return m, nil
}

// score adds a batch to the scores.
func (k *Task) score(t *autograd.Tape, b *batch, score *task.Score) {
	t.Reset()
	logits := k.model.Forward(t, b.pictures)
	score.Add(logits.Data, logits.Cols(), b.labels, float64(t.CrossEntropy(logits, b.labels, 0).Data[0]))
	for i, label := range b.labels {
		k.confusion.Add(task.Class(logits.Row(i)), label)
	}
}

// Confusion returns how often each class was taken for each in the last
// evaluation, nil before the first.
func (k *Task) Confusion() *task.Confusion { return k.confusion }

// Classes names the classes.
func (k *Task) Classes() []string { return k.c.Classes }
