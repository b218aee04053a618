package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/orchid-seq/orchid/internal/whole"
)

// Files of a run's folder that there may be beside those of experiment.
const (
	EvaluationsFile = "evaluations.jsonl" // evaluations after the training
	ConfusionFile   = "confusion.json"    // what each class was taken for
)

// An Evaluation is a line of evaluations.jsonl: a model scored after its
// training, with settings unlike those of the training.
type Evaluation struct {
	Split    string
	Settings map[string]string
	Metrics  map[string]float64
	Seconds  float64
}

// evaluationLine is an Evaluation as it stands in the file.
type evaluationLine struct {
	Split    string            `json:"split"`
	Settings map[string]any    `json:"settings"`
	Metrics  map[string]number `json:"metrics"`
	Seconds  number            `json:"seconds"`
}

// Record appends an evaluation to the file of a run's folder.
func (e Evaluation) Record(dir string) error {
	l := evaluationLine{Split: e.Split, Settings: map[string]any{}, Metrics: map[string]number{}, Seconds: number(e.Seconds)}
	for k, v := range e.Settings {
		l.Settings[k] = v
	}
	for k, v := range e.Metrics {
		l.Metrics[k] = number(v)
	}
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, EvaluationsFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	return errors.Join(err, f.Close())
}

// length returns the length that an evaluation of accuracy was made at.
func (e Evaluation) length() (L int, ok bool) {
	L, err := strconv.Atoi(e.Settings["length"])
	_, scored := e.Metrics["accuracy"]
	return L, scored && err == nil && L > 0
}

// others is the grid of the evaluations after the training that name no length; the
// last of several that are alike counts. ok is false where there is none.
func (t *Table) others() (g Grid, ok bool) {
	g = Grid{Name: t.Name + ": evaluations", Caption: t.Name + ": evaluations after the training", Keys: 4, Head: []string{"", "seed", "part", "settings", "measured"}}
	for _, r := range t.Rows {
		for _, run := range r.Runs {
			for _, e := range run.Evaluations {
				if _, ok := e.length(); ok {
					continue
				}
				metric := r.Metric
				if _, ok := e.Metrics[metric]; !ok {
					metric = MetricOf(e.Metrics)
				}
				var settings []string
				for _, k := range slices.Sorted(maps.Keys(e.Settings)) {
					settings = append(settings, k+"="+e.Settings[k])
				}
				row := []string{r.Name, fmt.Sprint(run.Experiment.Training.Seed), e.Split, cmp.Or(strings.Join(settings, ", "), none), Words(metric) + " " + Value(metric, e.Metrics[metric])}
				g.Rows = slices.DeleteFunc(g.Rows, func(old []string) bool { return slices.Equal(old[:g.Keys], row[:g.Keys]) })
				g.Rows = append(g.Rows, row)
			}
		}
	}
	return g, g.Rows != nil
}

// readEvaluations reads an evaluations.jsonl; there need not be one.
func readEvaluations(path string) (list []Evaluation, notes []string, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var l evaluationLine
		if err := json.Unmarshal(notFinite.ReplaceAll(line, []byte(`:"$1"`)), &l); err != nil || len(l.Metrics) == 0 {
			notes = append(notes, fmt.Sprintf("%s: line %d is no evaluation; left out", path, n))
			continue
		}
		e := Evaluation{Split: l.Split, Settings: map[string]string{}, Metrics: map[string]float64{}, Seconds: float64(l.Seconds)}
		for k, v := range l.Settings {
			e.Settings[k] = fmt.Sprint(v)
		}
		for k, v := range l.Metrics {
			e.Metrics[k] = float64(v)
		}
		list = append(list, e)
	}
	return list, notes, err
}

// A Confusion is a confusion.json: how often each class, a row, was taken for
// each.
type Confusion struct {
	Classes []string `json:"classes"`
	Split   string   `json:"split"`
	Counts  [][]int  `json:"counts"`
}

// Write puts it into a run's folder.
func (c *Confusion) Write(dir string) error {
	return whole.WriteFile(filepath.Join(dir, ConfusionFile), func(w io.Writer) error { return json.NewEncoder(w).Encode(c) })
}

// readConfusion reads a confusion.json, nil if there is none.
func readConfusion(path string) (*Confusion, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c := &Confusion{}
	if err := json.Unmarshal(text, c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	n := len(c.Classes)
	if n == 0 || len(c.Counts) != n {
		return nil, fmt.Errorf("%s: %d rows of counts for %d classes", path, len(c.Counts), n)
	}
	for i, row := range c.Counts {
		if len(row) != n {
			return nil, fmt.Errorf("%s: row %d has %d counts for %d classes", path, i+1, len(row), n)
		}
		if slices.Min(row) < 0 {
			return nil, fmt.Errorf("%s: row %d has a count below 0", path, i+1)
		}
	}
	return c, nil
}

// MetricOf picks what people compare runs by.
func MetricOf(metrics map[string]float64) string {
	for _, k := range []string{"score", "accuracy", "masked_accuracy", "loss"} {
		if _, ok := metrics[k]; ok {
			return k
		}
	}
	if names := slices.Sorted(maps.Keys(metrics)); len(names) > 0 {
		return names[0]
	}
	return "loss"
}
