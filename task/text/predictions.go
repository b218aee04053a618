package text

import (
	"github.com/orchid-seq/orchid/task"
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

// mostConfused is how many classes a confusion matrix has at most: more can be
// neither kept nor looked at.
const mostConfused = 2000

// confusion counts what each class was taken for; nil unless labels are single and
// classes few.
func (p *predictions) confusion(classes int) *task.Confusion {
	if p.source.Kind() != task.Single || classes > mostConfused {
		return nil
	}
	c := task.NewConfusion(classes)
	for i, label := range p.labels {
		c.Add(int(p.predicted[i]), int(label))
	}
	return c
}
