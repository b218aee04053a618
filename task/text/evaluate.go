package text

import (
	"context"
	"maps"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/task"
)

// evalWords bounds the words of a batch of an evaluation, if it has several texts.
const evalWords = 8192

// Evaluate scores a split; majority and bag_of_words are the "score" of the
// best answer without a look at the text, and of logistic (or ridge) regression
// on the words, fitted to the same training part.
func (k *Task) Evaluate(ctx context.Context, split string, report func(done, total int)) (map[string]float64, error) {
	s, err := k.set(ctx, split, report)
	if err != nil {
		return nil, err
	}
	t := autograd.Tape{NoGrad: true}
	loss := 0.0
	p := newPredictions(k.source, len(k.classes))
	for at := 0; at < s.Len(); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var examples []int
		for i := range task.Together(at, s.Len(), evalWords, s.Length) - at {
			examples = append(examples, at+i)
		}
		b := k.batch(s, examples)
		err := autograd.Catch(func() {
			t.Reset()
			out := k.use(&t, b.Batch)
			loss += float64(k.loss(&t, out, b.labels, 0).Data[0]) * float64(len(examples))
			for i := range examples {
				p.add(k.values(out.Row(i)), b.labels[i])
			}
		})
		if err != nil {
			return nil, err
		}
		at += len(examples)
		report(at, s.Len())
	}
	k.confusion = p.confusion(len(k.classes))
	m := p.metrics()
	m["loss"] = loss / float64(s.Len())
	baseline, err := k.baseline(ctx, split)
	maps.Copy(m, baseline)
	return m, err
}

// Classes names the classes, nil for numbers.
func (k *Task) Classes() []string { return k.classes }

// Confusion implements task.Confused.
func (k *Task) Confusion() *task.Confusion { return k.confusion }

// values maps an output to scores of classes, or to the value.
func (k *Task) values(out []float32) []float32 {
	if k.mean == nil {
		return out
	}
	return []float32{out[0]*k.std.Data[0] + k.mean.Data[0]}
}
