package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/experiment"
)

// TestRecipe: a run says how it stands to its recipe, unless it has other settings,
// and, at the first evaluation and again at the end, that a recipe shows a figure that
// there is none of.
func TestRecipe(t *testing.T) {
	const values = "accuracy\nexpect: 0.5\ntolerance: 0.5\npaper: 0.9"
	for _, c := range []struct {
		name, metric, set, want string
		times                   int
	}{
		{"within", values, "seed=3", ", within the 0.5 ± 0.5 of the recipe, the paper has 0.9\n", 1},
		{"changed", values, "width=8", ", not compared with the recipe, whose settings are not width=8\n", 1},
		{"other", "f1", "seed=3", "metric=f1: no such figure among those of the evaluation: accuracy, ", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			text := "task: recall\ntable: a\nrow: b\nmetric: " + c.metric + "\n" + strings.ReplaceAll(strings.Join(tiny, "\n"), "=", ": ") + "\n"
			if err := os.WriteFile(filepath.Join(dir, c.name+".yaml"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			_, stderr, code := call(t, dir, "train", "--config", c.name+".yaml", c.set)
			if n := strings.Count(stderr, c.want); code != 0 || n != c.times {
				t.Errorf("exit status %d, %q stands %d times in:\n%s", code, c.want, n, stderr)
			}
		})
	}
}

// TestRecipeMean: what is compared with a recipe is the mean over the seeds.
func TestRecipeMean(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, experiment.RecipeFile, "task: recall\ntable: a\nrow: b\nmetric: accuracy\nexpect: 0.5\n")
	e, err := experiment.New("recall")
	if err != nil {
		t.Fatal(err)
	}
	var out paper
	compareRecipe(e, []trainResult{{Dir: dir, Metrics: map[string]float64{"accuracy": 0.25}}, {Metrics: map[string]float64{"accuracy": 0.75}}}, screenOn(&out, false, false))
	if got, want := out.String(), "b: accuracy 0.5, within the 0.5 ± 0 of the recipe\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
