package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/whole"
)

// recorded are the files of a run that a report reads, the weights apart: the
// card, which is written when the training has ended, has what it wants of them.
var recorded = []string{experiment.ConfigFile, experiment.RecipeFile, experiment.HistoryFile, EvaluationsFile, ConfusionFile, experiment.CardFile}

// Record copies what a report reads of each run to a folder below dir, without
// the weights: some thirty kilobytes a run, of which another report is the same but
// for the kernels. It returns the number of runs. A record takes the place of an
// older one of the same name, which is the run's path below the folder that the
// report was asked for.
func (r *Report) Record(dir string) (int, error) {
	from := map[string]string{} // the run of each record
	var others []string         // records that are not the run itself
	for _, run := range r.runs {
		name, err := r.nameOf(run)
		if err != nil {
			return 0, err
		}
		to := filepath.Join(dir, name)
		if other, ok := from[to]; ok {
			return 0, fmt.Errorf("%s and %s would both be %s: name the folder above both of them", other, run.Dir, to)
		}
		from[to] = run.Dir
		switch itself, within, err := place(run.Dir, to, dir); {
		case err != nil:
			return 0, err
		case itself:
		case within:
			return 0, fmt.Errorf("%s lies in %s, where records are to be written: name folders outside of it", run.Dir, dir)
		case isRun(to):
			return 0, fmt.Errorf("%s is a run, not a record: write to another folder", to)
		default:
			others = append(others, to)
		}
	}
	for _, to := range others {
		if err := os.MkdirAll(to, 0o755); err != nil {
			return 0, err
		}
		for _, file := range recorded {
			err := whole.Copy(filepath.Join(to, file), filepath.Join(from[to], file))
			if errors.Is(err, fs.ErrNotExist) { // an older record may have it
				err = os.RemoveAll(filepath.Join(to, file))
			}
			if err != nil {
				return 0, err
			}
		}
	}
	return len(from), nil
}

// nameOf is the path of a run below the folder of the options that it was found
// in; the folder's own name if it is the run.
func (r *Report) nameOf(run *Run) (string, error) {
	for _, root := range r.dirs {
		real, err := filepath.EvalSymlinks(root)
		if err != nil {
			return "", err
		}
		rel, err := filepath.Rel(real, run.Dir)
		switch {
		case err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)):
			continue
		case rel == ".":
			return experiment.FolderName(run.Dir), nil
		}
		return rel, nil
	}
	return filepath.Base(run.Dir), nil
}

// place says whether a run is the record to, and whether it lies in the folder dir.
func place(run, to, dir string) (itself, within bool, err error) {
	x, errX := os.Stat(run)
	y, errY := os.Stat(to)
	itself = errX == nil && errY == nil && os.SameFile(x, y)
	if run, err = filepath.Abs(run); err != nil {
		return itself, false, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return itself, false, err
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return itself, strings.HasPrefix(run, dir+string(filepath.Separator)), nil
}

// isRun reports whether a folder has what records lack.
func isRun(dir string) bool {
	for _, name := range []string{experiment.ModelFile, experiment.SelfTestFile, "checkpoints", "events"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}
