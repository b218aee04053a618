// Package image is the classification of pictures as sequences of patches
// (paper, section 4.3).
package image

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/data"
	"github.com/orchid-seq/orchid/data/picture"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/tensor"
)

// Config is the task with its model.
type Config struct {
	Data      string  `yaml:"data"` // folder; see picture.Open for its forms
	Batch     int     `yaml:"batch"`
	Crop      int     `yaml:"crop"` // pixels of padding for random crops
	Flip      bool    `yaml:"flip"` // mirror half of the training pictures
	Smoothing float64 `yaml:"label-smoothing"`

	// What the model was built for; New takes it from the data where it is not
	// given, so that the stored settings say it.
	Height   int      `yaml:"height"`
	Width    int      `yaml:"picture-width"`
	Channels int      `yaml:"channels"`
	Classes  []string `yaml:"classes"`

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
		Model:   model.Config{Width: 128, Depth: 6, Expand: 4, MLPBlocks: 4, DropPath: 0.1, Init: autograd.SchemeTruncated, Norm: "pre", NormEps: 1e-5, MixerResidual: true, Mixer: m},
	}
}

// Validate returns every fault that can be seen without the data.
func (c Config) Validate() error {
	var f fault.List
	f.Check(c.Data != "", "data: name the folder of the pictures, as in data=path/to/mnist")
	f.Check(c.Batch >= 1 && c.Batch <= 1<<20, "batch=%d: want 1 to 1048576", c.Batch)
	f.Check(c.Crop >= 0 && c.Crop <= 1<<12, "crop=%d: want 0 to 4096", c.Crop)
	f.Check(c.Height >= 0 && c.Height <= 1<<14 && c.Width >= 0 && c.Width <= 1<<14 && c.Channels >= 0 && c.Channels <= 16,
		"height=%d, picture-width=%d, channels=%d: want sizes of a picture, or 0 to take them from the data", c.Height, c.Width, c.Channels)
	f.Check(c.Smoothing >= 0 && c.Smoothing < 1, "label-smoothing=%g: want at least 0 and below 1", c.Smoothing)
	f.Add(c.Model.Validate(2))
	return f.Err()
}

// Task trains and tests a ViT. It is not safe for concurrent use.
type Task struct {
	c         Config
	seed      uint64
	sets      map[string]*picture.Set // train, test; nil before the data is read
	mean, std *autograd.Param         // of the training pictures, stored with the model
	sampler   data.Sampler
	hash      string // of the training pictures, once Fingerprint has needed it
	model     *model.ViT

	pictures []float32 // of the present step
	labels   []int
}

// New builds the model and draws its weights. Where c does not say what the
// pictures are like, it is completed from the data; otherwise the data is read
// only when it is needed.
func New(c *Config, seed uint64) (*Task, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	k := &Task{seed: seed}
	if c.Height == 0 || c.Width == 0 || c.Channels == 0 || len(c.Classes) == 0 {
		k.c = *c
		if err := k.open(); err != nil {
			return nil, err
		}
		s := k.some()
		c.Height, c.Width, c.Channels, c.Classes = s.Height, s.Width, s.Channels, s.Classes
	}
	k.c = *c
	k.mean, k.std = autograd.NewParam("pixels.mean", c.Channels), autograd.NewParam("pixels.std", c.Channels)
	k.mean.Frozen, k.std.Frozen = true, true
	var err error
	k.model, err = model.NewViT(c.Model, c.Patches, c.Height, c.Width, c.Channels, len(c.Classes), seed)
	return k, err
}

// open reads the data, unless that has been done, and compares it with what
// the model was built for.
func (k *Task) open() error {
	if k.sets != nil {
		return nil
	}
	train, test, err := picture.Open(k.c.Data)
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
		if k.c.Height > 0 && (s.Height != k.c.Height || s.Width != k.c.Width || s.Channels != k.c.Channels) {
			return fmt.Errorf("%s: the %s pictures are %dx%dx%d, the model wants %dx%dx%d", k.c.Data, name, s.Height, s.Width, s.Channels, k.c.Height, k.c.Width, k.c.Channels)
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
func (k *Task) Prepare(context.Context, func(done, total int)) error {
	if err := k.open(); err != nil {
		return err
	}
	for _, part := range []string{"train", "test"} {
		if k.sets[part] == nil {
			return fmt.Errorf("%s: no %s pictures; training needs both parts", k.c.Data, part)
		}
	}
	k.sampler = data.Sampler{N: k.sets["train"].Len(), Batch: k.c.Batch, Seed: k.seed}
	mean, std := picture.MeanStd(k.sets["train"])
	copy(k.mean.Data, mean)
	copy(k.std.Data, std)
	return nil
}

// Fingerprint implements task.Task: the settings, and a hash of the training
// pictures in place of the folder, which may move.
func (k *Task) Fingerprint() string {
	if k.hash == "" {
		s := k.sets["train"]
		h := sha256.New()
		h.Write(s.Pixels)
		fmt.Fprint(h, s.Labels)
		k.hash = fmt.Sprintf("%d pictures, sha256 %x", s.Len(), h.Sum(nil)[:16])
	}
	c := k.c
	c.Data = k.hash
	return fmt.Sprintf("%+v, seed %d", c, k.seed)
}

// Describe implements task.Task.
func (k *Task) Describe() string {
	return fmt.Sprintf("image classification: %s, %d classes, %dx%dx%d pixels, %d patches of %dx%d",
		k.c.Data, len(k.c.Classes), k.c.Height, k.c.Width, k.c.Channels, k.tokens(), k.c.Patches.Patch, k.c.Patches.Patch)
}

// samples is how many pictures Sample returns.
const samples = 4

// Sample returns the first pictures of the data, normalised, as "pictures"
// [n, H, W, C].
func (k *Task) Sample() (map[string]*tensor.Tensor, error) {
	if err := k.open(); err != nil {
		return nil, err
	}
	s := k.some()
	x := tensor.New(min(samples, s.Len()), s.Height, s.Width, s.Channels)
	for i := range x.Rows() {
		picture.Normalize(x.Row(i), s.At(i), k.mean.Data, k.std.Data)
	}
	return map[string]*tensor.Tensor{"pictures": x}, nil
}

// Predict returns the logits [n, classes] of "pictures" [n, H, W, C].
func (k *Task) Predict(inputs map[string]*tensor.Tensor) (*tensor.Tensor, error) {
	x, ok := inputs["pictures"]
	if !ok || len(x.Shape) != 4 || !slices.Equal(x.Shape[1:], []int{k.c.Height, k.c.Width, k.c.Channels}) {
		return nil, fmt.Errorf("want a tensor pictures [n %d %d %d]", k.c.Height, k.c.Width, k.c.Channels)
	}
	t := autograd.Tape{NoGrad: true}
	out := tensor.New(x.Rows(), len(k.c.Classes))
	err := autograd.Catch(func() { copy(out.Data, k.model.Forward(&t, x.Data).Data) })
	return out, err
}

// Params lists the model's parameters and the brightness of its pictures.
func (k *Task) Params() []*autograd.Param { return append(k.model.Params(), k.mean, k.std) }

// StepsPerEpoch implements task.Task.
func (k *Task) StepsPerEpoch() int { return k.sampler.StepsPerEpoch() }

// Splits implements task.Task.
func (k *Task) Splits() []string { return []string{"test", "train"} }

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
	a := picture.Augment{Pad: k.c.Crop, Flip: k.c.Flip}
	par.For(len(examples), 8, func(lo, hi int) {
		px := make([]uint8, size)
		for j := lo; j < hi; j++ {
			if augment {
				s := random.New(k.seed, "augment", step, j)
				a.Apply(px, set, examples[j], &s)
			} else {
				copy(px, set.At(examples[j]))
			}
			picture.Normalize(k.pictures[j*size:(j+1)*size], px, k.mean.Data, k.std.Data)
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
	return k.c.Height / k.c.Patches.Patch * (k.c.Width / k.c.Patches.Patch)
}

// Evaluate scores a split, beside chance and the majority class.
func (k *Task) Evaluate(ctx context.Context, split string, report func(done, total int)) (map[string]float64, error) {
	if err := k.open(); err != nil {
		return nil, err
	}
	set, ok := k.sets[split]
	if !ok {
		return nil, fmt.Errorf("%s: no %s pictures", k.c.Data, split)
	}
	const batch = 100
	t := autograd.Tape{NoGrad: true}
	var score task.Score
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
			score.Add(logits.Data, len(set.Classes), k.labels, float64(t.CrossEntropy(logits, k.labels, 0).Data[0]))
		})
		if err != nil {
			return nil, err
		}
		report(at+len(examples), set.Len())
	}
	m := score.Metrics(len(set.Classes))
	m["top5_accuracy"] = score.Top5()
	return m, nil
}
