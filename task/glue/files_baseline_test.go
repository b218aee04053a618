package glue

import (
	"testing"
	"time"

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
	m, err := bagofwords.Fit(t.Context(), train, len(k.Labels), k.Kind())
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

// TestBaselines logs the scores to beat, with -v.
func TestBaselines(t *testing.T) {
	dir := numtest.Shared(t, "data", "glue")
	for _, name := range []string{"SST-2", "CoLA", "MRPC", "RTE", "STS-B", "WNLI"} {
		if testing.Short() && name == "SST-2" {
			continue // seconds
		}
		k, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		constant, bag, about := k.baselines(t, dir)
		t.Logf("%s: constant %.4v, bag of words %.4v (%s; %v)", name, constant, bag, about, time.Since(start).Round(time.Millisecond))
	}
}
