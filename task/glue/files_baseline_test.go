package glue

import (
	"math"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/bagofwords"
)

// baselines returns the metrics of the constant prediction and of the bag of
// words on dev.
func (k Task) baselines(t testing.TB, dir string) (constant, bag map[string]float64, about string) {
	t.Helper()
	train, err := k.Read(dir, "train")
	if err != nil {
		t.Fatal(err)
	}
	dev, err := k.Read(dir, "dev")
	if err != nil {
		t.Fatal(err)
	}
	guess, err := bagofwords.Constant(train, len(k.Labels), k.Kind())
	if err != nil {
		t.Fatal(err)
	}
	m, err := bagofwords.Fit(t.Context(), train, len(k.Labels), k.Kind(), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer := func(p []float64) float64 {
		if k.Labels == nil {
			return p[0]
		}
		return float64(task.Class(p))
	}
	var labels, a, b []float64
	for _, e := range dev {
		labels, a, b = append(labels, e.Labels[0]), append(a, answer(guess)), append(b, answer(m.Predict(e)))
	}
	return k.Metrics(a, labels), k.Metrics(b, labels), m.Describe()
}

// TestBaselines fits those that take less than a second.
func TestBaselines(t *testing.T) {
	dir := numtest.Shared(t, "data", "glue")
	for name, want := range map[string]struct{ constant, bag float64 }{"RTE": {0.527, 0.57}, "STS-B": {0, 0.73}, "MRPC": {0.812, 0.82}} {
		k, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		constant, bag, about := k.baselines(t, dir)
		t.Logf("%s: constant %.4v, bag of words %.4v (%s)", name, constant, bag, about)
		if !(math.Abs(constant["score"]-want.constant) < 1e-3) || !(bag["score"] >= want.bag) {
			t.Errorf("%s: scores %v and %v, want %v and at least %v", name, constant["score"], bag["score"], want.constant, want.bag)
		}
	}
}

// BenchmarkBaselines reports the scores to beat, in percent.
func BenchmarkBaselines(b *testing.B) {
	dir := numtest.Shared(b, "data", "glue")
	for _, name := range []string{"SST-2", "CoLA", "MRPC", "RTE", "STS-B", "WNLI"} {
		k, err := Find(name)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				constant, bag, _ := k.baselines(b, dir)
				b.ReportMetric(100*constant["score"], "constant")
				for _, metric := range append(k.Score, k.Beside...) {
					b.ReportMetric(100*bag[metric], "bag-"+metric)
				}
			}
		})
	}
}
