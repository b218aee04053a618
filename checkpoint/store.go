package checkpoint

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/orchid-seq/orchid/autograd"
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

// list returns the files, oldest first.
func (s Store) list() ([]string, error) {
	files, err := filepath.Glob(filepath.Join(s.Dir, "step-*.safetensors"))
	slices.Sort(files)
	return files, err
}

// Save writes the checkpoint after so many steps and removes all but the last
// three.
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
	for len(files) > kept {
		if err := os.Remove(files[0]); err != nil {
			return err
		}
		files = files[1:]
	}
	return nil
}

// Load reads the newest checkpoint that is whole and fits; refused holds, for
// each newer one, why it was not used. The error is ErrNone if none is left.
func (s Store) Load(params []*autograd.Param) (metadata map[string]string, refused []error, err error) {
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
