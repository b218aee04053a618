package text

import (
	"context"
	"fmt"

	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/bagofwords"
)

// predictions are what a model says of a split, beside what is true.
type predictions struct {
	source            Source
	predicted, labels []float64        // Single and Number
	several           *task.MultiLabel // Multi
}

func newPredictions(source Source, classes int) *predictions {
	p := &predictions{source: source}
	if source.Kind() == task.Multi {
		p.several = task.NewMultiLabel(classes)
	}
	return p
}

// add takes scores of classes, above 0 for yes, or the value.
func (p *predictions) add(scores []float32, labels []float32) {
	switch p.source.Kind() {
	case task.Multi:
		p.several.Add(scores, 0, oneHot(labels, len(scores)))
		return
	case task.Single:
		p.predicted = append(p.predicted, float64(task.Class(scores)))
	default:
		p.predicted = append(p.predicted, float64(scores[0]))
	}
	p.labels = append(p.labels, float64(labels[0]))
}

func oneHot(classes []float32, n int) []float32 {
	row := make([]float32, n)
	for _, c := range classes {
		row[int(c)] = 1
	}
	return row
}

// metrics returns the metrics of the source; of Multi, micro-averaged F1 is the
// score.
func (p *predictions) metrics() map[string]float64 {
	if p.several == nil {
		return p.source.Metrics(p.predicted, p.labels)
	}
	return map[string]float64{
		"score": p.several.MicroF1(), "micro_f1": p.several.MicroF1(), "macro_f1": p.several.MacroF1(), "exact": p.several.Exact(),
	}
}

// baseline returns the scores of trivial models on a split, and keeps them;
// nothing if there is no data to fit them to.
func (k *Task) baseline(ctx context.Context, split string) (map[string]float64, error) {
	if !k.c.Baseline {
		return nil, nil
	}
	if b, ok := k.baselines[split]; ok {
		return b, nil
	}
	if _, err := k.set(ctx, "train", k.env.Progress); err != nil {
		k.env.Say(fmt.Sprintf("no score of trivial models, which are fitted to the training data: %v", err))
		return nil, ctx.Err()
	}
	train, err := k.source.Texts(ctx, "train")
	if err != nil {
		return nil, err
	}
	test, err := k.source.Texts(ctx, split)
	if err != nil {
		return nil, err
	}
	constant, err := bagofwords.Constant(train, len(k.classes), k.source.Kind())
	if err != nil {
		return nil, err
	}
	words, err := bagofwords.Fit(ctx, train, len(k.classes), k.source.Kind())
	if err != nil {
		return nil, err
	}
	b := map[string]float64{
		"majority":     k.scoreOf(test, func(task.Example) []float64 { return constant }),
		"bag_of_words": k.scoreOf(test, words.Predict),
	}
	if k.baselines == nil {
		k.baselines = map[string]map[string]float64{}
	}
	k.baselines[split] = b
	return b, nil
}

// scoreOf returns the score of a model that gives probabilities, or the value.
func (k *Task) scoreOf(test []task.Example, predict func(task.Example) []float64) float64 {
	p := newPredictions(k.source, len(k.classes))
	for _, e := range test {
		probabilities := predict(e)
		scores, labels := make([]float32, len(probabilities)), make([]float32, len(e.Labels))
		for i, v := range probabilities {
			if scores[i] = float32(v); k.source.Kind() == task.Multi {
				scores[i] -= 0.5
			}
		}
		for i, v := range e.Labels {
			labels[i] = float32(v)
		}
		p.add(scores, labels)
	}
	return p.metrics()["score"]
}
