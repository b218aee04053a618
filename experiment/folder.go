package experiment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/checkpoint"
	"github.com/orchid-seq/orchid/config"
	"github.com/orchid-seq/orchid/internal/whole"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/tensor"
)

// The files of a model folder.
const (
	ConfigFile   = "config.json"
	ModelFile    = "model.safetensors"
	SelfTestFile = "selftest.safetensors"
	CardFile     = "README.md"
	HistoryFile  = "history.jsonl"
)

// FolderName is the last part of a folder's path, be it given as "." or not: the name
// of its model.
func FolderName(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return filepath.Base(dir)
}

// format is the version of ConfigFile. Another one is refused.
const format = 1

// buffersKey names, in the metadata of ModelFile, the tensors that are not
// trained.
const buffersKey = "buffers"

// head is ConfigFile with its two lists of settings as they stand.
type head struct {
	Format   int             `json:"format"`
	Task     string          `json:"task"`
	Settings json.RawMessage `json:"settings"`
	Training json.RawMessage `json:"training"`
	Card     json.RawMessage `json:"card"` // nil in folders of before
}

// WriteConfig writes the settings to a folder, where a training begins or goes on:
// checksums of an earlier end no longer hold.
func (e *Experiment) WriteConfig(dir string) error {
	if err := os.Remove(filepath.Join(dir, SumsFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text, err := e.ConfigText()
	if err != nil {
		return err
	}
	return whole.WriteBytes(filepath.Join(dir, ConfigFile), text)
}

// later lists the keys that folders from before they existed lack, with what such
// folders mean. It does not follow the defaults.
var later = map[string]string{
	"ngrams": "0", "ngram-buckets": "32768", "cache": "", "reverse-complement": "none", "holdout-by": "", "train-length": "0",
	"form": "one", "lengths": "", "pairs": "8", "gap": "0.01", "gates": "true", "window": "0", "filters": "0", "channel-names": "", "recordings": "",
	"picture-size": "0", "bad-files": "stop", "scale-crop": "0", "randaugment": "0", "randaugment-prob": "0.5",
	"erasing": "0", "mixup": "0", "cutmix": "0",
}

// ReadConfig reads the settings of a model folder. All keys must be there but
// for the later ones, so that a stored model never follows a default that has
// changed.
func ReadConfig(dir string) (*Experiment, error) {
	file := filepath.Join(dir, ConfigFile)
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s is not a model folder: %w", dir, err)
	}
	var h head
	if !json.Valid(text) {
		return nil, fmt.Errorf("%s: no JSON, or not all of it: copy the folder anew", file)
	}
	if err := json.Unmarshal(text, &h); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if h.Format != format {
		return nil, fmt.Errorf("%s: format %d, this version of orchid reads %d", file, h.Format, format)
	}
	e, err := New(h.Task)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if h.Settings == nil || h.Training == nil {
		return nil, fmt.Errorf("%s: \"settings\" or \"training\" is missing", file)
	}
	var faults []error
	for _, part := range []struct {
		settings []config.Setting
		text     json.RawMessage
	}{{config.Settings(e.Settings), h.Settings}, {config.Settings(&e.Training), h.Training}, {config.Settings(&e.Card), h.Card}} {
		if part.text == nil {
			continue
		}
		line := 1 + bytes.Count(text[:max(0, bytes.Index(text, part.text))], []byte("\n"))
		keys, err := config.Decode(part.settings, file, line, part.text)
		faults = append(faults, err)
		for _, s := range part.settings {
			if slices.Contains(keys, s.Key) {
				continue
			}
			value, ok := later[s.Key]
			if !ok {
				faults = append(faults, fmt.Errorf("%s: key %q is missing", file, s.Key))
				continue
			}
			if _, err := config.Override(part.settings, []string{s.Key + "=" + value}); err != nil {
				panic(err) // the table above is wrong
			}
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	if err := e.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	e.Env.Folder = dir
	return e, nil
}

// WriteModel completes a folder with the weights, a self-test, a card and, last,
// the checksums.
func (e *Experiment) WriteModel(dir string, t task.Task, card []byte) error {
	buffers := []string{}
	for _, p := range t.Params() {
		if p.Frozen {
			buffers = append(buffers, p.Name)
		}
	}
	text, err := json.Marshal(buffers)
	if err != nil {
		return err
	}
	if err := checkpoint.Save(filepath.Join(dir, ModelFile), t.Params(), map[string]string{"task": e.Name, buffersKey: string(text)}); err != nil {
		return err
	}
	sample, err := t.Sample()
	if err != nil {
		return err
	}
	if sample["output"], err = t.Predict(sample); err != nil {
		return err
	}
	if err := writeSelfTest(dir, sample); err != nil {
		return err
	}
	if err := whole.WriteBytes(filepath.Join(dir, CardFile), card); err != nil {
		return err
	}
	return WriteSums(dir)
}

// WriteSample writes the inputs of the self-test, which WriteModel completes, so
// that a run can be looked at before it ends. What is there stays.
func WriteSample(dir string, t task.Task) error {
	if exists(filepath.Join(dir, SelfTestFile)) {
		return nil
	}
	sample, err := t.Sample()
	if err != nil {
		return err
	}
	return writeSelfTest(dir, sample)
}

func writeSelfTest(dir string, sample map[string]*tensor.Tensor) error {
	var list []*autograd.Param
	for _, k := range slices.Sorted(maps.Keys(sample)) {
		list = append(list, &autograd.Param{Name: k, Tensor: *sample[k]})
	}
	return checkpoint.Save(filepath.Join(dir, SelfTestFile), list, nil)
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// ReadModel builds the model of a folder and loads its weights. The data is not
// needed.
func (e *Experiment) ReadModel(ctx context.Context, dir string) (task.Task, error) {
	file := filepath.Join(dir, ModelFile)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is missing: the run has not finished; go on with: orchid train %s --out %s --resume", file, e.Name, dir)
	}
	t, err := e.Build(ctx)
	if err != nil {
		return nil, incomplete(err)
	}
	_, err = checkpoint.Load(file, t.Params())
	return t, err
}

// incomplete says what to do about a file of a model folder that is not there.
func incomplete(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: not all of the model folder is here; copy it anew", err)
	}
	return err
}

// ReadTensors returns the tensors of a folder's model file and the names of
// those that are not trained; fs.ErrNotExist if the run has not finished.
func ReadTensors(dir string) (tensors map[string]*tensor.Tensor, buffers []string, err error) {
	file := filepath.Join(dir, ModelFile)
	if _, err := os.Stat(file); err != nil {
		return nil, nil, err
	}
	tensors, metadata, err := checkpoint.Read(file)
	if err != nil {
		return nil, nil, err
	}
	if err := json.Unmarshal([]byte(metadata[buffersKey]), &buffers); err != nil {
		return nil, nil, fmt.Errorf("%s: metadata %s: %w", file, buffersKey, err)
	}
	return tensors, buffers, nil
}
