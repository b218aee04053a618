package language

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
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
// their shape over it, learned positions repeat. The weights of a classifier's
// last layer are taken only with its head.
func (c *Config) Load(params []*autograd.Param, head bool) (fresh []string, err error) {
	tensors, err := readWeights(c.From)
	if err != nil {
		return nil, err
	}
	var faults mismatch
	for _, p := range params {
		if strings.HasPrefix(p.Name, "values.") {
			continue // mean and deviation of the data to train on, not learned
		}
		t, ok := tensors[p.Name]
		if !ok || !head && strings.HasPrefix(p.Name, "classifier.") {
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
		default:
			faults.add("%s has the shape %v there, this model wants %v", p.Name, t.Shape, p.Shape)
		}
		delete(tensors, p.Name)
	}
	for _, name := range fresh {
		if strings.HasPrefix(name, "embeddings.") || strings.HasPrefix(name, "blocks.") {
			faults.add("%s, which this model has, is not there", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		if strings.HasPrefix(name, "blocks.") {
			faults.add("%s, which is there, has no place in this model", name)
		}
	}
	return fresh, faults.err(c.From)
}

// mismatch is how weights differ from what a model wants. One setting can make
// a difference in each of them, so only the first is told.
type mismatch struct {
	first string
	more  int
}

func (m *mismatch) add(format string, args ...any) {
	if m.first == "" {
		m.first = fmt.Sprintf(format, args...)
	} else {
		m.more++
	}
}

func (m *mismatch) err(from string) error {
	if m.first == "" {
		return nil
	}
	more := ""
	if m.more > 0 {
		more = fmt.Sprintf(", and %d more like that", m.more)
	}
	return fmt.Errorf("from=%s: %s%s: leave out the settings of the model, such as width and depth, which come from there", from, m.first, more)
}

// readWeights returns the weights of a folder under our names.
func readWeights(dir string) (map[string]*tensor.Tensor, error) {
	path := filepath.Join(dir, weightsFile)
	f, err := safetensors.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(path + ".index.json"); err == nil {
			return nil, fmt.Errorf("from=%s: the weights are in several files (%s.index.json); make one %s of them, as by save_pretrained(DIR, max_shard_size=\"100GB\") of transformers", dir, weightsFile, weightsFile)
		}
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
	if err := tie(f, all); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	tensors, err := model.FromHuggingFace(all)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return tensors, nil
}

// tie makes sure that the decoder, where it is stored apart, is the embedding of
// words and the bias, since our models have one of each.
func tie(f *safetensors.File, all map[string]*tensor.Tensor) error {
	for _, same := range [][]string{
		{"cls.predictions.decoder.weight", "bert.embeddings.word_embeddings.weight", "embeddings.word_embeddings.weight"},
		{"cls.predictions.decoder.bias", "cls.predictions.bias"},
	} {
		decoder := same[0]
		if _, stored := f.Info(decoder); !stored {
			continue
		}
		t, err := f.Float32(decoder)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(same, func(name string) bool { return all[name] != nil })
		if i < 0 {
			all[same[1]] = t
		} else if u := all[same[i]]; !slices.Equal(t.Shape, u.Shape) || !slices.Equal(t.Data, u.Data) {
			return fmt.Errorf("%s differs from %s: only a BERT that shares them (tie_word_embeddings) can be read", decoder, same[i])
		}
	}
	return nil
}
