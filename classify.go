package orchid

import (
	"context"

	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
)

// A Prediction is what a classifier says of a text.
type Prediction = task.Prediction

// ClassifyOptions say how texts are classified. They are comparable.
type ClassifyOptions struct {
	Truncate bool // cut what the model does not take, in place of an error
}

// A Classification is the prediction of a text.
type Classification struct {
	Usage
	Prediction
	Err error // why there is none
}

// Classify returns the classes of texts, or their values. The error concerns all
// of them: the context has ended, or the model does not classify (*TaskError); what
// concerns one text is in its Err.
func (m *Model) Classify(ctx context.Context, o ClassifyOptions, inputs ...Input) ([]Classification, error) {
	c, ok := m.task.(classifier)
	if !ok {
		return nil, &TaskError{m.info.Dir, m.info.Task, "one of classes: train one with orchid train text"}
	}
	out := make([]Classification, len(inputs))
	err := batches{
		ctx:    ctx,
		encode: func(in Input) (Encoding, error) { return m.Tokens(in, o.Truncate) },
		tell:   func(i int, u Usage, err error) { out[i].Usage, out[i].Err = u, err },
		compute: func(t *tape, b language.Batch, which []int, _ []Encoding) {
			for n, p := range c.Classify(t, b) {
				out[which[n]].Prediction = p
			}
		},
	}.run(inputs)
	if err != nil {
		return nil, err
	}
	return out, nil
}
