// Package image is the classification of pictures as sequences of patches
// (paper, section 4.3).
package image

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/data"
	"github.com/orchid-seq/orchid/data/image"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/tensor"
)

// Config is the task with its model.
type Config struct {
	Data      string  `yaml:"data"` // folder; see image.Open for its forms
	Batch     int     `yaml:"batch"`
	Crop      int     `yaml:"crop"` // pixels of padding for random crops
	Flip      bool    `yaml:"flip"` // mirror half of the training pictures
	Smoothing float64 `yaml:"label-smoothing"`

	Patches model.PatchConfig `yaml:",inline"`
	Model   model.Config      `yaml:",inline"`
}

// Default is a small model for small pictures.
func Default() Config {
	m := mixer.Default()
	m.Transform, m.Residual = "dft", false
	return Config{
		Batch: 50, Smoothing: 0.1,
		Patches: model.PatchConfig{Patch: 4, Pool: autograd.MeanPool},
		Model:   model.Config{Width: 128, Depth: 6, Expand: 4, MLPBlocks: 4, DropPath: 0.1, Init: autograd.SchemeTruncated, Mixer: m},
	}
}

// Validate returns every fault that can be seen without the data.
func (c Config) Validate() error {
	var list []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			list = append(list, fmt.Errorf(format, args...))
		}
	}
	check(c.Data != "", "data: name the folder of the pictures, as in data=path/to/mnist")
	check(c.Batch >= 1, "batch=%d: want at least 1", c.Batch)
	check(c.Crop >= 0, "crop=%d: want at least 0", c.Crop)
	check(c.Smoothing >= 0 && c.Smoothing < 1, "label-smoothing=%g: want at least 0 and below 1", c.Smoothing)
	return errors.Join(append(list, c.Model.Validate(2))...)
}

// Task trains and tests a ViT. It is not safe for concurrent use.
type Task struct {
	c         Config
	seed      uint64
	sets      map[string]*image.Set // train, test; a part may be missing
	any       *image.Set            // one of them, for sizes and classes
	mean, std *autograd.Param       // of the training pictures, stored with the model
	sampler   data.Sampler
	model     *model.ViT

	pictures []float32 // of the present step
	labels   []int
}

// New reads the data, builds the model and draws its weights.
func New(c Config, seed uint64) (*Task, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	train, test, err := image.Open(c.Data)
	if err != nil {
		return nil, err
	}
	k := &Task{c: c, seed: seed, sets: map[string]*image.Set{}}
	for _, part := range []struct {
		name string
		set  *image.Set
	}{{"train", train}, {"test", test}} {
		if part.set != nil && part.set.Len() > 0 {
			k.sets[part.name], k.any = part.set, part.set
		}
	}
	if k.any == nil {
		return nil, fmt.Errorf("%s: no pictures", c.Data)
	}
	C := k.any.Channels
	k.mean, k.std = autograd.NewParam("pixels.mean", C), autograd.NewParam("pixels.std", C)
	k.mean.Frozen, k.std.Frozen = true, true
	if train := k.sets["train"]; train != nil {
		if test := k.sets["test"]; test != nil && (!slices.Equal(train.Classes, test.Classes) || train.Height != test.Height || train.Width != test.Width || train.Channels != test.Channels) {
			return nil, fmt.Errorf("%s: training and test pictures differ in size or classes", c.Data)
		}
		k.sampler = data.Sampler{N: train.Len(), Batch: c.Batch, Seed: seed}
		mean, std := image.MeanStd(train)
		copy(k.mean.Data, mean)
		copy(k.std.Data, std)
	}
	k.model, err = model.NewViT(c.Model, c.Patches, k.any.Height, k.any.Width, C, len(k.any.Classes), seed)
	return k, err
}

// Trainable returns an error unless there are both training and test pictures.
func (k *Task) Trainable() error {
	for _, part := range []string{"train", "test"} {
		if k.sets[part] == nil {
			return fmt.Errorf("%s: no %s pictures; training needs both parts", k.c.Data, part)
		}
	}
	return nil
}

// Describe says in one line what is learned.
func (k *Task) Describe() string {
	s := k.any
	return fmt.Sprintf("image classification: %s, %d classes, %dx%dx%d pixels, %d patches of %dx%d",
		s.Name, len(s.Classes), s.Height, s.Width, s.Channels, k.tokens(), k.c.Patches.Patch, k.c.Patches.Patch)
}

// SelfTest classifies pictures, those given as "pictures" [n, H, W, C] or the
// first ones of the data, and adds their logits as "output" [n, classes].
func (k *Task) SelfTest(inputs map[string]*tensor.Tensor) (map[string]*tensor.Tensor, error) {
	const n = 4
	s := k.any
	pictures := tensor.New(min(n, s.Len()), s.Height, s.Width, s.Channels)
	if inputs == nil {
		for i := range pictures.Shape[0] {
			image.Normalize(pictures.Row(i), s.At(i), k.mean.Data, k.std.Data)
		}
	} else {
		given, ok := inputs["pictures"]
		if !ok || len(given.Shape) != 4 || !slices.Equal(given.Shape[1:], pictures.Shape[1:]) {
			return nil, fmt.Errorf("want a tensor pictures [n %d %d %d]", s.Height, s.Width, s.Channels)
		}
		pictures = given
	}
	t := autograd.Tape{NoGrad: true}
	out := tensor.New(pictures.Shape[0], len(s.Classes))
	err := autograd.Catch(func() { copy(out.Data, k.model.Forward(&t, pictures.Data).Data) })
	return map[string]*tensor.Tensor{"pictures": pictures, "output": out}, err
}

// Params lists the model's parameters.
func (k *Task) Params() []*autograd.Param { return append(k.model.Params(), k.mean, k.std) }

// StepsPerEpoch returns how many steps see the training set once.
func (k *Task) StepsPerEpoch() int { return k.sampler.StepsPerEpoch() }

// Splits names the splits that Evaluate knows.
func (k *Task) Splits() []string { return []string{"test", "train"} }

// Labels names the classes.
func (k *Task) Labels() []string { return k.any.Classes }

// load fills pictures and labels with examples of a split; augment varies each
// by a stream of its own, so that the result does not depend on threads.
func (k *Task) load(split string, examples []int, augment bool, step int) {
	set := k.sets[split]
	size := set.Height * set.Width * set.Channels
	if n := len(examples) * size; cap(k.pictures) < n {
		k.pictures = make([]float32, n)
	}
	k.pictures, k.labels = k.pictures[:len(examples)*size], k.labels[:0]
	for _, i := range examples {
		k.labels = append(k.labels, set.Labels[i])
	}
	a := image.Augment{Pad: k.c.Crop, Flip: k.c.Flip}
	par.For(len(examples), 8, func(lo, hi int) {
		px := make([]uint8, size)
		for j := lo; j < hi; j++ {
			copy(px, set.At(examples[j]))
			if augment {
				s := random.New(k.seed, "augment", step, j)
				a.Apply(px, set, examples[j], &s)
			}
			image.Normalize(k.pictures[j*size:(j+1)*size], px, k.mean.Data, k.std.Data)
		}
	})
}

// Loss records the mean loss of a training step.
func (k *Task) Loss(t *autograd.Tape, step int) (loss *autograd.Node, sequences, tokens int) {
	examples := k.sampler.At(step)
	k.load("train", examples, k.c.Crop > 0 || k.c.Flip, step)
	logits := k.model.Forward(t, k.pictures)
	return t.CrossEntropy(logits, k.labels, k.c.Smoothing), len(examples), len(examples) * k.tokens()
}

// tokens is how many patches a picture has.
func (k *Task) tokens() int {
	s := k.any
	return s.Height / k.c.Patches.Patch * (s.Width / k.c.Patches.Patch)
}

// Evaluate scores a split, beside chance and the majority class.
func (k *Task) Evaluate(ctx context.Context, split string, report func(done, total int)) (map[string]float64, error) {
	set, ok := k.sets[split]
	if !ok {
		return nil, fmt.Errorf("%s: no %s pictures", k.c.Data, split)
	}
	const batch = 100
	t := autograd.Tape{NoGrad: true}
	classes := len(set.Classes)
	right, top5, loss := 0, 0, 0.0
	count := make([]int, classes)
	for at := 0; at < set.Len(); at += batch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		examples := make([]int, 0, batch)
		for i := at; i < min(at+batch, set.Len()); i++ {
			examples = append(examples, i)
		}
		k.load(split, examples, false, 0)
		err := autograd.Catch(func() {
			t.Reset()
			logits := k.model.Forward(&t, k.pictures)
			for i, label := range k.labels {
				count[label]++
				r := rank(logits.Data[i*classes:(i+1)*classes], label)
				if r == 0 {
					right++
				}
				if r < 5 {
					top5++
				}
			}
			loss += float64(t.CrossEntropy(logits, k.labels, 0).Data[0]) * float64(len(k.labels))
		})
		if err != nil {
			return nil, err
		}
		report(at+len(examples), set.Len())
	}
	most := 0
	for _, n := range count {
		most = max(most, n)
	}
	n := float64(set.Len())
	return map[string]float64{
		"accuracy": float64(right) / n, "top5_accuracy": float64(top5) / n, "loss": loss / n,
		"chance": 1 / float64(classes), "majority": float64(most) / n,
	}, nil
}

// rank returns how many classes score higher than the label; equal scores
// count as higher if they stand before it. NaN ranks last.
func rank(x []float32, label int) (n int) {
	for i, v := range x {
		if !(v < x[label]) && (v != x[label] || i < label) {
			n++
		}
	}
	return n
}
