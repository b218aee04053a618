package text

import (
	"context"
	"errors"
	"math"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
	"github.com/orchid-seq/orchid/tensor"
)

// A Prediction is what a model says of a text.
type Prediction struct {
	Label         string             `json:"label,omitempty"`         // Single: the most probable class
	Labels        []string           `json:"labels,omitzero"`         // Multi: those above one half, maybe none
	Value         *float64           `json:"value,omitempty"`         // Number
	Probabilities map[string]float64 `json:"probabilities,omitempty"` // of every class
}

// Classify says what the model makes of each of the texts, which are packed into
// one batch; none depends on the others. It is safe for concurrent use.
func (k *Task) Classify(ctx context.Context, texts []language.Input, truncate bool) ([]Prediction, error) {
	if len(texts) == 0 {
		return nil, ctx.Err()
	}
	b, err := k.encode(texts, truncate)
	if err != nil {
		return nil, err
	}
	out := make([]Prediction, len(texts))
	t := autograd.Tape{NoGrad: true}
	err = autograd.Catch(func() {
		logits := k.use(&t, b)
		for i := range out {
			out[i] = k.prediction(k.values(logits.Row(i)))
		}
	})
	return out, errors.Join(err, ctx.Err())
}

func (k *Task) encode(texts []language.Input, truncate bool) (language.Batch, error) {
	return language.Encode(k.words, k.c.Language.Model.Longest(), truncate, texts)
}

// prediction reads one row of outputs.
func (k *Task) prediction(out []float32) Prediction {
	if k.source.Kind() == task.Number {
		v := float64(out[0])
		return Prediction{Value: &v}
	}
	p := Prediction{Probabilities: map[string]float64{}}
	if k.source.Kind() == task.Multi {
		p.Labels = []string{}
		for i, class := range k.classes {
			p.Probabilities[class] = 1 / (1 + math.Exp(-float64(out[i])))
			if out[i] > 0 {
				p.Labels = append(p.Labels, class)
			}
		}
		return p
	}
	best, sum := task.Class(out), 0.0
	if best < 0 {
		return p
	}
	for _, v := range out {
		sum += math.Exp(float64(v) - float64(out[best]))
	}
	for i, class := range k.classes {
		p.Probabilities[class] = math.Exp(float64(out[i])-float64(out[best])) / sum
	}
	p.Label = k.classes[best]
	return p
}

// Columns names the fields of a record that hold the text and, for pairs, the
// second text.
func (k *Task) Columns() []string { return k.source.Columns() }

// Embed returns a vector for each of the texts: what the head sees.
func (k *Task) Embed(ctx context.Context, texts []language.Input, truncate bool) ([][]float32, error) {
	if len(texts) == 0 {
		return nil, ctx.Err()
	}
	b, err := k.encode(texts, truncate)
	if err != nil {
		return nil, err
	}
	return language.Rows(ctx, func(t *autograd.Tape) *autograd.Node {
		return k.bothStrands(t, b, func(b language.Batch) *autograd.Node {
			return k.model.Pooled(t, k.model.Forward(t, b.Words, b.Types, b.Seq), b.Seq)
		})
	})
}

// Keep lets static kernels be kept; see mixer.Keeper.
func (k *Task) Keep(bytes int) { k.model.Encoder.Keep(bytes) }

// Sample returns words [n, L].
func (k *Task) Sample() (map[string]*tensor.Tensor, error) {
	const samples, length = 4, 16
	L := length
	if n := k.c.Language.Model.Longest(); n > 0 {
		L = min(L, n)
	}
	words := tensor.New(samples, L)
	for i := range samples {
		s := random.New(0, "sample", i)
		for j := range words.Row(i) {
			words.Row(i)[j] = float32(s.IntN(k.words.Size()))
		}
	}
	return map[string]*tensor.Tensor{"words": words}, nil
}

// Predict returns the logits [n, classes], or values [n, 1], of "words" [n, L].
func (k *Task) Predict(inputs map[string]*tensor.Tensor) (*tensor.Tensor, error) {
	rows, err := language.Words(inputs, k.c.Language.Model.Vocabulary)
	if err != nil {
		return nil, err
	}
	var b language.Batch
	for _, words := range rows {
		b.Add(words, 0)
	}
	out := tensor.New(len(rows), len(k.model.Head.Bias.Data))
	err = autograd.Catch(func() {
		t := autograd.Tape{NoGrad: true}
		logits := k.use(&t, b)
		for i := range rows {
			copy(out.Row(i), k.values(logits.Row(i)))
		}
	})
	return out, err
}
