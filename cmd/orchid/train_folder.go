package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/config"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/train"
)

// experiment resolves defaults (or the settings of the run to resume), preset,
// file and arguments, in this order.
func (c trainCmd) experiment(g *Globals) (*experiment.Experiment, error) {
	apply := func(e *experiment.Experiment) error { return c.apply(e, g) }
	if !c.Resume {
		if !slices.Contains(experiment.Names(), c.Task) {
			return nil, usageError{fmt.Errorf("no task %q; there are: %s", c.Task, strings.Join(experiment.Names(), ", "))}
		}
		return experiment.Resolve(c.Task, apply)
	}
	e, err := c.stored()
	if err != nil {
		return nil, err
	}
	before := config.Texts(e.List())
	if err := apply(e); err != nil {
		return nil, err
	}
	d := config.Differences(e.List(), before)
	d = slices.DeleteFunc(d, func(s string) bool { // data may move, and turn out bad; Run compares it
		key, _, _ := strings.Cut(s, "=")
		return slices.Contains([]string{"data", "eval-data", "test-data", "cache", "from", "bad-files"}, key)
	})
	if len(d) > 0 {
		return nil, usageError{fmt.Errorf("a resumed run keeps its settings; leave these out: %s", strings.Join(d, ", "))}
	}
	return e, nil
}

// apply puts preset, file and arguments on top of settings.
func (c trainCmd) apply(e *experiment.Experiment, g *Globals) error {
	if c.Preset != "" {
		if err := e.Preset(c.Preset); err != nil {
			return usageError{err}
		}
	}
	if c.Config != "" {
		if err := e.ReadFile(c.Config); err != nil {
			return usageError{err}
		}
	}
	if err := e.Override(c.Overrides); err != nil {
		return usageError{err}
	}
	if g.Seed != nil {
		e.Training.Seed = *g.Seed
	}
	return nil
}

// stored reads the experiment of the run to resume.
func (c trainCmd) stored() (*experiment.Experiment, error) {
	if c.Out == "" {
		return nil, usageError{errors.New("--resume needs --out DIR, the folder of the run")}
	}
	e, err := experiment.ReadConfig(c.Out)
	if err != nil {
		return nil, err
	}
	if e.Name != c.Task {
		return nil, usageError{fmt.Errorf("%s holds a run of the task %s, not %s", c.Out, e.Name, c.Task)}
	}
	return e, nil
}

// folder returns the run's folder, locked: that of the run to resume, the one
// asked for, which must be new or empty, or the first free name in runs/.
func (c trainCmd) folder() (dir string, unlock func(), err error) {
	switch {
	case c.Out == "":
		dir, err = c.freeName()
	case !c.Resume:
		dir, err = c.Out, os.MkdirAll(c.Out, 0o755)
	default:
		dir = c.Out
	}
	if err != nil {
		return "", nil, err
	}
	if unlock, err = train.Lock(dir); err != nil || c.Resume {
		return dir, unlock, err
	}
	entries, err := os.ReadDir(dir)
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() == train.LockFile })
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s exists: choose another --out, or go on with that run by --resume", dir)
	}
	if err != nil {
		unlock()
	}
	return dir, unlock, err
}

// freeName makes the first folder in runs/ that is not there yet.
func (c trainCmd) freeName() (string, error) {
	if err := os.MkdirAll("runs", 0o755); err != nil {
		return "", err
	}
	dir := filepath.Join("runs", c.Task)
	for n := 2; ; n++ {
		err := os.Mkdir(dir, 0o755) // fails if it exists, also if another run was faster
		if !errors.Is(err, fs.ErrExist) {
			return dir, err
		}
		dir = filepath.Join("runs", fmt.Sprintf("%s-%d", c.Task, n))
	}
}

// quoted writes a path, or a setting, as a shell takes it.
func quoted(path string) string {
	if strings.IndexFunc(path, func(r rune) bool {
		return !(strings.ContainsRune("/=,+:@%", r) || r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r > 127)
	}) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
