package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/config"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/whole"
	"github.com/orchid-seq/orchid/report"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/train"
)

// readRecipe takes from the file of settings, if it is a recipe, the task, how
// many seeds there are, and where the runs stand.
func (c *trainCmd) readRecipe() error {
	if strings.Contains(c.Task, "=") { // orchid train --config FILE key=value
		c.Task, c.Overrides = "", append([]string{c.Task}, c.Overrides...)
	}
	if c.Seeds < 0 {
		return usageError{fmt.Errorf("--seeds=%d: want at least 1", c.Seeds)}
	}
	if c.Task == "" && c.Config == "" {
		return usageError{fmt.Errorf("name a task (%s), or a recipe by --config FILE", strings.Join(experiment.Names(), ", "))}
	}
	if c.Config != "" {
		text, err := os.ReadFile(c.Config)
		if err != nil {
			return usageError{err}
		}
		name, err := config.Lookup(c.Config, text, "task")
		if err == nil && name == "" && c.Task == "" {
			err = fmt.Errorf("%s does not name its task: write it before --config, or into the file as task: recall", c.Config)
		}
		if err == nil && name != "" && c.Task != "" && c.Task != name {
			err = fmt.Errorf("%s: a recipe for the task %s, not for %s", c.Config, name, c.Task)
		}
		if err == nil && name != "" {
			c.recipe, err = experiment.ReadRecipe(c.Config)
		}
		if err != nil {
			return usageError{err}
		}
	}
	if r := c.recipe; r != nil {
		if c.Task == "" {
			c.Task = r.Task
		}
		if c.Seeds == 0 {
			c.Seeds = r.Seeds
		}
		if c.Out == "" && c.Seeds > 1 {
			c.Out = filepath.Join("runs", r.Name)
		}
	}
	c.Seeds = max(c.Seeds, 1)
	return nil
}

// keepRecipe copies the recipe into a run's folder.
func (c trainCmd) keepRecipe(dir string) error {
	if c.recipe == nil {
		return nil
	}
	text, err := os.ReadFile(c.Config)
	if err != nil {
		return err
	}
	return whole.WriteFile(filepath.Join(dir, experiment.RecipeFile), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// checkData refuses other data than those of the recipe.
func (c trainCmd) checkData(t task.Task) error {
	if c.recipe == nil || c.recipe.Checksum == "" {
		return nil
	}
	s, ok := t.(task.Checksummer)
	if !ok {
		return fmt.Errorf("%s: checksum: the task %s makes its own data; take the line out", c.Config, c.Task)
	}
	if now := s.Checksum(); now != c.recipe.Checksum {
		return fmt.Errorf("%s: checksum: the training data have %s, those of the recipe %s: its numbers do not hold for other data; "+
			"take the line out of a copy of the recipe to train on these", c.Config, now, c.recipe.Checksum)
	}
	return nil
}

// observer is the screen's, which says at the first evaluation, and not hours later,
// that a recipe shows a figure that there is none of.
func (c trainCmd) observer(show *screen) train.Observer {
	o := show.observer()
	if c.recipe == nil {
		return o
	}
	evaluated, first := o.Evaluated, true
	o.Evaluated = func(step int, split string, m map[string]float64) {
		evaluated(step, split, m)
		if _, ok := m[c.recipe.Metric]; first && !ok {
			show.line("%s", noFigure(c.Config, c.recipe.Metric, m))
		}
		first = false
	}
	return o
}

func noFigure(path, metric string, m map[string]float64) string {
	return fmt.Sprintf("orchid: %s: metric=%s: no such figure among those of the evaluation: %s", path, metric, strings.Join(slices.Sorted(maps.Keys(m)), ", "))
}

// compareRecipe says how the results of an experiment stand to what the recipe in their
// folders expects, if there is one.
func compareRecipe(e *experiment.Experiment, runs []trainResult, show *screen) {
	r, changed, err := report.Standing(runs[0].Dir, e)
	if err != nil {
		show.line("orchid: %v", err)
	}
	if r == nil || err != nil {
		return
	}
	mean := 0.0
	for _, run := range runs {
		v, ok := run.Metrics[r.Metric]
		if !ok {
			show.line("%s", noFigure(filepath.Join(run.Dir, experiment.RecipeFile), r.Metric, run.Metrics))
			return
		}
		mean += v / float64(len(runs))
	}
	show.line("%s", standing(r, changed, mean))
}

// standing compares a mean with what a recipe expects and with the paper, which say
// nothing about other settings.
func standing(r *experiment.Recipe, changed []string, mean float64) string {
	parts := []string{fmt.Sprintf("%s: %s %.4g", r.Row, r.Metric, mean)}
	if changed != nil {
		return parts[0] + ", not compared with the recipe, whose settings are not " + strings.Join(changed, ", ")
	}
	if want, ok := r.Expected(); ok {
		says := "within"
		if !r.Within(mean) {
			says = "OUTSIDE"
		}
		parts = append(parts, fmt.Sprintf("%s the %.4g ± %.2g of the recipe", says, want, r.Tolerance))
	}
	if paper, ok := r.PaperValue(); ok && !math.IsNaN(paper) {
		parts = append(parts, fmt.Sprintf("the paper has %.4g", paper))
	}
	return strings.Join(parts, ", ")
}
