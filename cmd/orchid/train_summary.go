package main

import (
	"fmt"

	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/task"
)

// A summary is the results of one task over the seeds.
type summary struct {
	Task    string             `json:"task"`
	Split   string             `json:"split"`
	Seeds   int                `json:"seeds"`
	Mean    map[string]float64 `json:"mean"`
	Std     map[string]float64 `json:"std"`
	Seconds float64            `json:"seconds"` // of all runs
	Missing string             `json:"missing,omitempty"`
	average bool
	name    string // of the score
}

// add takes mean and deviation (of a sample) over the runs that have a metric.
func (s *summary) add(runs []trainResult) {
	s.Seeds = len(runs)
	values := map[string][]float64{}
	for _, r := range runs {
		s.Seconds += r.Seconds
		for k, v := range r.Metrics {
			values[k] = append(values[k], v)
		}
	}
	for k, list := range values {
		s.Mean[k], s.Std[k] = task.Spread(list)
	}
}

func (s *summary) line() string {
	key, name := "score", s.name
	if _, ok := s.Mean[key]; !ok {
		key, name = "accuracy", "accuracy"
	}
	if _, ok := s.Mean[key]; !ok {
		key, name = "loss", "loss"
	}
	text := fmt.Sprintf("%-8s %s: %s %.4f ± %.4f over %s", s.Task, s.Split, name, s.Mean[key], s.Std[key], numeral.Plural(s.Seeds, "seed"))
	for _, b := range []struct{ key, name string }{{"majority", "majority"}, {"bag_of_words", "a bag of words"}} {
		if v, ok := s.Mean[b.key]; ok && key == "score" {
			text += fmt.Sprintf(", of %s %.4f", b.name, v)
		}
	}
	return text + fmt.Sprintf("; %.0f s", s.Seconds)
}

// average is the last line of --json for tasks of GLUE.
type average struct {
	Average float64 `json:"average"`
	Tasks   int     `json:"tasks"`
}

// printSummaries shows all results and, for GLUE, their average over the eight
// tasks as the paper takes it, or over those that there are.
func (c trainCmd) printSummaries(all []summary) error {
	sum, n := 0.0, 0
	for _, s := range all {
		if c.JSON {
			if err := printJSON(s); err != nil {
				return err
			}
		} else if s.Missing != "" {
			fmt.Fprintf(stdout, "%-8s missing: %s\n", s.Task, s.Missing)
		} else {
			fmt.Fprintln(stdout, s.line())
		}
		if s.average && s.Missing == "" {
			sum, n = sum+s.Mean["score"], n+1
		}
	}
	if n == 0 {
		return nil
	}
	if c.JSON {
		return printJSON(average{sum / float64(n), n})
	}
	of := ""
	if n < 8 {
		of = fmt.Sprintf(" (the average of GLUE is over 8; %d are not here)", 8-n)
	}
	fmt.Fprintf(stdout, "average  %.4f over %s%s\n", sum/float64(n), numeral.Plural(n, "task"), of)
	return nil
}
