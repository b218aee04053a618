package task

import (
	"fmt"
	"math"
)

// A MultiLabel counts predictions of which several classes may hold at once.
// Its metrics are NaN if it is empty or a score was NaN. It is not safe for
// concurrent use.
type MultiLabel struct {
	right, predicted, label []float64 // of each class
	n, exact                float64
	invalid                 bool
}

// NewMultiLabel returns an empty count. It panics unless classes >= 1.
func NewMultiLabel(classes int) *MultiLabel {
	if classes < 1 {
		panic(fmt.Sprintf("task: NewMultiLabel of %d classes", classes))
	}
	return &MultiLabel{right: make([]float64, classes), predicted: make([]float64, classes), label: make([]float64, classes)}
}

// Add counts an example, for which class k is predicted if scores[k] >
// threshold (0 for logits, 1/2 for probabilities) and holds if labels[k] >
// 1/2. It panics unless there is one score and label a class.
func (m *MultiLabel) Add(scores []float32, threshold float32, labels []float32) {
	if len(scores) != len(m.right) || len(labels) != len(m.right) {
		panic(fmt.Sprintf("task: %d scores, %d labels for %d classes", len(scores), len(labels), len(m.right)))
	}
	same := true
	for k, v := range scores {
		predicted, label := v > threshold, labels[k] > 0.5
		if v != v {
			m.invalid = true
		}
		if predicted {
			m.predicted[k]++
		}
		if label {
			m.label[k]++
		}
		if predicted && label {
			m.right[k]++
		}
		same = same && predicted == label
	}
	m.n++
	if same {
		m.exact++
	}
}

func (m *MultiLabel) known(x float64) float64 {
	if m.n == 0 || m.invalid {
		return math.NaN()
	}
	return x
}

// MicroF1 returns 2 right / (predicted + labels), counted over all classes
// together; 0 if nothing is predicted and nothing holds.
func (m *MultiLabel) MicroF1() float64 {
	var right, predicted, label float64
	for k := range m.right {
		right += m.right[k]
		predicted += m.predicted[k]
		label += m.label[k]
	}
	return m.known(f1(right, predicted, label))
}

// MacroF1 returns the mean of the F1 of all classes; a class that is never
// predicted and never holds counts 0, as in scikit-learn.
func (m *MultiLabel) MacroF1() float64 {
	var sum float64
	for k := range m.right {
		sum += f1(m.right[k], m.predicted[k], m.label[k])
	}
	return m.known(sum / float64(len(m.right)))
}

// Exact returns the share of examples all of whose classes are right.
func (m *MultiLabel) Exact() float64 { return m.known(m.exact / m.n) }
