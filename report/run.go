package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/safetensors"
	"github.com/orchid-seq/orchid/tensor"
)

// A Run is what a model folder says about a training.
type Run struct {
	Dir         string
	Experiment  *experiment.Experiment
	Recipe      *experiment.Recipe // nil for none
	Changed     []string           // settings other than the recipe's, as key=value: its values do not hold
	Finished    bool               // the model or its card is there, which are written at the end
	Weights     bool               // the model is there
	Parameters  int                // trained numbers, 0 where no file says
	Kernels     string             // level of the CPU's kernels, as the model card has it
	History     History
	Evaluations []Evaluation // after the training
	Confusion   *Confusion   // nil for none
}

// Find returns the folders of runs below dirs, in the order of their names, with
// notes on what could not be read. The error is about one of dirs.
func Find(dirs []string) (runs, notes []string, err error) {
	seen := map[string]bool{}
	for _, root := range dirs {
		if _, err := os.Stat(root); err != nil {
			return nil, nil, err
		}
		if real, err := filepath.EvalSymlinks(root); err == nil {
			root = real // WalkDir follows no links
		}
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				notes = append(notes, fmt.Sprintf("%v; left out", err))
				return fs.SkipDir
			}
			switch {
			case !d.IsDir():
				return nil
			case path != root && strings.HasPrefix(d.Name(), "."):
				return fs.SkipDir
			case !has(path, experiment.ConfigFile) || !has(path, experiment.HistoryFile):
				return nil
			}
			if whole, err := filepath.Abs(path); err == nil && !seen[whole] {
				seen[whole] = true
				runs = append(runs, path)
			}
			return fs.SkipDir
		})
		if err != nil {
			return nil, nil, err
		}
	}
	slices.Sort(runs)
	return runs, notes, nil
}

// has reports whether a folder holds a file.
func has(dir, file string) bool {
	info, err := os.Stat(filepath.Join(dir, file))
	return err == nil && info.Mode().IsRegular()
}

// readRun reads a folder. The error is about what makes a run; about the rest
// there are notes.
func readRun(dir string) (r *Run, notes []string, err error) {
	r = &Run{Dir: dir, Weights: has(dir, experiment.ModelFile)}
	r.Finished = r.Weights || has(dir, experiment.CardFile)
	if r.Experiment, err = experiment.ReadConfig(dir); err != nil {
		return nil, nil, err
	}
	note := func(err error) {
		if err != nil {
			notes = append(notes, err.Error()+"; left out")
		}
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	r.History, notes, err = readHistory(at(experiment.HistoryFile))
	if err != nil {
		return nil, nil, err
	}
	r.Recipe, r.Changed, err = Standing(dir, r.Experiment)
	if r.Recipe != nil && err != nil {
		r.Changed, notes, err = []string{"not compared with its recipe"}, append(notes, err.Error()), nil
	}
	note(err)
	list, more, err := readEvaluations(at(EvaluationsFile))
	note(err)
	r.Evaluations, notes = list, append(notes, more...)
	r.Confusion, err = readConfusion(at(ConfusionFile))
	note(err)
	if r.Finished {
		r.readCard(at(experiment.CardFile))
	}
	if r.Weights {
		r.Parameters, err = countTrained(at(experiment.ModelFile))
		note(err)
	}
	return r, notes, nil
}

// countTrained counts the trained numbers of a model file from its header.
func countTrained(path string) (n int, err error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var buffers []string
	if text := f.Metadata()["buffers"]; text != "" {
		if err := json.Unmarshal([]byte(text), &buffers); err != nil {
			return 0, fmt.Errorf("%s: metadata buffers: %w", path, err)
		}
	}
	for _, name := range f.Names() {
		if info, _ := f.Info(name); !slices.Contains(buffers, name) {
			n += tensor.Size(info.Shape)
		}
	}
	return n, nil
}

// kernelsIn and parametersIn find what a model card says of the level of the
// kernels and of the size.
var (
	kernelsIn    = regexp.MustCompile(`(?m)^- made by: .*, (\w+) kernels`)
	parametersIn = regexp.MustCompile(`(?m)^- parameters: ([\d,]+)$`)
)

// readCard reads them; what a card does not say stays as it is.
func (r *Run) readCard(path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		return
	}
	if m := kernelsIn.FindSubmatch(text); m != nil {
		r.Kernels = string(m[1])
	}
	if m := parametersIn.FindSubmatch(text); m != nil {
		if n, err := strconv.Atoi(strings.ReplaceAll(string(m[1]), ",", "")); err == nil {
			r.Parameters = n
		}
	}
}

// setting returns the value of a key as text, "" if there is none.
func (r *Run) setting(key string) string {
	for _, s := range r.Experiment.List() {
		if s.Key == key {
			return s.String()
		}
	}
	return ""
}

// result returns the metrics of the last evaluation of the split that the
// training reports, nil before there is one.
func (r *Run) result() map[string]float64 {
	for _, p := range slices.Backward(r.History.Evaluations) {
		if p.Split == r.Experiment.Training.EvalSplit {
			return p.Metrics
		}
	}
	return nil
}

// reached says how far an unfinished run is.
func (r *Run) reached() string {
	text := "unfinished, step " + numeral.Thousands(r.History.Step)
	if c := r.Experiment.Training; c.Epochs == 0 {
		text += " of " + numeral.Thousands(c.Steps)
	}
	return text
}
