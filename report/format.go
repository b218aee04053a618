package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/orchid-seq/orchid/task"
)

// none stands where nothing was measured.
const none = "–"

// shares are the metrics that people read in percent.
var shares = []string{
	"accuracy", "mismatched_accuracy", "top5_accuracy", "masked_accuracy", "exact",
	"chance", "majority", "context_chance", "context_majority",
}

// percent reports whether a metric is written in percent.
func percent(metric string) bool { return slices.Contains(shares, metric) }

// Value writes a metric for people: a share in percent.
func Value(metric string, v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return fmt.Sprint(v)
	case percent(metric):
		return fmt.Sprintf("%.2f %%", 100*v)
	}
	return fmt.Sprintf("%.4f", v)
}

// spread writes the mean of a metric over several runs with its deviation.
func spread(metric string, m mean) string {
	switch {
	case m.n == 0:
		return none
	case m.n == 1 || math.IsNaN(m.mean):
		return Value(metric, m.mean)
	case percent(metric):
		return fmt.Sprintf("%.2f ± %.2f %%", 100*m.mean, 100*m.deviation)
	}
	return fmt.Sprintf("%.4f ± %.4f", m.mean, m.deviation)
}

// A mean is that of n values, with the standard deviation of a sample, 0 for one.
type mean struct {
	mean, deviation float64
	n               int
}

func meanOf(values []float64) (m mean) {
	m.n = len(values)
	m.mean, m.deviation = task.Spread(values)
	return m
}

// Span writes seconds in two units at most.
func Span(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second)).Round(time.Second)
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case h > 0:
		return fmt.Sprintf("%d h %d min", h, m)
	case m >= 10:
		return fmt.Sprintf("%d min", int(math.Round(seconds/60)))
	case m > 0:
		return fmt.Sprintf("%d min %d s", m, s)
	}
	return fmt.Sprintf("%.3g s", seconds)
}

// Words writes the name of a metric for people.
func Words(metric string) string { return strings.ReplaceAll(metric, "_", " ") }

// slug turns a name into one for addresses and files: letters, digits and hyphens.
func slug(name string) string {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	if len(parts) == 0 {
		return "unnamed"
	}
	return strings.Join(parts, "-")
}
