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

// Standing reads the recipe in the folder of a run, nil if there is none, and lists,
// as key=value, what the run does otherwise: the recipe's values are not about it
// then. An error beside a recipe says why they cannot be compared.
func Standing(dir string, done *experiment.Experiment) (recipe *experiment.Recipe, changed []string, err error) {
	path := filepath.Join(dir, experiment.RecipeFile)
	if !has(dir, experiment.RecipeFile) {
		return nil, nil, nil
	}
	if recipe, err = experiment.ReadRecipe(path); err != nil {
		return nil, nil, err
	}
	if recipe.Task != done.Name {
		return nil, nil, fmt.Errorf("%s: a recipe for the task %s, the run is one of %s", path, recipe.Task, done.Name)
	}
	meant, err := experiment.Resolve(recipe.Task, func(e *experiment.Experiment) error {
		if err := e.ReadFile(path); err != nil || done.From() == "" {
			return err
		}
		return e.Override([]string{"from=" + done.From()}) // the model follows it
	})
	if err != nil {
		return recipe, nil, fmt.Errorf("%s: not compared with the settings of the run, and so without its values: %w", path, err)
	}
	return recipe, changes(meant, done), nil
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
