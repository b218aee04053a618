package language

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/checkpoint"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/safetensors"
	"github.com/orchid-seq/orchid/tensor"
)

// weightsFile is the file of weights in folders of Orchid and Hugging Face alike.
const weightsFile = "model.safetensors"

// HuggingFace completes a configuration from a folder of Hugging Face's
// BERT; ok is false if dir is none.
func (c *Config) HuggingFace(dir string) (ok bool, err error) {
	path := filepath.Join(dir, "config.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	if !model.IsHuggingFace(text) {
		return false, nil
	}
	if c.Model, err = model.HuggingFaceConfig(text); err != nil {
		return true, fmt.Errorf("%s: %w", path, err)
	}
	c.PadVocabulary = 1
	return true, nil
}

// Load copies the weights of the folder that training begins with into
// parameters of the same name and shape, and returns the names of those for
// which it has none. Positions are fitted to another length: static kernels keep
// their shape over it, learned positions repeat.
func (c *Config) Load(params []*autograd.Param) (fresh []string, err error) {
	tensors, err := readWeights(c.From)
	if err != nil {
		return nil, err
	}
	var faults []error
	for _, p := range params {
		t, ok := tensors[p.Name]
		if !ok {
			fresh = append(fresh, p.Name)
			continue
		}
		switch {
		case slices.Equal(t.Shape, p.Shape):
			copy(p.Data, t.Data)
		case strings.Contains(p.Name, ".pos_emb."): // made for the new length
		case p.Name == "embeddings.positions.weight" && t.Cols() == p.Cols():
			for i := range p.Rows() {
				copy(p.Row(i), t.Row(i%t.Rows()))
			}
		case strings.HasPrefix(p.Name, "classifier."): // of other classes
			fresh = append(fresh, p.Name)
		default:
			faults = append(faults, fmt.Errorf("%s: %s has the shape %v, this model wants %v", c.From, p.Name, t.Shape, p.Shape))
		}
	}
	for _, name := range fresh {
		if strings.HasPrefix(name, "embeddings.") || strings.HasPrefix(name, "blocks.") {
			faults = append(faults, fmt.Errorf("%s: no %s, which this model has", c.From, name))
		}
	}
	return fresh, errors.Join(faults...)
}

// readWeights returns the weights of a folder under our names.
func readWeights(dir string) (map[string]*tensor.Tensor, error) {
	path := filepath.Join(dir, weightsFile)
	f, err := safetensors.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("from=%s: no %s there; name a model folder", dir, weightsFile)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if !model.IsHuggingFaceNames(f.Names()) {
		tensors, _, err := checkpoint.Read(path)
		return tensors, err
	}
	all := map[string]*tensor.Tensor{}
	for _, name := range f.Names() {
		if model.SkipsHuggingFace(name) {
			continue
		}
		if all[name], err = f.Float32(name); err != nil {
			return nil, err
		}
	}
	tensors, err := model.FromHuggingFace(all)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return tensors, nil
}
