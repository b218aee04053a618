package image

import (
	"context"
	"fmt"
	"slices"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/data/picture"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/tensor"
)

// Fingerprint implements task.Task: the settings, and a hash of the training
// pictures in place of the folder, which may move. A run that found a bad file may
// go on by skipping such files.
func (k *Task) Fingerprint() string {
	c := k.c
	c.Data, c.BadFiles = k.Checksum(), "stop"
	return fmt.Sprintf("%+v, seed %d", c, k.seed)
}

// Checksum implements task.Checksummer.
func (k *Task) Checksum() string {
	if k.hash == "" {
		s := k.sets["train"]
		k.hash = fmt.Sprintf("%d pictures, %s", s.Len(), s.Checksum())
	}
	return k.hash
}

// Describe implements task.Task.
func (k *Task) Describe() string {
	text := fmt.Sprintf("image classification: %s, %d classes, %dx%dx%d pixels, %d patches of %dx%d",
		k.c.Data, len(k.c.Classes), k.c.Height, k.c.Width, k.c.Channels, k.tokens(), k.c.Patches.Patch, k.c.Patches.Patch)
	if k.loader == nil {
		return text
	}
	where := "in memory"
	if k.sets["train"].Files() {
		where = "decoded from files as they are needed"
	}
	return fmt.Sprintf("%s; %d to train, %d to test, %s", text, k.sets["train"].Len(), k.sets["test"].Len(), where)
}

// samples is how many pictures Sample returns.
const samples = 4

// Sample returns the first pictures of the data, normalised, as "pictures"
// [n, H, W, C].
func (k *Task) Sample() (map[string]*tensor.Tensor, error) {
	if err := k.open(context.Background(), k.env.Progress("reading")); err != nil {
		return nil, err
	}
	var b batch
	s := k.some()
	if k.tests(&b, s, 0, min(samples, s.Len())); b.err != nil {
		return nil, b.err
	}
	x := tensor.New(len(b.labels), k.c.Height, k.c.Width, k.c.Channels)
	copy(x.Data, b.pictures)
	return map[string]*tensor.Tensor{"pictures": x}, nil
}

// Endings implements task.FileClassifier.
func (k *Task) Endings() []string { return []string{".png", ".jpg", ".jpeg"} }

// ReadFile implements task.FileClassifier: a PNG or JPEG picture as the model sees it,
// [H, W, C]. Models of one channel see it in grey.
func (k *Task) ReadFile(path string) (inputs [][]float32, names []string, err error) {
	p, err := picture.ReadFile(path, k.c.Channels)
	if err != nil {
		return nil, nil, err
	}
	px := picture.New(k.c.Height, k.c.Width, k.c.Channels)
	k.view(px, p)
	x := make([]float32, len(px.Pixels))
	picture.Normalize(x, px.Pixels, k.mean.Data, k.std.Data)
	return [][]float32{x}, []string{path}, nil
}

// Classify implements task.FileClassifier for pictures of ReadFile. It panics if one has
// another size.
func (k *Task) Classify(ctx context.Context, pictures [][]float32) ([]task.Prediction, error) {
	x := tensor.New(len(pictures), k.c.Height, k.c.Width, k.c.Channels)
	for i, p := range pictures {
		if copy(x.Row(i), p) != len(p) || len(p) != x.Cols() {
			panic(fmt.Sprintf("image: Classify: picture %d has %d numbers, want %d", i, len(p), x.Cols()))
		}
	}
	logits, err := k.Predict(map[string]*tensor.Tensor{"pictures": x})
	if err != nil {
		return nil, err
	}
	return task.Softmaxes(k.c.Classes, logits), ctx.Err()
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
