package image

import (
	"slices"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/task"
)

// BatchLengths implements task.Sized.
func (k *Task) BatchLengths(int) []int {
	n := k.c.Batch
	if s := k.sets["train"]; s != nil {
		n = min(n, s.Len())
	}
	return task.Fill(n*k.tokens(), k.tokens())
}

// EvalLengths implements task.Sized.
func (k *Task) EvalLengths(split string) (batches [][]int) {
	n, L := testsAtOnce, k.tokens()
	if s := k.sets[split]; s != nil {
		n = s.Len()
	}
	for at := 0; at < n; at += testsAtOnce {
		batches = append(batches, task.Fill(min(testsAtOnce, n-at)*L, L))
	}
	return batches
}

// MadeUp implements task.Sized: the lengths must be those of pictures.
func (k *Task) MadeUp(t *autograd.Tape, lengths []int) *autograd.Node {
	x := make([]float32, len(lengths)*k.c.Height*k.c.Width*k.c.Channels)
	for i := range x {
		x[i] = float32(i%17)/8 - 1
	}
	return t.CrossEntropy(k.model.Forward(t, x), slices.Repeat([]int{0}, len(lengths)), k.c.Smoothing)
}

// Longest implements task.Sized: pictures all have as many patches.
func (k *Task) Longest() int { return k.tokens() }
