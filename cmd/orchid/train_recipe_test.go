package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRecipe: a run says how it stands to its recipe, and, at the first evaluation and
// again at the end, that a recipe shows a figure that there is none of.
func TestRecipe(t *testing.T) {
	for _, c := range []struct {
		name, metric, want string
		times              int
	}{
		{"within", "accuracy\nexpect: 0.5\ntolerance: 0.5\npaper: 0.9", "within: accuracy ", 1},
		{"other", "f1", "orchid: other.yaml: metric=f1: no such figure among those of the evaluation: accuracy, ", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			text := "task: recall\ntable: a\nrow: b\nmetric: " + c.metric + "\n" + strings.ReplaceAll(strings.Join(tiny, "\n"), "=", ": ") + "\n"
			if err := os.WriteFile(filepath.Join(dir, c.name+".yaml"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			_, stderr, code := call(t, dir, "train", "--config", c.name+".yaml")
			if n := strings.Count(stderr, c.want); code != 0 || n != c.times {
				t.Errorf("exit status %d, %q stands %d times in:\n%s", code, c.want, n, stderr)
			}
		})
	}
}
