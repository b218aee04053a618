package live

import (
	"fmt"
	"time"

	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/report"
)

// A card is what is known of a run.
type card struct {
	Name, Model, State, News string
	Look                     string // class of its lines
	Step, Steps              int
	Facts                    []fact
}

type fact struct{ Name, Value string }

// card says in figures where a run stands.
func (r *run) card(look string, now time.Time) card {
	c := card{
		Name: r.Dir, Model: r.Experiment.Name + ", " + r.Experiment.Model() + ", seed " + fmt.Sprint(r.Experiment.Training.Seed),
		State: r.state(now), Look: look, Step: r.History.Step, Steps: r.steps(),
	}
	add := func(name, format string, args ...any) {
		c.Facts = append(c.Facts, fact{name, fmt.Sprintf(format, args...)})
	}
	if c.Steps > 0 {
		add("step", "%s of %s", numeral.Thousands(c.Step), numeral.Thousands(c.Steps))
	} else {
		add("step", "%s", numeral.Thousands(c.Step))
	}
	if s := r.scores(); len(s) > 0 {
		m := r.metric()
		add(report.Words(m), "%s", report.Value(m, s[len(s)-1].Metrics[m]))
	}
	h := r.History.Training
	if len(h) > 0 {
		last := h[len(h)-1]
		add("loss", "%.4f", last.Loss)
		if s := speeds(r); len(s) > 0 {
			s = s[max(0, len(s)-10):] // one stretch alone may have waited for something
			sum := 0.0
			for _, v := range s {
				sum += v.value
			}
			add("tokens/s", "%s", numeral.Thousands(int(sum/float64(len(s)))))
		}
		if c.State != finished {
			add("learning rate", "%.2g", last.Rate)
		}
		if last.MemoryMB > 0 {
			add("memory", "%s MB", numeral.Thousands(last.MemoryMB))
		}
	}
	add("trained for", "%s", report.Span(r.History.Seconds))
	if left, ok := r.left(); ok && c.State == training {
		add("time left", "%s", report.Span(left))
	}
	switch {
	case c.State == silent:
		c.News = "nothing new for " + report.Span(now.Sub(r.Changed).Round(time.Minute).Seconds())
	case len(h) == 0:
		c.News = fmt.Sprintf("the first figures come after step %d", r.Experiment.Training.LogEvery)
	}
	return c
}
