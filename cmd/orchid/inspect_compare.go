package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/internal/plot"
)

// A curve is the evaluations of a run.
type curve struct {
	dir, model, mixer string
	points            []evaluationPoint
}

// evaluationPoint is one evaluation, as history.jsonl has it.
type evaluationPoint struct {
	Step    int                `json:"step"`
	Seconds float64            `json:"seconds"`
	Split   string             `json:"split"`
	Metrics map[string]float64 `json:"metrics"`
}

// readCurve reads the evaluations of a model folder.
func readCurve(dir string) (curve, error) {
	e, err := experiment.ReadConfig(dir)
	if err != nil {
		return curve{}, err
	}
	c := curve{dir: dir, model: e.Model(), mixer: "orchid"}
	for _, s := range e.List() {
		if s.Key == "mixer" {
			c.mixer = s.String()
		}
	}
	var in inspection
	if err := in.readHistory(filepath.Join(dir, experiment.HistoryFile)); err != nil {
		return c, err
	}
	for _, line := range in.History {
		var p evaluationPoint
		if json.Unmarshal(line, &p) == nil && p.Metrics != nil {
			c.points = append(c.points, p)
		}
	}
	return c, nil
}

// looks tell runs of the same mixer apart.
var looks = []string{"", "dashed", "dotted", "broken", "thin", "thin dashed", "thin dotted", "thin broken"}

// compare shows a metric of several runs, by steps and by time.
func compare(dirs []string, metric, file string) error {
	var curves []curve
	known := map[string]bool{}
	for _, dir := range dirs {
		c, err := readCurve(dir)
		if err != nil {
			return err
		}
		for _, p := range c.points {
			for k := range p.Metrics {
				known[k] = true
			}
		}
		curves = append(curves, c)
	}
	if !known[metric] {
		return usageError{fmt.Errorf("--metric=%s: the evaluations of these runs have: %s", metric, strings.Join(slices.Sorted(maps.Keys(known)), ", "))}
	}
	panels := []plot.Panel{{Title: "by steps", X: "steps"}, {Title: "by time", X: "minutes"}}
	used := map[string]int{} // runs of a mixer
	for _, c := range curves {
		class := strings.TrimSpace(c.mixer + " " + looks[used[c.mixer]%len(looks)])
		used[c.mixer]++
		fmt.Fprintf(stdout, "%s: %s\n%9s %9s  %s\n", c.dir, c.model, "step", "minutes", metric)
		name := c.dir + ": " + c.model
		steps, minutes := plot.Line{Name: name, Class: class}, plot.Line{Name: name, Class: class}
		for _, p := range c.points {
			v, ok := p.Metrics[metric]
			if !ok || p.Split == otherDev { // after training, beside the last one
				continue
			}
			fmt.Fprintf(stdout, "%9s %9.1f  %.4f\n", numeral.Thousands(p.Step), p.Seconds/60, v)
			steps.Points = append(steps.Points, [2]float64{float64(p.Step), v})
			minutes.Points = append(minutes.Points, [2]float64{p.Seconds / 60, v})
		}
		panels[0].Lines, panels[1].Lines = append(panels[0].Lines, steps), append(panels[1].Lines, minutes)
	}
	if file == "" {
		return nil
	}
	f := plot.Figure{Title: strings.ReplaceAll(metric, "_", " "), Panels: panels}
	return os.WriteFile(file, f.SVG(), 0o644)
}
