package checkpoint

import (
	"errors"
	"fmt"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/safetensors"
	"github.com/orchid-seq/orchid/tensor"
)

// Newest returns the file of the newest checkpoint, "" for none. Unlike Load it
// changes nothing, so that it suits those who only look at a run.
func (s Store) Newest() (file string, err error) {
	files, err := s.list()
	if err != nil || len(files) == 0 {
		return "", err
	}
	return files[len(files)-1], nil
}

// Peek copies from a file that Save wrote its tensors of the names of params, or
// those of prefix+name where it has them. It reads nothing else of the file, the
// moments of an optimizer for instance, and so cannot check the checksum.
func Peek(file, prefix string, params []*autograd.Param) (err error) {
	f, err := safetensors.Open(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	tensors := map[string]*tensor.Tensor{}
	for _, p := range params {
		name := p.Name
		if _, ok := f.Info(prefix + name); ok {
			name = prefix + name
		}
		if tensors[p.Name], err = f.Float32(name); err != nil {
			return err
		}
	}
	if err := autograd.Assign(params, tensors); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
