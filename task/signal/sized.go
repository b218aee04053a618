package signal

import (
	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/tensor"
)

// BatchLengths implements task.Sized.
func (k *Task) BatchLengths(n int) []int {
	if k.dealer == nil {
		if k.c.BatchTokens > 0 {
			return task.Fill(k.c.BatchTokens*k.c.Signal.Stride, k.c.MaxLength)
		}
		return task.Fill(k.c.Batch*k.c.MaxLength, k.c.MaxLength)
	}
	var lengths []int
	for _, i := range k.dealer.At(n) {
		lengths = append(lengths, k.parts.Sets["train"].Rows(i))
	}
	return lengths
}

// EvalLengths implements task.Sized.
func (k *Task) EvalLengths(split string) [][]int {
	if k.parts == nil || k.parts.Sets[split] == nil {
		return [][]int{task.Fill(evalRows*k.c.Signal.Stride, k.c.MaxLength)}
	}
	s := k.parts.Sets[split]
	return task.EvalBatches(s.Len(), evalRows*k.c.Signal.Stride, s.Rows)
}

// MadeUp implements task.Sized.
func (k *Task) MadeUp(t *autograd.Tape, lengths []int) *autograd.Node {
	seq := tensor.Pack(lengths...)
	x := make([]float32, seq.Total()*k.c.Channels)
	for i := range x {
		x[i] = float32(i%17)/8 - 1
	}
	return t.CrossEntropy(k.model.Forward(t, x, seq), make([]int, len(lengths)), k.c.Smoothing)
}

// Longest implements task.Sized.
func (k *Task) Longest() int { return k.model.Longest() }
