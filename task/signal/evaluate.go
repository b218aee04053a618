package signal

import (
	"context"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/task"
)

// evalRows bounds the rows of a batch of an evaluation, if it has several sequences.
const evalRows = 16384

// Evaluate scores a split, beside chance and the majority class.
func (k *Task) Evaluate(ctx context.Context, split string, report func(done, total int)) (map[string]float64, error) {
	set, err := k.set(ctx, split, report)
	if err != nil {
		return nil, err
	}
	t := autograd.Tape{NoGrad: true}
	var score task.Score
	confusion := task.NewConfusion(len(k.c.Classes))
	rows := func(i int) int { return k.c.Signal.Rows(set.Rows(i)) }
	for at := 0; at < set.Len(); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var examples []int
		for i := range task.Together(at, set.Len(), evalRows, rows) - at {
			examples = append(examples, at+i)
		}
		b := k.batch(set, examples, nil)
		if b.err != nil {
			return nil, &autograd.InputError{Err: b.err}
		}
		err := autograd.Catch(func() {
			t.Reset()
			logits := k.model.Forward(&t, b.x, b.seq)
			score.Add(logits.Data, len(k.c.Classes), b.labels, float64(t.CrossEntropy(logits, b.labels, 0).Data[0]))
			for i, label := range b.labels {
				confusion.Add(task.Class(logits.Row(i)), label)
			}
		})
		if err != nil {
			return nil, err
		}
		at += len(examples)
		report(at, set.Len())
	}
	k.confusion = confusion
	m := score.Metrics(len(k.c.Classes))
	m["macro_f1"] = confusion.MacroF1()
	return m, nil
}
