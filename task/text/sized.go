package text

import (
	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
)

// BatchLengths implements task.Sized.
func (k *Task) BatchLengths(n int) []int {
	s := k.sets["train"]
	if s == nil {
		longest := k.trained(k.c.Language.Model.MaxLength)
		if k.c.BatchTokens > 0 {
			return task.Fill(k.c.BatchTokens, longest)
		}
		return task.Fill(k.c.Batch*longest, longest)
	}
	var lengths []int
	for _, i := range k.dealer.At(n) {
		lengths = append(lengths, k.trained(s.Length(i)))
	}
	return lengths
}

// EvalLengths implements task.Sized.
func (k *Task) EvalLengths(split string) [][]int {
	s := k.sets[split]
	if s == nil {
		return [][]int{task.Fill(evalWords, k.c.Language.Model.MaxLength)}
	}
	return task.EvalBatches(s.Len(), evalWords, s.Length)
}

// MadeUp implements task.Sized.
func (k *Task) MadeUp(t *autograd.Tape, lengths []int) *autograd.Node {
	b := language.MadeUp(lengths, k.words.Size())
	labels := make([][]float32, len(lengths))
	for i := range labels {
		labels[i] = []float32{0}
	}
	if t.NoGrad {
		return k.loss(t, k.forward(t, b), labels, 0)
	}
	return k.loss(t, k.forward(t, b), labels, k.c.Smoothing)
}
