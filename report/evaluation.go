package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
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

// length returns the length that an evaluation was made at.
func (e Evaluation) length() (L int, ok bool) {
	L, err := strconv.Atoi(e.Settings["length"])
	return L, err == nil && L > 0
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
		var l struct {
			Split    string            `json:"split"`
			Settings map[string]any    `json:"settings"`
			Metrics  map[string]number `json:"metrics"`
			Seconds  number            `json:"seconds"`
		}
		if err := json.Unmarshal(notFinite.ReplaceAll(line, []byte(`:"$1"`)), &l); err != nil || l.Metrics == nil {
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

// metricOf picks what people compare runs by.
func metricOf(metrics map[string]float64) string {
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
