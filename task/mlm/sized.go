package mlm

import (
	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
)

// BatchLengths implements task.Sized.
func (k *Task) BatchLengths(n int) []int {
	s := k.sets["train"]
	if s == nil {
		if k.c.BatchTokens > 0 {
			return task.Fill(k.c.BatchTokens, k.c.Length)
		}
		return task.Fill(k.c.Batch*k.c.Length, k.c.Length)
	}
	var lengths []int
	for _, i := range k.dealer.At(n) {
		_, from, to := s.span(s.list[i])
		lengths = append(lengths, to-from+2)
	}
	return lengths
}

// EvalLengths implements task.Sized.
func (k *Task) EvalLengths(split string) (batches [][]int) {
	s := k.sets[split]
	if s == nil {
		return [][]int{task.Fill(evalWords, k.c.Length)}
	}
	list := evenly(s.list, k.c.EvalLimit)
	for at := 0; at < len(list); {
		var lengths []int
		for words := 0; at < len(list) && (words == 0 || words+k.c.Length <= evalWords); at++ {
			_, from, to := s.span(list[at])
			lengths, words = append(lengths, to-from+2), words+to-from+2
		}
		batches = append(batches, lengths)
	}
	return batches
}

// MadeUp implements task.Sized.
func (k *Task) MadeUp(t *autograd.Tape, lengths []int) *autograd.Node {
	var b batch
	b.Batch = language.MadeUp(lengths, k.words.Size())
	share := k.c.Mask
	if t.NoGrad {
		share = k.c.EvalMask
	}
	for i := range max(1, int(share*float64(len(b.Words)))) {
		b.rows, b.labels = append(b.rows, int(float64(i)/share)), append(b.labels, i%k.words.Size())
	}
	loss, _, _ := k.loss(t, b)
	return loss
}
