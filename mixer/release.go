package mixer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/safetensors"
	"github.com/orchid-seq/orchid/tensor"
)

// releaseConfig is the configuration of the authors' layer as our golden files
// record it, under its own names.
type releaseConfig struct {
	Width          int     `json:"d_model"`
	MaxLength      int     `json:"l_max"`
	Order          int     `json:"order"`
	ShortTaps      int     `json:"short_filter_order"`
	FilterWidth    int     `json:"filter_order"`
	Residual       *string `json:"residual_long_conv"`
	Heads          int     `json:"num_heads"`
	Features       int     `json:"emb_dim"`
	Inner          int     `json:"num_inner_mlps"`
	Frequency      float64 `json:"w"`
	FrequencyScale float64 `json:"w_mod"`
	Modulate       bool    `json:"modulate"`
	Normalized     bool    `json:"normalized"`
	Bidirectional  bool    `json:"bidirectional"`
	Causal         bool    `json:"causal"`
	PositionRate   float64 `json:"lr_pos_emb"`
	ModulationRate float64 `json:"modulation_lr"`
	Shift          float64 `json:"shift"`
	FastDecay      float64 `json:"fast_decay_pct"`
	SlowDecay      float64 `json:"slow_decay_pct"`
	Target         float64 `json:"target"`
	LinearMixer    bool    `json:"linear_mixer"`
	FilterBias     bool    `json:"filter_bias"`
	Transform      struct {
		Name string `json:"name"`
	} `json:"transform"`
	Kernel struct {
		Type       string `json:"type"`
		Stages     string `json:"nn"`
		Taps       int    `json:"conv_filter_size"`
		Padding    string `json:"padding_mode"`
		Norm       string `json:"norm"`
		Layers     int    `json:"n_layer"`
		Activation string `json:"activation"`
		OnQuery    string `json:"actq"`
		Bias       bool   `json:"bias"`
	} `json:"conv_kernel"`
}

// names that the release spells in several ways.
var (
	releaseTransforms = map[string]string{
		"fft": "dft", "fft-o": "dft-ortho", "dct1": "dct1", "dctx2-o": "dct-ortho", "dctxd-o": "dct-ortho",
		"dct": "dct", "dct2": "dct", "dctx2": "dct", "dctxd": "dct", "dctx4": "dct", "dctx4-o": "dct",
	}
	releaseConditioners = map[string]string{"absfreq": "magnitude", "freq": "spectrum", "corrTime": "correlation"}
	releaseStages       = map[string]string{
		"convt": "time", "conv2t": "time", "convf": "frequency", "conv2f": "frequency", "convtf": "both", "conv2tf": "both",
	}
	releaseNorms = map[string]string{"layernorm": "layer", "batchnorm": "batch"}
)

// config translates; what the release cannot run is left for Validate to say.
func (r releaseConfig) config() (Config, error) {
	c := Default()
	lookUp := func(what, name string, table map[string]string) (string, error) {
		if v, ok := table[name]; ok {
			return v, nil
		}
		return "", fmt.Errorf("%s %q of the release is not supported", what, name)
	}
	var err error
	if c.Transform, err = lookUp("transform", r.Transform.Name, releaseTransforms); err != nil {
		return c, err
	}
	if c.Conditioner, err = lookUp("kernel type", r.Kernel.Type, releaseConditioners); err != nil {
		return c, err
	}
	if c.Stages, err = lookUp("network", r.Kernel.Stages, releaseStages); err != nil {
		return c, err
	}
	if r.Heads > 1 {
		return c, fmt.Errorf("num_heads %d: the release cannot run more than 1", r.Heads)
	}
	if c.Conditioner == "correlation" {
		if c.Stages == "frequency" { // the release makes its two time stages all the same
			c.Stages = "time"
		}
		name, magnitude := r.onQuery()
		if r.across() == nil {
			c.Nonlinearity = name
			if magnitude {
				c.NonlinearityForm = "magnitude"
			}
		}
	}
	c.DoubleKernel = r.Causal && c.complex() // a DCT ignores it
	c.ConditionerTaps, c.ConditionerLayers, c.ConditionerBias = r.Kernel.Taps, r.Kernel.Layers, r.Kernel.Bias
	c.ConditionerPadding = autograd.Padding(r.Kernel.Padding)
	if c.ConditionerNorm = releaseNorms[r.Kernel.Norm]; c.ConditionerNorm == "" {
		c.ConditionerNorm = "none" // as the release does with any other word
	}
	if c.ConditionerActivation = r.Kernel.Activation; c.ConditionerActivation == "smax" {
		c.ConditionerActivation = "softmax"
	}
	c.Order, c.Gates, c.ShortTaps = r.Order, true, r.ShortTaps
	c.Residual, c.ResidualSkip = r.Residual != nil && *r.Residual == "sconv", r.FilterBias
	c.Filter = FilterConfig{
		Features: r.Features, Width: r.FilterWidth, Inner: r.Inner, Linear: r.LinearMixer,
		Frequency: r.Frequency, FrequencyScale: r.FrequencyScale, Positions: "trained",
		Modulate: r.Modulate, TrainDecay: r.ModulationRate != 0, FastDecay: r.FastDecay, SlowDecay: r.SlowDecay,
		DecayTarget: r.Target, Shift: r.Shift, Normalize: r.Normalized,
	}
	if r.PositionRate == 0 {
		c.Filter.Positions = "fixed"
	}
	return c, nil
}

// onQuery returns the nonlinearity of Type II, and whether it acts on magnitudes.
func (r releaseConfig) onQuery() (name string, magnitude bool) {
	name, magnitude = strings.CutSuffix(r.Kernel.OnQuery, "_abs")
	if name == "smax" {
		name = "softmax"
	}
	return name, magnitude
}

// across returns the nonlinearity if it is one that runs over the batch.
func (r releaseConfig) across() *across {
	name, magnitude := r.onQuery()
	if r.Kernel.Type == "corrTime" && (name == "ln" || name == "softmax" && magnitude) {
		return newAcross(name, magnitude)
	}
	return nil
}

// LoadRelease reads weights of the authors' PyTorch layer, saved with
// safetensors under the names of its state_dict, with or without the prefix
// "param/". The configuration is c; nil stands for the one that a golden file
// records in its metadata. The error names the file and everything that does
// not fit.
func LoadRelease(path string, c *Config) (*Orchid, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, _, err := loadRelease(f, c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Config returns how the layer is made: its options, its channels and the length that
// its static kernels are made for. The error says that no options describe a layer
// of the release whose sequences depend on each other.
func (m *Orchid) Config() (c Config, width, maxLength int, err error) {
	if m.conditioner.across != nil {
		err = errors.New("its nonlinearity runs over the batch, which no setting of ours does")
	}
	return m.c, m.D, m.static.maxLength, err
}

// fits compares a configuration with the tensors of its file before anything is
// made by its numbers: the file bounds what is allocated. Names and shapes one
// by one are autograd.Assign's.
func (c Config) fits(stored map[string]*tensor.Tensor, D, maxLength int) error {
	for _, want := range []struct {
		name  string
		shape []int
	}{
		{"in_linear.weight", []int{(c.Order + 1) * D, D}},
		{"fixed_conv.pos_emb.z", []int{1, maxLength, c.Filter.Features}},
	} {
		switch v := stored[want.name]; {
		case v == nil:
			return fmt.Errorf("no %s: these are not the weights of an Orchid layer", want.name)
		case !slices.Equal(v.Shape, want.shape):
			return fmt.Errorf("%s has shape %v, the configuration wants %v", want.name, v.Shape, want.shape)
		}
	}
	numbers := 0
	for _, v := range stored {
		numbers += len(v.Data)
	}
	if want := c.size(D, maxLength); want > float64(numbers) {
		return fmt.Errorf("the configuration describes %.0f numbers, the file holds %d", want, numbers)
	}
	return nil
}

// loadRelease also returns the trainable tensors that the release has but never
// uses, as zeros.
func loadRelease(f *safetensors.File, c *Config) (*Orchid, []*autograd.Param, error) {
	stored, prefix := map[string]*tensor.Tensor{}, ""
	for _, name := range f.Names() {
		if strings.HasPrefix(name, "param/") {
			prefix = "param/"
		}
	}
	for _, name := range f.Names() {
		short, ok := strings.CutPrefix(name, prefix)
		if !ok || strings.HasSuffix(name, "num_batches_tracked") {
			continue
		}
		v, err := f.Float32(name)
		if err != nil {
			return nil, nil, err
		}
		stored[short] = v
	}
	var D, maxLength int
	var over *across
	if c == nil {
		text, ok := f.Metadata()["config"]
		if !ok {
			return nil, nil, fmt.Errorf("no configuration in the metadata: pass one")
		}
		var r releaseConfig
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			return nil, nil, fmt.Errorf("metadata config: %w", err)
		}
		translated, err := r.config()
		if err != nil {
			return nil, nil, err
		}
		c, D, maxLength, over = &translated, r.Width, r.MaxLength, r.across()
	} else {
		out, z := stored["out_linear.weight"], stored["fixed_conv.pos_emb.z"]
		if out == nil || z == nil || len(z.Shape) != 3 {
			return nil, nil, fmt.Errorf("no out_linear.weight or fixed_conv.pos_emb.z: these are not the weights of an Orchid layer")
		}
		D, maxLength = out.Rows(), z.Shape[1]
	}
	if err := c.Validate(D, maxLength); err != nil {
		return nil, nil, err
	}
	if c.Mixer != "orchid" {
		return nil, nil, fmt.Errorf("mixer=%s: the release has only the Orchid layer", c.Mixer)
	}
	if err := c.fits(stored, D, maxLength); err != nil {
		return nil, nil, err
	}
	m := newOrchid(*c, "", D, maxLength)
	m.conditioner.across = over
	var unused []*autograd.Param
	for name, v := range stored {
		switch ok := strings.Contains(name, ".implicit_filter."); {
		case ok && strings.HasSuffix(name, ".freq") && !strings.HasSuffix(name, ".1.freq"):
			delete(stored, name) // another name of the one frequency vector
		case strings.Contains(name, ".implicit_filter_rev.") || !c.Filter.Modulate && strings.HasSuffix(name, ".modulation.deltas"):
			delete(stored, name)
			p := autograd.NewParam(name, v.Shape...)
			copy(p.Data, v.Data)
			unused = append(unused, p)
		}
	}
	if err := autograd.Assign(m.Params(), stored); err != nil {
		return nil, nil, err
	}
	return m, unused, nil
}
