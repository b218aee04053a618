package task

import "github.com/orchid-seq/orchid/autograd"

// A Sized is a task that can say how large its batches are and make some up, so that
// memory and time can be told before a training begins. Lengths are of sequences, in
// words, samples or patches. Its methods must not run once Loss has been called.
type Sized interface {
	// BatchLengths returns the lengths in batch n of the training. Before Prepare,
	// where only the data knows, they are the longest that the settings allow.
	BatchLengths(n int) []int
	// EvalLengths returns the lengths in the batches of an evaluation; before Prepare,
	// where only the data knows, in the largest.
	EvalLengths(split string) [][]int
	// MadeUp records the mean loss of made-up sequences of such lengths; no data is
	// needed.
	MadeUp(t *autograd.Tape, lengths []int) *autograd.Node
	// Longest is how long a sequence may be, 0 for any length.
	Longest() int
}

// Together returns where a batch of an evaluation ends that begins with example from: it
// has at most so many rows, or one longer example.
func Together(from, n, most int, length func(i int) int) (end int) {
	total := 0
	for end = from; end < n; end++ {
		if total += length(end); total > most && end > from {
			break
		}
	}
	return end
}

// EvalBatches returns the lengths in all batches that Together makes of n examples.
func EvalBatches(n, most int, length func(i int) int) (batches [][]int) {
	for at := 0; at < n; {
		end := Together(at, n, most, length)
		var b []int
		for ; at < end; at++ {
			b = append(b, length(at))
		}
		batches = append(batches, b)
	}
	return batches
}

// Fill returns the lengths of a batch of at most so many rows, as many as fit of one
// length: a longer one is alone.
func Fill(rows, length int) []int {
	lengths := make([]int, max(1, rows/max(1, length)))
	for i := range lengths {
		lengths[i] = length
	}
	return lengths
}
