package report

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orchid-seq/orchid/experiment"
)

// rowsOf lists the rows of a report as Markdown, and its notes.
func rowsOf(t *testing.T) (rows []string, notes string) {
	t.Helper()
	r := made(t, Options{Dirs: []string{"runs"}})
	if _, err := r.HTML(); err != nil {
		t.Error(err)
	}
	for _, g := range r.Grids() {
		for _, line := range g.Rows {
			rows = append(rows, strings.Join(line, " | "))
		}
	}
	return rows, strings.Join(r.Notes, "\n")
}

// TestSameRow: recipes of two tasks, which have other settings, may have the same
// table and row.
func TestSameRow(t *testing.T) {
	t.Chdir(t.TempDir())
	folder(t, "runs/a", false, 50, 0.5)
	recipe(t, "runs/a", "row")
	for task, settings := range map[string]string{"image": "data=x", "text": "data=x tokenizer=y"} {
		dir := filepath.Join("runs", task)
		e, err := experiment.New(task)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Override(strings.Fields(settings)); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, experiment.HistoryFile), "")
		if err := e.WriteConfig(dir); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, experiment.RecipeFile), "task: "+task+"\ntable: recall | length\nrow: row\nmetric: accuracy\n")
	}
	rows, notes := rowsOf(t)
	for i, dir := range []string{"a", "image", "text"} {
		if want := "row, " + filepath.Join("runs", dir) + " | "; len(rows) != 3 || !strings.HasPrefix(rows[i], want) {
			t.Errorf("rows %q, want one that begins with %q", rows, want)
		}
	}
	if notes != "" {
		t.Errorf("notes %q", notes)
	}
}

// TestCopies: a training that was made again is no other seed.
func TestCopies(t *testing.T) {
	t.Chdir(t.TempDir())
	folder(t, "runs/a", false, 100, 0.5, "seed=1")
	folder(t, "runs/b", true, 400, 0.5, "seed=1")
	folder(t, "runs/c", true, 400, 0.5, "seed=1")
	folder(t, "runs/aa", true, 50, 0.5, "seed=1") // without its last evaluation
	folder(t, "runs/d", true, 400, 0.25, "seed=2")
	r := made(t, Options{Dirs: []string{"runs"}})
	s := r.Summaries()
	if d := cmp.Diff([]string{filepath.Join("runs", "b"), filepath.Join("runs", "d")}, s[0].Dirs); len(s) != 1 || s[0].Seeds != 2 || s[0].Unfinished != 0 || *s[0].Mean != 0.375 || d != "" {
		t.Errorf("%+v\n%s", s, d)
	}
	for i, dir := range []string{"a", "aa", "c"} {
		want := filepath.Join("runs", dir) + ": the training of " + filepath.Join("runs", "b") + " again, seed 1; left out"
		if len(r.Notes) != 3 || r.Notes[i] != want {
			t.Errorf("notes %q, want %q", r.Notes, want)
		}
	}
}

// TestChanged: a recipe's values hold for its settings alone, and the row names
// the others.
func TestChanged(t *testing.T) {
	t.Chdir(t.TempDir())
	values := []string{"paper: 0.5", "expect: 0.5", "tolerance: 0.1", "seeds: 2"}
	folder(t, "runs/a", true, 400, 0.5, "seed=7", "log-every=3", "checkpoint-every=9")
	folder(t, "runs/b", true, 400, 0.5, "width=8", "length=16")
	folder(t, "runs/c", true, 400, 0.5, "width=8", "length=16", "seed=2")
	for _, dir := range []string{"a", "b", "c"} {
		recipe(t, filepath.Join("runs", dir), "row", values...)
	}
	rows, notes := rowsOf(t)
	if len(rows) != 2 || !strings.HasPrefix(rows[0], "row | 50.00 % | 1 of 2 | 50.00 % | 50.00 ± 10.00 %: within | ") {
		t.Errorf("rows %q", rows)
	}
	if want := "row, length=16, width=8 | 50.00 ± 0.00 % | 2 | – | – | "; len(rows) != 2 || !strings.HasPrefix(rows[1], want) || notes != "" {
		t.Errorf("rows %q, want %q; notes %q", rows, want, notes)
	}
	write(t, "runs/b/recipe.yaml", "task: image\ntable: x\nrow: y\nmetric: accuracy\n")
	if _, notes := rowsOf(t); !strings.Contains(notes, "a recipe for the task image, the run is one of recall; left out") {
		t.Errorf("notes %q", notes)
	}
}

// TestCompleted: what a task takes from its data is no change, unless the recipe
// says something else; nor is it known without the folder to begin with.
func TestCompleted(t *testing.T) {
	t.Chdir(t.TempDir())
	const head = "task: text\ntable: t\nrow: row\nmetric: accuracy\n"
	for _, c := range []struct {
		recipe, settings, want string
	}{
		{"", "", "row | "},
		{"", "vocabulary=50 classes=a,b", "row | "},
		{"vocabulary: 40\n", "vocabulary=50", "row, vocabulary=50 | "},
		{"classes: [a, b]\n", "classes=a,c", "row, classes=a,c | "},
		{"", "from=gone", "row, not compared with its recipe | "},
	} {
		e, err := experiment.New("text")
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Override(strings.Fields("data=x tokenizer=words.txt " + c.settings)); err != nil {
			t.Fatal(err)
		}
		write(t, "runs/a/history.jsonl", "")
		write(t, "runs/a/recipe.yaml", head+c.recipe)
		if err := e.WriteConfig("runs/a"); err != nil {
			t.Fatal(err)
		}
		rows, notes := rowsOf(t)
		if len(rows) != 1 || !strings.HasPrefix(rows[0], c.want) || strings.Contains(c.settings, "gone") != strings.Contains(notes, "gone") {
			t.Errorf("%q with %q: rows %q, want %q; notes %q", c.recipe, c.settings, rows, c.want, notes)
		}
	}
}
