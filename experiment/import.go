package experiment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/config"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/safetensors"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/layer"
	classify "github.com/orchid-seq/orchid/task/text"
	"github.com/orchid-seq/orchid/tensor"
)

// noData stands in the settings of a model whose training data is not known.
const noData = "none"

// Imported says whether the model was trained by others, on data that is not known.
func (e *Experiment) Imported() bool { return e.Setting("data") == noData }

// A SettingsError says that settings which somebody gave are wrong.
type SettingsError struct{ Err error }

// Error says what is wrong.
func (e *SettingsError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e *SettingsError) Unwrap() error { return e.Err }

// given applies settings of the caller; an error is a *SettingsError.
func given(e *Experiment, settings []string) error {
	for _, s := range settings {
		if key, _, _ := strings.Cut(s, "="); key == "data" || key == "from" {
			return &SettingsError{fmt.Errorf("%s: an import says that itself; leave it out", s)}
		}
	}
	if err := e.Override(settings); err != nil {
		return &SettingsError{err}
	}
	return nil
}

// valid checks all settings: those of the caller, if there are some, are at fault.
func valid(e *Experiment, settings []string) error {
	err := e.Validate()
	if err != nil && len(settings) > 0 {
		return &SettingsError{err}
	}
	return err
}

// Import reads a model that others have trained: a BERT in a folder of Hugging Face,
// with the head that it has, or one layer of the authors' release in a file of
// safetensors. Settings are on top of what is read there; those that are wrong by
// themselves are a *SettingsError. fresh names weights that it
// lacks, drawn anew: those of the head for hidden words.
func Import(ctx context.Context, path string, settings []string) (e *Experiment, t task.Task, fresh []string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, nil, err
	}
	if !info.IsDir() {
		e, t, err = importLayer(ctx, path, settings)
		return e, t, nil, err
	}
	text, err := os.ReadFile(filepath.Join(path, ConfigFile))
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s: no %s there: name the folder of a BERT of Hugging Face, or a file with a layer of the authors", path, ConfigFile)
	}
	if err != nil {
		return nil, nil, nil, err
	}
	if !model.IsHuggingFace(text) {
		if _, err := ReadConfig(path); err == nil {
			return nil, nil, nil, fmt.Errorf("%s: a model folder of Orchid, ready to be used", path)
		}
		if !json.Valid(text) {
			return nil, nil, nil, fmt.Errorf("%s: no JSON, or not all of it: fetch the file again", filepath.Join(path, ConfigFile))
		}
		return nil, nil, nil, fmt.Errorf("%s: not that of a model of Hugging Face's transformers, which has a model_type and a hidden_size", filepath.Join(path, ConfigFile))
	}
	return importBERT(ctx, path, text, settings)
}

func importBERT(ctx context.Context, dir string, text []byte, settings []string) (e *Experiment, t task.Task, fresh []string, err error) {
	fail := func(err error) (*Experiment, task.Task, []string, error) {
		return nil, nil, nil, err
	}
	head, err := model.ReadHuggingFaceHead(text)
	if err != nil {
		return fail(fmt.Errorf("%s: %w; orchid train from=%s can begin with the rest", filepath.Join(dir, ConfigFile), err, dir))
	}
	name, own := "mlm", []string{"data=" + noData, "from=" + dir}
	if !head.Masked {
		name, own = "text", append(own, "pool=first", "pooler=true")
		switch {
		case head.Number:
			own = append(own, "labels="+string(task.Number))
		case head.Several:
			own = append(own, "labels="+string(task.Multi))
		}
	}
	e, err = Resolve(name, func(e *Experiment) error {
		if err := e.Override(own); err != nil {
			return err
		}
		if c := e.value("length"); c != nil && e.language.Model.MaxLength > 0 { // windows as long as it takes
			if err := e.Override([]string{fmt.Sprintf("length=%d", e.language.Model.MaxLength)}); err != nil {
				return err
			}
		}
		return given(e, settings)
	})
	if err != nil {
		return fail(err)
	}
	if !head.Masked && !head.Number {
		labels := head.Labels
		if len(labels) == 0 {
			labels = []string{"LABEL_0", "LABEL_1"} // what transformers does not write
		}
		e.Settings.(*classify.Config).Classes = labels
	}
	if err := valid(e, settings); err != nil {
		return fail(err)
	}
	if t, err = e.Build(ctx); err != nil {
		return fail(err)
	}
	fresh, err = e.language.Load(t.Params(), true)
	if err != nil {
		return fail(err)
	}
	if !slices.ContainsFunc(fresh, func(name string) bool { return !strings.HasPrefix(name, "masked.") }) {
		return e, t, fresh, nil
	}
	return fail(fmt.Errorf("%s: no %s among the weights", dir, strings.Join(fresh, ", ")))
}

// importLayer reads one layer of the authors.
func importLayer(ctx context.Context, path string, settings []string) (*Experiment, task.Task, error) {
	e, err := New(layerTask)
	if err != nil {
		return nil, nil, err
	}
	c := e.Settings.(*layer.Config)
	before := config.Texts(config.Settings(c))
	if err := given(e, settings); err != nil {
		return nil, nil, err
	}
	described, err := hasConfig(path)
	if err != nil {
		return nil, nil, err
	}
	own := &c.Mixer
	if described {
		own = nil
		if d := config.Differences(config.Settings(c), before); len(d) > 0 {
			return nil, nil, fmt.Errorf("%s says itself how its layer is made: leave out %s", path, strings.Join(d, ", "))
		}
	}
	m, err := mixer.LoadRelease(path, own)
	if err != nil && own != nil {
		err = fmt.Errorf("%w; the file does not say how the layer is made: name that by settings, as in conditioner=magnitude transform=dft", err)
	}
	if err != nil {
		return nil, nil, err
	}
	if c.Mixer, c.Width, c.MaxLength, err = m.Config(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := valid(e, settings); err != nil {
		return nil, nil, err
	}
	t, err := e.Build(ctx)
	if err != nil {
		return nil, nil, err
	}
	k := t.(*layer.Task)
	return e, t, errors.Join(k.Take(m.Params()), compareStored(path, k))
}

// compareStored compares the layer with what its file says that it computes, if it
// does, and keeps that input for the self-test.
func compareStored(path string, k *layer.Task) error {
	f, err := safetensors.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	names := f.Names()
	if !slices.Contains(names, "input") || !slices.Contains(names, "output") || f.Metadata()["training"] == "true" {
		return nil
	}
	if k.Input, err = f.Float32("input"); err != nil {
		return err
	}
	want, err := f.Float32("output")
	if err != nil {
		return err
	}
	got, err := k.Predict(map[string]*tensor.Tensor{"input": k.Input})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if v := mixer.CompareOutput(path, got.Data, want.Data); !v.Pass {
		return fmt.Errorf("%s: the layer differs by %.1e of the largest value from the output that the file holds, at most %g is allowed", path, v.OutputError, v.Tolerance)
	}
	return nil
}

// hasConfig says whether a file of the authors' layer records its configuration.
func hasConfig(path string) (bool, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return false, fmt.Errorf("%w; a state_dict of PyTorch can be saved so by safetensors.torch.save_file", err)
	}
	defer f.Close()
	return f.Metadata()["config"] != "", nil
}
