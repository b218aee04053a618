package bagofwords

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/orchid-seq/orchid/task"
)

// readIMDB reads a split of the reviews that ../shared/data/unpack.sh unpacks.
func readIMDB(b *testing.B, split string) (examples []task.Example) {
	home, err := os.UserHomeDir()
	if err != nil {
		b.Skip(err)
	}
	for label, class := range []string{"neg", "pos"} {
		paths, err := filepath.Glob(filepath.Join(home, ".cache", "orchid-data", "aclImdb", split, class, "*.txt"))
		if err != nil || len(paths) == 0 {
			b.Skip("no reviews: run ../shared/data/unpack.sh")
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				b.Fatal(err)
			}
			examples = append(examples, task.Example{A: string(text), Labels: []float64{float64(label)}})
		}
	}
	return examples
}

// BenchmarkIMDB fits the 25,000 training reviews and reports the accuracy on
// the test reviews.
func BenchmarkIMDB(b *testing.B) {
	train, test := readIMDB(b, "train"), readIMDB(b, "test")
	for b.Loop() {
		m, err := Fit(b.Context(), train, 2, task.Single, 0, nil)
		if err != nil {
			b.Fatal(err)
		}
		c := task.NewConfusion(2)
		for _, e := range test {
			c.Add(task.Class(m.Predict(e)), int(e.Labels[0]))
		}
		b.ReportMetric(100*c.Accuracy(), "%right")
		b.ReportMetric(m.c, "C")
		b.ReportMetric(float64(m.vocabulary.width()), "features")
	}
}
