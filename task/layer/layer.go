// Package layer is one mixer alone, such as a layer that the authors' release has
// trained: to be checked, looked at and exported, not to be trained.
package layer

import (
	"context"
	"errors"
	"fmt"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/tensor"
)

// Config shapes the layer.
type Config struct {
	Width     int `yaml:"width"`      // D
	MaxLength int `yaml:"max-length"` // rows that static kernels are made for

	Mixer mixer.Config `yaml:",inline"`
}

// Default is an Orchid layer.
func Default() Config { return Config{Width: 64, MaxLength: 128, Mixer: mixer.Default()} }

// Validate returns every fault.
func (c Config) Validate() error {
	var f fault.List
	f.Add(c.Mixer.Validate(c.Width, c.MaxLength))
	return f.Err()
}

// Task is the layer. Predict is safe for concurrent use.
type Task struct {
	// Input is what Sample returns; nil for random numbers.
	Input *tensor.Tensor

	c     Config
	mixer mixer.Mixer
}

// New builds the layer and draws its weights.
func New(c Config, seed uint64) (*Task, error) {
	m, err := mixer.New(c.Mixer, "", c.Width, c.MaxLength)
	if err != nil {
		return nil, err
	}
	return &Task{c: c, mixer: m}, autograd.Initialize(m.Params(), autograd.SchemeUniform, seed)
}

// Take copies weights, which must have the names and shapes of the layer's.
func (k *Task) Take(params []*autograd.Param) error {
	tensors := map[string]*tensor.Tensor{}
	for _, p := range params {
		tensors[p.Name] = &p.Tensor
	}
	return autograd.Assign(k.Params(), tensors)
}

// Params lists the layer's parameters.
func (k *Task) Params() []*autograd.Param { return k.mixer.Params() }

// Describe implements task.Task.
func (k *Task) Describe() string {
	return fmt.Sprintf("one layer of %d channels, made for sequences of at most %d rows", k.c.Width, k.c.MaxLength)
}

// Sample returns Input, or normal numbers, as "input" [n, L, D].
func (k *Task) Sample() (map[string]*tensor.Tensor, error) {
	if k.Input != nil {
		return map[string]*tensor.Tensor{"input": k.Input}, nil
	}
	const samples, rows = 2, 64
	x := tensor.New(samples, min(rows, k.c.MaxLength), k.c.Width)
	s := random.New(0, "sample")
	for i := range x.Data {
		x.Data[i] = float32(s.Normal())
	}
	return map[string]*tensor.Tensor{"input": x}, nil
}

// Predict returns what the layer makes of "input" [n, L, D], of the same shape.
func (k *Task) Predict(inputs map[string]*tensor.Tensor) (*tensor.Tensor, error) {
	x, ok := inputs["input"]
	if !ok || len(x.Shape) != 3 || x.Shape[0] < 1 || x.Shape[1] < 1 || x.Shape[2] != k.c.Width {
		return nil, fmt.Errorf("want a tensor input [n, L, %d]", k.c.Width)
	}
	t := autograd.Tape{NoGrad: true}
	y := tensor.New(x.Shape...)
	err := autograd.Catch(func() {
		rows := t.Input(x.Data, x.Shape[0]*x.Shape[1], k.c.Width)
		copy(y.Data, k.mixer.Forward(&t, rows, tensor.Uniform(x.Shape[0], x.Shape[1])).Data)
	})
	return y, err
}

// errAlone says what a layer lacks.
var errAlone = errors.New("a layer alone has no data and no loss: it can be verified, inspected and exported")

// Prepare implements task.Task: there is nothing to train.
func (k *Task) Prepare(context.Context, func(done, total int)) error { return errAlone }

// Evaluate implements task.Task: there is nothing to score.
func (k *Task) Evaluate(context.Context, string, func(done, total int)) (map[string]float64, error) {
	return nil, errAlone
}

// Loss implements task.Task; Prepare has refused.
func (k *Task) Loss(*autograd.Tape, int) (loss *autograd.Node, sequences, tokens int) {
	panic(errAlone)
}

// Splits implements task.Task; Evaluate refuses all.
func (k *Task) Splits() []string { return []string{"test"} }

// Fingerprint implements task.Task.
func (k *Task) Fingerprint() string { return fmt.Sprintf("%+v", k.c) }

// StepsPerEpoch implements task.Task.
func (k *Task) StepsPerEpoch() int { return 0 }
