package recall

import (
	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/tensor"
)

// BatchLengths implements task.Sized.
func (k *Task) BatchLengths(n int) []int {
	p := phaseOf(k.phases, n)
	words := k.c.words(p.length)
	return task.Fill(p.batch*words, words)
}

// EvalLengths implements task.Sized.
func (k *Task) EvalLengths(string) (batches [][]int) {
	n, words := k.atOnce(), k.c.Words()
	for at := 0; at < k.c.Tests; at += n {
		batches = append(batches, task.Fill(min(n, k.c.Tests-at)*words, words))
	}
	return batches
}

// MadeUp implements task.Sized.
func (k *Task) MadeUp(t *autograd.Tape, lengths []int) *autograd.Node {
	seq := tensor.Pack(lengths...)
	ids := make([]int, seq.Total())
	for i := range ids {
		ids[i] = i % k.c.Vocabulary
	}
	var rows []int
	for i := range seq.Count() {
		lo, hi := seq.Span(i)
		rows = append(rows, hi-1)
		if k.c.Form == FormMany {
			for j := range min(k.c.Pairs, hi-lo) - 1 {
				rows = append(rows, lo+j)
			}
		} else if k.c.Objective == "hidden" && !t.NoGrad {
			for j := range int(k.c.Hide * float64(hi-lo) / 2) {
				rows = append(rows, lo+j)
			}
		}
	}
	logits := k.model.Forward(t, ids, seq, rows)
	return t.CrossEntropy(logits, make([]int, len(rows)), 0)
}

// Longest implements task.Sized.
func (k *Task) Longest() int {
	c := model.TextConfig{MaxLength: k.c.longest(), Positions: "none", Encoder: k.c.Model}
	if k.c.positions() == model.LearnedPositions {
		c.Positions = "learned"
	}
	return c.Longest()
}
