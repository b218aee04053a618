package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/whole"
)

// kept is how many checkpoints a store holds.
const kept = 3

// ErrNone says that a store holds no checkpoint that can be used.
var ErrNone = errors.New("no usable checkpoint")

// A Store is a folder of checkpoints of one run.
type Store struct{ Dir string }

// path names the checkpoint after so many steps.
func (s Store) path(step int) string {
	return filepath.Join(s.Dir, fmt.Sprintf("step-%09d.safetensors", step))
}

// checkpointName is what path gives; other files in the folder are not ours.
var checkpointName = regexp.MustCompile(`^step-(\d{9,})\.safetensors$`)

// list returns the files, oldest first.
func (s Store) list() ([]string, error) {
	entries, err := os.ReadDir(s.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var steps []int
	for _, e := range entries {
		if m := checkpointName.FindStringSubmatch(e.Name()); m != nil && !e.IsDir() {
			// Digits that path would not write name somebody else's file.
			if step, err := strconv.Atoi(m[1]); err == nil && filepath.Base(s.path(step)) == e.Name() {
				steps = append(steps, step)
			}
		}
	}
	slices.Sort(steps)
	files := make([]string, len(steps))
	for i, step := range steps {
		files[i] = s.path(step)
	}
	return files, nil
}

// sweep removes what a killed process had begun to write.
func (s Store) sweep() error {
	entries, err := os.ReadDir(s.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), whole.Prefix) && e.Type().IsRegular() {
			if err := os.Remove(filepath.Join(s.Dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Save writes the checkpoint after so many steps and removes all but the last
// three. Checkpoints of later steps, which a run that had to go back has given
// up, are removed first.
func (s Store) Save(step int, params []*autograd.Param, metadata map[string]string) error {
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return err
	}
	if err := Save(s.path(step), params, metadata); err != nil {
		return err
	}
	files, err := s.list()
	if err != nil {
		return err
	}
	for last := len(files) - 1; files[last] != s.path(step); last-- {
		if err := os.Remove(files[last]); err != nil {
			return err
		}
		files = files[:last]
	}
	for len(files) > kept {
		if err := os.Remove(files[0]); err != nil {
			return err
		}
		files = files[1:]
	}
	return nil
}

// Load reads the newest checkpoint that is whole and fits; refused holds, for
// each newer one, why it was not used. The error is ErrNone if none is left. It
// is for the process that goes on with the run: unfinished files of one that
// was killed are removed.
func (s Store) Load(params []*autograd.Param) (metadata map[string]string, refused []error, err error) {
	if err := s.sweep(); err != nil {
		return nil, nil, err
	}
	files, err := s.list()
	if err != nil {
		return nil, nil, err
	}
	slices.Reverse(files)
	for _, f := range files {
		metadata, err := Load(f, params)
		if err == nil {
			return metadata, refused, nil
		}
		refused = append(refused, err)
	}
	return nil, refused, fmt.Errorf("%s: %w", s.Dir, ErrNone)
}
