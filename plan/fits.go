package plan

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/numeral"
)

// LargestBatch returns how many sequences a step may have, as long as those of the
// largest batch, within so many bytes.
func (t *Training) LargestBatch(bytes int64) int {
	b := t.activations
	return toInt(float64(len(t.largest)) * grow(t.left(bytes)/b.whole, b.number))
}

// LargestRows is LargestBatch in rows.
func (t *Training) LargestRows(bytes int64) int {
	b := t.activations
	return toInt(float64(rows(t.largest)) * grow(t.left(bytes)/b.whole, b.number))
}

// LargestLength returns how long the sequences may be: all of a batch as large as it
// is, or, where lengths differ, one alone.
func (t *Training) LargestLength(bytes int64) int {
	b := t.activations
	if t.Uniform() {
		return toInt(float64(t.Longest) * grow(t.left(bytes)/b.whole, b.length))
	}
	return toInt(t.left(bytes) / b.whole * float64(rows(t.largest)))
}

// left is what other things leave to the values of a step, garbage in proportion.
func (t *Training) left(bytes int64) float64 {
	m := t.Memory
	others := m.heap + m.Optimizer + m.Evaluation
	garbage := float64(m.Garbage) / float64(others+m.Activations) // of what is not garbage
	return (float64(bytes-m.Program-m.Weights-m.Optimizer-m.Evaluation) - garbage*float64(others)) / (1 + garbage)
}

// grow returns the x at which 1 + share (x-1) is y.
func grow(y, share float64) float64 { return max(0, 1+(y-1)/share) }

// Uniform says whether the sequences of a batch have one length.
func (t *Training) Uniform() bool { return slices.Min(t.largest) == t.Longest }

// toInt is x as a whole number, at least 0.
func toInt(x float64) int { return int(max(0, min(x, math.MaxInt32))) }

// A TooLargeError says that a training needs more memory than there is.
type TooLargeError struct {
	Need, Available int64    // bytes
	Most            string   // what takes most of it
	Change          []string // what to change
	Fits            int      // how long a single sequence may be, where that is what is too large
}

// Error says both numbers in MB, what takes most, and what to change.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("it needs %s of memory, there are %s; most is for %s; take %s", MB(e.Need), MB(e.Available), e.Most, strings.Join(e.Change, ", or "))
}

// MB writes bytes in MB of 2^20, as bench does.
func MB(bytes int64) string { return numeral.Thousands(int((bytes+1<<19)>>20)) + " MB" }

// Check says by a *TooLargeError that a training does not fit into so many bytes.
func (t *Training) Check(e *experiment.Experiment, available int64) error {
	need := t.Memory.Run()
	if need <= available {
		return nil
	}
	err := &TooLargeError{Need: need, Available: available}
	m := t.Memory
	if m.Program > available {
		err.Most, err.Change = "the program and the data that it holds", []string{"more memory"}
		return err
	}
	switch slices.Max([]int64{m.Activations, m.Evaluation, m.Weights + m.Optimizer, m.Program, m.Preparation / 2}) {
	case m.Activations:
		err.Most = fmt.Sprintf("the values of a step of %s, %s rows", numeral.Plural(len(t.largest), "sequence"), numeral.Thousands(rows(t.largest)))
		err.Change = t.smaller(e, available)
	case m.Evaluation:
		err.Most, err.Change = "an evaluation", []string{"shorter sequences"}
	case m.Weights + m.Optimizer:
		err.Most, err.Change = "the parameters with their gradients and moments", []string{"a smaller width or depth"}
	default:
		err.Most, err.Change = "the data", []string{"less data"}
	}
	return err
}

// smaller lists settings that need less memory for the values of a step.
func (t *Training) smaller(e *experiment.Experiment, available int64) (change []string) {
	if number(e, "batch-tokens") > 0 {
		if n := t.LargestRows(available); n >= t.Longest {
			change = append(change, fmt.Sprintf("batch-tokens=%d at most", n))
		}
	} else if n := t.LargestBatch(available); n >= 1 && number(e, "batch") > 0 {
		change = append(change, fmt.Sprintf("batch=%d at most", n))
	}
	// It keeps the values of one block, and the inputs of the others: about an eighth.
	m, depth := t.Memory, int64(max(1, number(e, "depth")))
	if e.Setting("recompute") == "false" && m.Run()-m.Activations+m.Activations/depth+m.Activations/8 <= available {
		change = append(change, "recompute=true")
	}
	if n := t.LargestLength(available); n >= 16 && !pictures(e) {
		change = append(change, fmt.Sprintf("sequences of %s at most", numeral.Thousands(n)))
	}
	if change == nil {
		change = []string{"a smaller width or depth"}
	}
	return change
}
