// Package task says what a task is: a model with its data, its loss and its
// metric. The tasks themselves are in the folders below.
package task

import (
	"context"
	"math"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/tensor"
)

// A Task is a model with its data. It is not safe for concurrent use.
type Task interface {
	// Params lists the model's parameters, buffers included.
	Params() []*autograd.Param
	// Loss records the mean loss of batch number n (from 0) on the tape and
	// says how many sequences and tokens it holds. What it computes is a
	// function of the task's seed and n alone. Prepare must have succeeded.
	Loss(t *autograd.Tape, n int) (loss *autograd.Node, sequences, tokens int)
	// Evaluate returns the metrics of a split and calls report on its way.
	Evaluate(ctx context.Context, split string, report func(done, total int)) (map[string]float64, error)
	// Splits names the splits that Evaluate knows, the one to report first.
	Splits() []string
	// Prepare reads what training needs and calls report on its way; the error
	// says what is missing.
	Prepare(ctx context.Context, report func(done, total int)) error
	// Fingerprint identifies the training data after Prepare.
	Fingerprint() string
	// StepsPerEpoch returns, after Prepare, how many batches hold the training
	// set once; 0 if every example is fresh.
	StepsPerEpoch() int
	// Describe says what is learned: in one line, after Prepare in some more about
	// the data.
	Describe() string
	// Sample returns inputs for Predict, the same ones every time.
	Sample() (map[string]*tensor.Tensor, error)
	// Predict returns the model's output for inputs like those of Sample. It
	// needs no data.
	Predict(inputs map[string]*tensor.Tensor) (*tensor.Tensor, error)
}

// A Score counts how often a classifier is right. The zero value is empty.
type Score struct {
	n, right, top5 int
	loss           float64
	count          []int // of each label
}

// Add counts rows of logits [len(labels), classes] whose mean loss is loss.
func (s *Score) Add(logits []float32, classes int, labels []int, loss float64) {
	if s.count == nil {
		s.count = make([]int, classes)
	}
	for i, label := range labels {
		switch r := rank(logits[i*classes:(i+1)*classes], label); {
		case r == 0:
			s.right++
			fallthrough
		case r < 5:
			s.top5++
		}
		s.count[label]++
	}
	s.n += len(labels)
	s.loss += loss * float64(len(labels))
}

// Metrics returns the accuracy and the mean loss, beside them what guessing
// among so many answers and the most frequent label would reach.
func (s *Score) Metrics(answers int) map[string]float64 {
	most := 0
	for _, n := range s.count {
		most = max(most, n)
	}
	n := math.Max(1, float64(s.n))
	return map[string]float64{
		"accuracy": float64(s.right) / n, "loss": s.loss / n,
		"chance": 1 / float64(answers), "majority": float64(most) / n,
	}
}

// Top5 returns the share of labels among the five highest scores.
func (s *Score) Top5() float64 { return float64(s.top5) / math.Max(1, float64(s.n)) }

// rank returns how many classes score higher than the label; equal scores
// count as higher if they stand before it. NaN ranks last.
func rank(x []float32, label int) (n int) {
	for i, v := range x {
		if !(v < x[label]) && (v != x[label] || i < label) {
			n++
		}
	}
	return n
}
