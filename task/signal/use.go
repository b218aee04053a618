package signal

import (
	"context"
	"fmt"
	"slices"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/tensor"
)

// Endings implements task.FileClassifier.
func (k *Task) Endings() []string { return k.source.Endings() }

// ReadFile implements task.FileClassifier: a WAV file has one sequence, a .ts or .csv
// file as many as stand in it.
func (k *Task) ReadFile(path string) (sequences [][]float32, names []string, err error) {
	return k.source.Read(path)
}

// Classify implements task.FileClassifier for sequences [rows, channels] with their
// values as in files. They are packed into one batch.
func (k *Task) Classify(ctx context.Context, sequences [][]float32) ([]task.Prediction, error) {
	if len(sequences) == 0 {
		return nil, ctx.Err()
	}
	logits, err := k.logits(sequences)
	if err != nil {
		return nil, err
	}
	return task.Softmaxes(k.c.Classes, logits), ctx.Err()
}

// logits returns [n, classes] of sequences as they are in files.
func (k *Task) logits(sequences [][]float32) (*tensor.Tensor, error) {
	C := k.c.Channels
	lengths := make([]int, len(sequences))
	var x []float32
	for i, s := range sequences {
		which := ""
		if len(sequences) > 1 {
			which = fmt.Sprintf("sequence %d: ", i+1)
		}
		if len(s) == 0 || len(s)%C != 0 {
			return nil, fmt.Errorf("%s%d numbers, want some for each of %d channels", which, len(s), C)
		}
		lengths[i] = len(s) / C
		if err := k.takes(lengths[i]); err != nil {
			return nil, fmt.Errorf("%s%w", which, err)
		}
		at := len(x)
		x = append(x, s...)
		k.scale.apply(x[at:])
	}
	out := tensor.New(len(sequences), len(k.c.Classes))
	err := autograd.Catch(func() {
		t := autograd.Tape{NoGrad: true}
		copy(out.Data, k.model.Forward(&t, x, tensor.Pack(lengths...)).Data)
	})
	return out, err
}

// Keep lets static kernels be kept; see mixer.Keeper.
func (k *Task) Keep(bytes int) { k.model.Encoder.Keep(bytes) }

// Sample returns "signals" [n, L, C] with values as in files; they need no data.
func (k *Task) Sample() (map[string]*tensor.Tensor, error) {
	const samples, rows = 4, 64
	L := min(k.c.MaxLength, rows*k.c.Signal.Stride)
	if k.c.Normalize == "step" {
		L = k.c.MaxLength
	}
	x := tensor.New(samples, L, k.c.Channels)
	for i := range samples {
		s := random.New(0, "sample", i)
		row := x.Row(i)
		for j := range row {
			row[j] = float32(s.Normal())
			if k.scale.mean != nil {
				at := j % k.scale.unit()
				row[j] = k.scale.mean.Data[at] + k.scale.std.Data[at]*row[j]
			}
		}
	}
	return map[string]*tensor.Tensor{"signals": x}, nil
}

// Predict returns the logits [n, classes] of "signals" [n, L, C].
func (k *Task) Predict(inputs map[string]*tensor.Tensor) (*tensor.Tensor, error) {
	x, ok := inputs["signals"]
	if !ok || len(x.Shape) != 3 || slices.Min(x.Shape) < 1 || x.Shape[2] != k.c.Channels {
		return nil, fmt.Errorf("want a tensor signals [n, L, %d]", k.c.Channels)
	}
	sequences := make([][]float32, x.Shape[0])
	for i := range sequences {
		sequences[i] = x.Row(i)
	}
	return k.logits(sequences)
}
