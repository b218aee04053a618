package experiment

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/config"
)

// TestRecipes: every recipe of the project can be read, and its settings are
// sound as far as they can be without data.
func TestRecipes(t *testing.T) {
	files, err := filepath.Glob("../recipes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no recipes", err)
	}
	rows := map[string]string{}
	for _, path := range files {
		r, err := ReadRecipe(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if other := rows[r.Table+"/"+r.Row]; other != "" {
			t.Errorf("%s: table %s has the row %q from %s", path, r.Table, r.Row, other)
		}
		rows[r.Table+"/"+r.Row] = path
		e, err := Resolve(r.Task, func(e *Experiment) error { return e.ReadFile(path) })
		if err != nil {
			t.Error(err)
			continue
		}
		if err := e.Validate(); err != nil && !strings.Contains(err.Error(), "data: name") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestRecipeKeys: a recipe's own keys are none of the settings'.
func TestRecipeKeys(t *testing.T) {
	own := map[string]bool{}
	for _, s := range config.Settings(&Recipe{}) {
		own[s.Key] = true
	}
	for _, name := range Names() {
		e, err := New(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range e.List() {
			if own[s.Key] {
				t.Errorf("%s: the setting %s is a key of recipes too", name, s.Key)
			}
		}
	}
}

func TestBadRecipes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.yaml")
	const head = "task: recall\ntable: t\nrow: r\nmetric: accuracy\n"
	for text, says := range map[string]string{
		"lr: 1e-3\n":                 "does not name its task",
		"task: dance\n":              `no task "dance"`,
		"task: recall\n":             "table: missing",
		head + "seeds: 0\n":          "seeds=0",
		head + "expect: much\n":      "expect=much: want a number",
		head + "preset: huge\n":      `no preset "huge"`,
		head + "lenght: 5\n":         `x.yaml:5: unknown key "lenght"; did you mean "length"?`,
		head + "tolerance: -1\n":     "tolerance=-1",
		head + "preset: [a, b]\n":    "x.yaml:5: preset: want text",
		"- task: recall\n- table: 2": "x.yaml: line 1",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRecipe(path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
	if err := os.WriteFile(path, []byte(head+"preset: small\nsteps: 7\nexpect: 0.9\ntolerance: 0.01\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := ReadRecipe(path)
	if err != nil || r.Name != "x" || !r.Within(0.895) || r.Within(0.88) {
		t.Errorf("%+v %v", r, err)
	}
	e, err := New("recall")
	if err != nil {
		t.Fatal(err)
	}
	if err := e.ReadFile(path); err != nil || e.Training.Steps != 7 || e.Setting("length") != "64" {
		t.Errorf("steps %d, length %s: %v", e.Training.Steps, e.Setting("length"), err)
	}
	if e, _ = New("image"); e.ReadFile(path) == nil {
		t.Error("a recipe for recall was taken for image")
	}
}
