package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/checkpoint"
	"github.com/orchid-seq/orchid/task/image"
	"github.com/orchid-seq/orchid/task/recall"
	"github.com/orchid-seq/orchid/tensor"
	"github.com/orchid-seq/orchid/train"
)

// A task is what the verbs need beyond training.
type task interface {
	train.Task
	Describe() string // one line for people
	Trainable() error // what is missing for training, nil if nothing
	Splits() []string // the first is the one to report
	Labels() []string // names of classes, nil if there are none
	// SelfTest returns inputs of its own choice, or those given, with the
	// output that the model has for them.
	SelfTest(inputs map[string]*tensor.Tensor) (map[string]*tensor.Tensor, error)
}

// An experiment is a task's configuration with that of its training.
type experiment interface {
	build() (task, error)
	training() *train.Config
	dataFolder() *string // where the data lies; nil if the task makes its own
	model() string       // one line about the model
}

// experiments makes the default experiment of each task.
var experiments = map[string]func() experiment{
	"recall": func() experiment {
		t := train.Default()
		t.Steps, t.LR = 2500, 2e-3
		return &recallRun{recall.Default(), t}
	},
	"image": func() experiment {
		t := train.Default()
		t.Epochs, t.LR, t.Decay, t.EvalEvery = 5, 1e-3, 0.03, 0
		return &imageRun{image.Default(), t}
	},
}

type recallRun struct {
	Task  recall.Config `yaml:",inline"`
	Train train.Config  `yaml:",inline"`
}

func (r *recallRun) build() (task, error)    { return built(recall.New(r.Task, r.Train.Seed)) }
func (r *recallRun) training() *train.Config { return &r.Train }
func (r *recallRun) dataFolder() *string     { return nil }
func (r *recallRun) model() string           { return r.Task.Model.Describe() }

type imageRun struct {
	Task  image.Config `yaml:",inline"`
	Train train.Config `yaml:",inline"`
}

func (r *imageRun) build() (task, error)    { return built(image.New(r.Task, r.Train.Seed)) }
func (r *imageRun) training() *train.Config { return &r.Train }
func (r *imageRun) dataFolder() *string     { return &r.Task.Data }
func (r *imageRun) model() string           { return r.Task.Model.Describe() }

// built keeps a nil pointer from becoming a task that is not nil.
func built[T task](t T, err error) (task, error) {
	if err != nil {
		return nil, err
	}
	return t, nil
}

//go:embed presets
var presetFiles embed.FS

// applyPreset sets a named configuration of a task.
func applyPreset(e experiment, task, name string) error {
	text, err := fs.ReadFile(presetFiles, path.Join("presets", task, name+".yaml"))
	if err != nil {
		return fmt.Errorf("no preset %q for %s; there are: %s", name, task, strings.Join(presets(task), ", "))
	}
	return decode(e, "preset "+name, text)
}

// presets names the presets of a task.
func presets(task string) (names []string) {
	files, _ := fs.Glob(presetFiles, path.Join("presets", task, "*.yaml"))
	for _, f := range files {
		names = append(names, strings.TrimSuffix(path.Base(f), ".yaml"))
	}
	return names
}

// The files of a model folder.
const (
	configFile   = "config.json"
	modelFile    = "model.safetensors"
	labelsFile   = "labels.json"
	selfTestFile = "selftest.safetensors"
	cardFile     = "README.md"
)

// buffersKey names, in the metadata of a model file, the tensors that are not
// trained.
const buffersKey = "buffers"

// openConfig reads which experiment a folder holds.
func openConfig(dir string) (name string, e experiment, err error) {
	file := filepath.Join(dir, configFile)
	text, err := os.ReadFile(file)
	if err != nil {
		return "", nil, fmt.Errorf("%s is not a model folder: %w", dir, err)
	}
	var head struct {
		Task string `json:"task"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return "", nil, fmt.Errorf("%s: %w", file, err)
	}
	make, ok := experiments[head.Task]
	if !ok {
		return "", nil, fmt.Errorf("%s: unknown task %q", file, head.Task)
	}
	e = make()
	return head.Task, e, decode(e, file, text, "task")
}

// openModel builds the model of a folder and loads its weights.
func openModel(dir, data string) (name string, e experiment, t task, err error) {
	if name, e, err = openConfig(dir); err != nil {
		return
	}
	if data != "" {
		folder := e.dataFolder()
		if folder == nil {
			return name, e, nil, fmt.Errorf("--data: the task %s makes its own data", name)
		}
		*folder = data
	}
	if t, err = e.build(); err != nil {
		return
	}
	if err = checkLabels(dir, t.Labels()); err != nil {
		return
	}
	file := filepath.Join(dir, modelFile)
	if _, missing := os.Stat(file); missing != nil {
		return name, e, nil, fmt.Errorf("%s is missing: the run has not finished; go on with: orchid train %s --out %s --resume", file, name, dir)
	}
	_, err = checkpoint.Load(file, t.Params())
	return
}

// checkLabels refuses data whose classes are not those of the model.
func checkLabels(dir string, labels []string) error {
	text, err := os.ReadFile(filepath.Join(dir, labelsFile))
	if err != nil || labels == nil {
		return nil // a task without classes
	}
	var stored []string
	if err := json.Unmarshal(text, &stored); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(dir, labelsFile), err)
	}
	if strings.Join(stored, "\n") != strings.Join(labels, "\n") {
		return fmt.Errorf("the data has the classes %v, the model %v", labels, stored)
	}
	return nil
}

// writeModel completes a model folder.
func writeModel(dir, name string, t task, card []byte) error {
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
	metadata := map[string]string{"task": name, buffersKey: string(text)}
	if err := checkpoint.Save(filepath.Join(dir, modelFile), t.Params(), metadata); err != nil {
		return err
	}
	if labels := t.Labels(); labels != nil {
		text, err := json.MarshalIndent(labels, "", "  ")
		if err != nil {
			return err
		}
		if err := writeBytes(filepath.Join(dir, labelsFile), append(text, '\n')); err != nil {
			return err
		}
	}
	sample, err := t.SelfTest(nil)
	if err != nil {
		return err
	}
	var list []*autograd.Param
	for _, k := range slices.Sorted(maps.Keys(sample)) {
		list = append(list, &autograd.Param{Name: k, Tensor: *sample[k]})
	}
	if err := checkpoint.Save(filepath.Join(dir, selfTestFile), list, nil); err != nil {
		return err
	}
	return writeBytes(filepath.Join(dir, cardFile), card)
}

func writeBytes(path string, b []byte) error {
	return checkpoint.WriteFile(path, func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(b))
		return err
	})
}
