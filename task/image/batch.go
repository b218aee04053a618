package image

import (
	"fmt"

	"github.com/orchid-seq/orchid/data/picture"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/random"
)

// A batch is pictures ready for the model.
type batch struct {
	pictures []float32 // [n, Height, Width, Channels], normalised
	labels   []int
	// After mixing, a picture also has a label of another, with the rest of share;
	// others is nil without.
	others []int
	share  float64

	bad []error // files that could not be read
	err error   // one of them, which ends the training
}

// resize makes room for n pictures of so many numbers.
func (b *batch) resize(n, size int) {
	if cap(b.pictures) < n*size {
		b.pictures = make([]float32, n*size)
	}
	b.pictures, b.labels = b.pictures[:n*size], append(b.labels[:0], make([]int, n)...)
	b.others, b.share, b.bad, b.err = nil, 1, nil, nil
}

// trainingBatches returns the function that makes the batch of a step. It
// alternates between two, since one is in use while the next is made.
func (k *Task) trainingBatches() func(step int) *batch {
	var two [2]batch
	turn := 0
	return func(step int) *batch {
		turn = 1 - turn
		b := &two[turn]
		k.fill(b, step)
		return b
	}
}

// fill makes the batch of a training step. Each picture is varied by a stream of its
// own, so that the result does not depend on threads.
func (k *Task) fill(b *batch, step int) {
	set, examples := k.sets["train"], k.sampler.At(step)
	size := k.c.Height * k.c.Width * k.c.Channels
	b.resize(len(examples), size)
	bad := make([][]error, len(examples))
	par.For(len(examples), 4, func(lo, hi int) {
		v := k.newVariation()
		for j := lo; j < hi; j++ {
			r := random.New(k.seed, "augment", step, j)
			p, label, faults := k.readable(set, examples[j])
			if b.labels[j], bad[j] = label, faults; label >= 0 {
				v.apply(b.pictures[j*size:(j+1)*size], p, &r)
			}
		}
	})
	for j, faults := range bad {
		if b.bad = append(b.bad, faults...); b.labels[j] < 0 {
			b.err = fmt.Errorf("%d pictures in a row cannot be read: %w", len(faults), faults[0])
		}
	}
	if b.refuse(k.c.BadFiles); b.err == nil {
		k.mix(b, step)
	}
}

// refuse makes pictures that cannot be read an error, unless they may be skipped.
func (b *batch) refuse(badFiles string) {
	if len(b.bad) > 0 && badFiles != "skip" {
		b.err = damaged("a picture with a good header", b.bad[:1])
	}
}

// damaged is the error for pictures of which the header alone can be read, in one line.
func damaged(what string, faults []error) error {
	return fmt.Errorf("%s cannot be read; put a whole copy in its place, or skip such files by bad-files=skip: %s", what, fault.Some(fault.Texts(faults), "; "))
}

// tries is how many pictures in a row readable looks at.
const tries = 100

// readable returns picture i of a set with its label, or, under bad-files=skip,
// the first after it that can be read; the label is -1 if there is none.
func (k *Task) readable(set *picture.Set, i int) (p picture.Picture, label int, bad []error) {
	for n := range min(tries, set.Len()) {
		at := (i + n) % set.Len()
		p, err := set.Picture(at)
		if err == nil {
			return p, set.Labels[at], bad
		}
		if bad = append(bad, err); k.c.BadFiles != "skip" {
			break
		}
	}
	return p, -1, bad
}

// A variation is what one thread needs to vary pictures.
type variation struct {
	k        *Task
	augment  picture.Augment
	rand     picture.RandAugment
	p, spare picture.Picture
}

func (k *Task) newVariation() *variation {
	v := &variation{
		k:       k,
		augment: picture.Augment{Pad: k.c.Crop, Flip: k.c.Flip},
		rand:    picture.RandAugment{Magnitude: k.c.RandAugment, Prob: k.c.RandAugmentProb},
		p:       picture.New(k.c.Height, k.c.Width, k.c.Channels),
		spare:   picture.New(k.c.Height, k.c.Width, k.c.Channels),
	}
	for _, m := range k.mean.Data { // which becomes 0
		v.rand.Fill = append(v.rand.Fill, uint8(255*m+0.5))
	}
	return v
}

// apply writes a picture to x, varied and normalised.
func (v *variation) apply(x []float32, p picture.Picture, r *random.Stream) {
	c := &v.k.c
	switch {
	case c.ScaleCrop > 0:
		picture.ScaleCrop(v.spare, p, c.ScaleCrop, r)
		p = v.spare
	case p.Height != c.Height || p.Width != c.Width:
		picture.Fit(v.spare, p)
		p = v.spare
	}
	v.augment.Apply(v.p, p, r)
	if c.RandAugment > 0 {
		v.rand.Apply(v.p, v.spare, r)
	}
	picture.Normalize(x, v.p.Pixels, v.k.mean.Data, v.k.std.Data)
	if c.Erasing > 0 && r.Float64() < c.Erasing {
		picture.Erase(x, c.Height, c.Width, r)
	}
}

// mix mixes the pictures of a batch with each other, if asked to.
func (k *Task) mix(b *batch, step int) {
	alpha, cut := k.c.Mixup, false
	r := random.New(k.seed, "mix", step)
	if other := r.IntN(2) == 1; k.c.CutMix > 0 && (alpha == 0 || other) {
		alpha, cut = k.c.CutMix, true
	}
	if alpha == 0 {
		return
	}
	n := len(b.labels)
	b.share = picture.Share(alpha, &r)
	if cut {
		var box picture.Box
		box, b.share = picture.CutBox(k.c.Height, k.c.Width, b.share, &r)
		picture.CutMix(b.pictures, n, k.c.Height, k.c.Width, box)
	} else {
		picture.Mixup(b.pictures, n, b.share)
	}
	b.others = make([]int, n)
	for i, label := range b.labels {
		b.others[n-1-i] = label
	}
}

// say names the files that a batch could not read, each once.
func (k *Task) say(b *batch) {
	for _, err := range b.bad {
		if text := err.Error(); !k.said[text] {
			k.said[text] = true
			k.env.Say("left out a picture that cannot be read: " + text)
		}
	}
}
