package experiment

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/orchid-seq/orchid/config"
	"github.com/orchid-seq/orchid/internal/fault"
)

// RecipeFile is a copy, in a model folder, of the recipe that it was made by.
const RecipeFile = "recipe.yaml"

// A Recipe is an experiment to repeat, one row of a table: settings in a YAML
// file, with what they should give.
type Recipe struct {
	Task   string `yaml:"task"`
	Preset string `yaml:"preset"` // on which the settings stand, "" for none

	Table  string `yaml:"table"`  // rows with the same one stand together
	Row    string `yaml:"row"`    // what the row is called
	Metric string `yaml:"metric"` // of the evaluation, which the row shows
	// Paper is the value of the paper and Source where it stands there; "" for none.
	Paper  string `yaml:"paper"`
	Source string `yaml:"source"`
	// Expect is what the recipe gave when it was written, "" if it was never run to
	// its end, and Tolerance how far from it the mean of other runs may be.
	Expect    string  `yaml:"expect"`
	Tolerance float64 `yaml:"tolerance"`

	Minutes  float64 `yaml:"cpu-minutes"` // a seed takes, cores times time
	Seeds    int     `yaml:"seeds"`
	Checksum string  `yaml:"checksum"` // of the training data, "" for none

	Name string `yaml:"-"` // of the file, without its ending
}

// value reads a number that may be absent.
func value(text string) (v float64, ok bool) {
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil
}

// PaperValue returns the value of the paper, if there is one.
func (r *Recipe) PaperValue() (v float64, ok bool) { return value(r.Paper) }

// Expected returns what the recipe should give, if that is known.
func (r *Recipe) Expected() (v float64, ok bool) { return value(r.Expect) }

// Within says whether a value is as expected; true if nothing is.
func (r *Recipe) Within(v float64) bool {
	want, ok := r.Expected()
	return !ok || v >= want-r.Tolerance && v <= want+r.Tolerance
}

func (r *Recipe) validate() error {
	var f fault.List
	f.OneOf("task", r.Task, Names()...)
	for _, key := range []struct{ name, value string }{{"table", r.Table}, {"row", r.Row}, {"metric", r.Metric}} {
		f.Check(key.value != "", "%s: missing; a recipe is a row of a table with the metric that it shows (plain settings do without task:)", key.name)
	}
	for _, key := range []struct{ name, value string }{{"paper", r.Paper}, {"expect", r.Expect}} {
		_, ok := value(key.value)
		f.Check(ok || key.value == "", "%s=%s: want a number, or nothing", key.name, key.value)
	}
	f.Check(r.Tolerance >= 0, "tolerance=%g: want at least 0", r.Tolerance)
	f.Check(r.Minutes >= 0, "cpu-minutes=%g: want at least 0", r.Minutes)
	f.Check(r.Seeds >= 1 && r.Seeds <= 1000, "seeds=%d: want 1 to 1000", r.Seeds)
	return f.Err()
}

// ReadRecipe reads the recipe in a file and checks its settings too, as far as
// that can be done without its data.
func ReadRecipe(path string) (*Recipe, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	task, err := config.Lookup(path, text, "task")
	if err != nil {
		return nil, err
	}
	if task == "" {
		return nil, fmt.Errorf("%s: no recipe: it does not name its task, as in task: recall", path)
	}
	e, err := New(task)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r := &Recipe{Seeds: 1, Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))}
	_, err = config.Decode(append(config.Settings(r), e.List()...), path, 1, text)
	if err == nil && r.Preset != "" && !slices.Contains(e.Presets(), r.Preset) {
		err = fmt.Errorf("%s: %w", path, e.Preset(r.Preset))
	}
	if fault := r.validate(); err == nil && fault != nil {
		err = fmt.Errorf("%s: %w", path, fault)
	}
	return r, err
}

// ReadFile applies the settings of a YAML file; if it is a recipe, those of its
// preset before.
func (e *Experiment) ReadFile(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	task, err := config.Lookup(path, text, "task")
	if err != nil {
		return err
	}
	list, r := e.List(), Recipe{}
	if task != "" { // else the keys of recipes are not known
		list = append(config.Settings(&r), list...)
	}
	if task != "" && task != e.Name {
		return fmt.Errorf("%s: a recipe for the task %s, not for %s", path, task, e.Name)
	}
	keys, err := config.Decode(list, path, 1, text)
	if err == nil && r.Preset != "" {
		if err := e.Preset(r.Preset); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		_, err = config.Decode(list, path, 1, text)
	}
	e.length(keys)
	return err
}
