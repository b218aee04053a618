package task

import (
	"context"
	"math"

	"github.com/orchid-seq/orchid/tensor"
)

// A Prediction is what a model says of one input; the kind of its labels says
// which fields are there.
type Prediction struct {
	Label         string             `json:"label,omitempty"`         // Single: the most probable class
	Labels        []string           `json:"labels,omitzero"`         // Multi: those above one half, maybe none
	Value         *float64           `json:"value,omitempty"`         // Number
	Probabilities map[string]float64 `json:"probabilities,omitempty"` // of every class
}

// Softmax is the prediction of logits, one a class. Where one of them is NaN it says
// nothing.
func Softmax(classes []string, logits []float32) Prediction {
	p := Prediction{Probabilities: map[string]float64{}}
	best, sum := Class(logits), 0.0
	if best < 0 {
		return p
	}
	for _, v := range logits {
		sum += math.Exp(float64(v) - float64(logits[best]))
	}
	for i, class := range classes {
		p.Probabilities[class] = math.Exp(float64(logits[i])-float64(logits[best])) / sum
	}
	p.Label = classes[best]
	return p
}

// Softmaxes are the predictions of the rows of logits [n, classes].
func Softmaxes(classes []string, logits *tensor.Tensor) []Prediction {
	out := make([]Prediction, logits.Rows())
	for i := range out {
		out[i] = Softmax(classes, logits.Row(i))
	}
	return out
}

// A FileClassifier is a task whose model classifies what whole files hold:
// pictures, recordings, time series.
type FileClassifier interface {
	Task
	// Endings are those of the names of such files, in lower case.
	Endings() []string
	// ReadFile returns the inputs of a file as Classify takes them, with a name for
	// each: a picture, a recording, or all series of a file.
	ReadFile(path string) (inputs [][]float32, names []string, err error)
	// Classify says what the model makes of each input. None depends on the others. It is
	// safe for concurrent use.
	Classify(ctx context.Context, inputs [][]float32) ([]Prediction, error)
}
