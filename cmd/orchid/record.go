package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"

	"github.com/orchid-seq/orchid/internal/whole"
	"github.com/orchid-seq/orchid/report"
	"github.com/orchid-seq/orchid/task"
)

// recordConfusion writes what the last evaluation of a task took each class
// for, if the task knows.
func recordConfusion(dir, split string, t task.Task) error {
	k, ok := t.(task.Confused)
	if !ok || k.Confusion() == nil {
		return nil
	}
	return whole.WriteFile(filepath.Join(dir, report.ConfusionFile), func(w io.Writer) error {
		return json.NewEncoder(w).Encode(struct {
			Classes []string `json:"classes"`
			Split   string   `json:"split"`
			Counts  [][]int  `json:"counts"` // a row is a label
		}{k.Classes(), split, k.Confusion().Counts()})
	})
}

// A recordedEvaluation is a line of report.EvaluationsFile.
type recordedEvaluation struct {
	Split    string              `json:"split"`
	Settings map[string]string   `json:"settings"` // other than those of the training
	Metrics  map[string]*float64 `json:"metrics"`  // null for what is not finite
	Seconds  float64             `json:"seconds"`
}

// recordEvaluation appends an evaluation to a model folder.
func recordEvaluation(dir string, e recordedEvaluation) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, report.EvaluationsFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(text, '\n')); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
