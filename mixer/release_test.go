package mixer

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/safetensors"
	"github.com/orchid-seq/orchid/tensor"
)

// smallRelease is the metadata of a golden file of four channels.
const smallRelease = `{"d_model": 4, "l_max": 7, "order": 2, "short_filter_order": 3, "filter_order": 8,
"residual_long_conv": "sconv", "num_heads": 1, "emb_dim": 3, "num_inner_mlps": 2, "w": 1, "w_mod": 1,
"modulate": true, "lr_pos_emb": 1e-05, "shift": 0, "fast_decay_pct": 0.3, "slow_decay_pct": 1.5, "target": 0.01,
"filter_bias": true, "transform": {"name": "fft"}, "conv_kernel": {"type": "absfreq", "nn": "convf",
"conv_filter_size": 3, "padding_mode": "zeros", "norm": "layernorm", "n_layer": 1, "activation": "gelu", "bias": true}}`

// writeGolden writes a golden file, less what it would be compared with.
func writeGolden(t *testing.T, path, config string) {
	t.Helper()
	var r releaseConfig
	if err := json.Unmarshal([]byte(smallRelease), &r); err != nil {
		t.Fatal(err)
	}
	c, err := r.config()
	if err != nil {
		t.Fatal(err)
	}
	m := build(t, c, r.Width, r.MaxLength)
	var tensors []safetensors.Named
	for _, p := range m.Params() {
		tensors = append(tensors, safetensors.Named{Name: "param/" + p.Name, Tensor: &p.Tensor})
	}
	for _, name := range []string{"input", "grad_output"} {
		x := tensor.From(numtest.Normal(1, 2*5*4), 2, 5, 4)
		tensors = append(tensors, safetensors.Named{Name: name, Tensor: x})
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := safetensors.Write(f, tensors, map[string]string{"config": config}); err != nil {
		t.Fatal(err)
	}
}

// TestAlteredMetadata changes each entry of a golden file's configuration: the
// file may be refused or not, but nothing panics and little is allocated. Sizes
// must be the file's own.
func TestAlteredMetadata(t *testing.T) {
	path := filepath.Join(t.TempDir(), "golden.safetensors")
	writeGolden(t, path, smallRelease)
	if _, err := LoadRelease(path, nil); err != nil {
		t.Fatal(err)
	}
	sizes := []string{"d_model", "l_max", "order", "short_filter_order", "filter_order", "emb_dim", "num_inner_mlps", "conv_filter_size", "n_layer"}
	huge := []string{"-1", "0", "12", "5000", "65535", "4294967297", "9223372036854775807", "-9223372036854775808"}
	other := []string{"1e308", "1e39", "1e-310", "1e999", "NaN", "Infinity", `"bogus"`, `"NaN"`, "null", "true", "[]", "{}"}
	check := func(object map[string]json.RawMessage, whole func() any, key string) {
		old := object[key]
		defer func() { object[key] = old }()
		for _, value := range slices.Concat(huge, other) {
			object[key] = json.RawMessage(strings.Repeat("7", 9)) // a number to find in the text
			text, err := json.Marshal(whole())
			if err != nil {
				t.Fatal(err)
			}
			// As text, for NaN cannot be marshalled.
			writeGolden(t, path, strings.Replace(string(text), strings.Repeat("7", 9), value, 1))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err = LoadRelease(path, nil)
			if err == nil {
				_, err = Verify(path, "")
			}
			runtime.ReadMemStats(&after)
			if err == nil && slices.Contains(sizes, key) || err != nil && !strings.Contains(err.Error(), path) {
				t.Errorf("%s=%s: error %v", key, value, err)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 8<<20 {
				t.Errorf("%s=%s: %d bytes allocated", key, value, n)
			}
		}
	}
	var config map[string]json.RawMessage
	if err := json.Unmarshal([]byte(smallRelease), &config); err != nil {
		t.Fatal(err)
	}
	for _, key := range slices.Sorted(maps.Keys(config)) {
		check(config, func() any { return config }, key)
		var inner map[string]json.RawMessage
		if json.Unmarshal(config[key], &inner) != nil {
			continue
		}
		for _, k := range slices.Sorted(maps.Keys(inner)) {
			check(inner, func() any {
				all := map[string]any{key: inner}
				for k, v := range config {
					if k != key {
						all[k] = v
					}
				}
				return all
			}, k)
		}
	}
}

// TestSize holds the counted numbers to those that are made.
func TestSize(t *testing.T) {
	list := operators()
	for _, c := range options {
		if c.Mixer == "orchid" {
			list = append(list, c, func() Config { c.ConditionerLayers, c.ConditionerActivation = 3, "ln"; return c }())
		}
	}
	for _, c := range list {
		const D, L = 8, 20
		want := 0
		for _, p := range build(t, c, D, L).Params() {
			want += len(p.Data)
		}
		if got := c.size(D, L); got != float64(want) {
			t.Errorf("%+v: counted %v, made %d", c, got, want)
		}
	}
}
