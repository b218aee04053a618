package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/glue"
	"github.com/orchid-seq/orchid/train"
)

// otherDev is the second part of MNLI's dev set, of texts unlike the training's.
const otherDev = "dev-mismatched"

// mismatched completes the result of a training on MNLI by the second part of
// its dev set. The score is the mean of both, as the average of GLUE takes it.
func mismatched(ctx context.Context, e *experiment.Experiment, t task.Task, dir string, r *train.Result, show *screen) error {
	if e.Training.EvalSplit != "dev" || !slices.Contains(t.Splits(), otherDev) {
		return nil
	}
	if c, ok := e.Settings.(*glue.Config); ok {
		mnli, err := glue.Find(c.Name)
		if err != nil {
			return err
		}
		if err := mnli.Present(c.Data, otherDev); err != nil {
			show.say(fmt.Sprintf("orchid: the score is that of the matched part of dev alone: %v", err))
			return nil
		}
	}
	m, err := t.Evaluate(ctx, otherDev, show.counter("evaluating "+otherDev))
	if err != nil {
		return err
	}
	show.line("%s  %s", otherDev, sentence(m, show.score))
	if err := appendEvaluation(dir, evaluationPoint{Step: r.Steps, Seconds: r.Seconds, Split: otherDev, Metrics: m}); err != nil {
		return err
	}
	r.Metrics = bothDevs(r.Metrics, m)
	return nil
}

// bothDevs joins the metrics of both parts.
func bothDevs(matched, mismatched map[string]float64) map[string]float64 {
	m := map[string]float64{"mismatched_accuracy": mismatched["accuracy"]}
	for k, v := range matched {
		m[k] = v
	}
	for _, k := range []string{"score", "majority", "bag_of_words"} {
		if v, ok := mismatched[k]; ok && matched[k] > 0 {
			m[k] = (matched[k] + v) / 2
		}
	}
	return m
}

// appendEvaluation adds one to the history of a run that has ended.
func appendEvaluation(dir string, p evaluationPoint) error {
	line, err := json.Marshal(p)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, experiment.HistoryFile), os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}
