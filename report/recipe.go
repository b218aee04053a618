package report

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/orchid-seq/orchid/experiment"
)

// elsewhere are settings that a recipe leaves to whoever repeats it: where the
// data is, and what a run writes on its way.
var elsewhere = slices.Concat(beside, []string{"data", "eval-data", "test-data", "cache", "from"})

// completed are settings that a task takes from its data where they say nothing.
var completed = []string{"classes", "channels", "height", "picture-width", "tokenizer", "vocabulary", "sample-rate", "max-length", "channel-names", "recordings"}

// readRecipe reads the recipe beside a run and compares their settings. The error
// is about a recipe that is not one of the run; a note, about settings that cannot
// be compared.
func (r *Run) readRecipe() (note string, err error) {
	path := filepath.Join(r.Dir, experiment.RecipeFile)
	recipe, err := experiment.ReadRecipe(path)
	if err != nil {
		return "", err
	}
	if recipe.Task != r.Experiment.Name {
		return "", fmt.Errorf("%s: a recipe for the task %s, the run is one of %s", path, recipe.Task, r.Experiment.Name)
	}
	r.Recipe = recipe
	meant, err := experiment.Resolve(recipe.Task, func(e *experiment.Experiment) error {
		if err := e.ReadFile(path); err != nil || r.setting("from") == "" {
			return err
		}
		return e.Override([]string{"from=" + r.setting("from")}) // the model follows it
	})
	if err != nil {
		r.Changed = []string{"not compared with its recipe"}
		return fmt.Sprintf("%s: not compared with the settings of the run, and so without its values: %v", path, err), nil
	}
	r.Changed = changes(meant, r.Experiment)
	return "", nil
}

// changes lists, as key=value, what a run does not do as its recipe means.
func changes(meant, done *experiment.Experiment) (list []string) {
	said := map[string]string{}
	for _, s := range meant.List() {
		said[s.Key] = s.String()
	}
	for _, s := range done.List() {
		want := said[s.Key]
		open := slices.Contains(completed, s.Key) && (want == "" || want == "0")
		if s.String() != want && !open && !slices.Contains(elsewhere, s.Key) {
			list = append(list, s.Key+"="+s.String())
		}
	}
	return list
}
