package export

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/checkpoint"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/safetensors"
	"github.com/orchid-seq/orchid/tensor"
	"github.com/orchid-seq/orchid/tokenize"
)

// folders is where TestPyTorch leaves what it exports, for parity.py to compare.
var folders = flag.String("folders", "", "keep the exported folders here")

// golden is what PyTorch computed; make parity renews it.
const golden = "testdata/golden.safetensors"

// tolerance bounds the difference of our float32 from PyTorch's float64, relative to
// the largest output. A unit of rounding is 6e-8. Sums of up to 50 products grow it
// like a random walk, some seven times; what multiplies it is the three sines of a
// filter, whose arguments the frequency of 3 or 10 scales, by some twenty times.
const tolerance = 1e-5

// sentences are encoded on both sides.
var sentences = []string{"the cats, sitting on [MASK].", "ACGTacgtNX é", ""}

// TestPyTorch exports every trial and compares what it computes here with what
// PyTorch has computed from the exported folders.
func TestPyTorch(t *testing.T) {
	if *folders == "" {
		if _, err := os.Stat(golden); err != nil {
			t.Fatal(err)
		}
	}
	stored := map[string][]float32{}
	if f, err := safetensors.Open(golden); err == nil {
		for _, name := range f.Names() {
			x, err := f.Float32(name)
			if err != nil {
				t.Fatal(err)
			}
			stored[name] = x.Data
		}
		f.Close()
	}
	compared := 0
	for _, c := range trials() {
		t.Run(c.name, func(t *testing.T) {
			dir, out := filepath.Join(t.TempDir(), c.name), filepath.Join(t.TempDir(), c.name)
			if *folders != "" {
				out = filepath.Join(*folders, c.name)
			}
			k := c.make(t, dir)
			if err := PyTorch(t.Context(), dir, out); err != nil {
				t.Fatal(err)
			}
			var all []*autograd.Param
			for i, in := range c.inputs(t, k) {
				y, err := k.Predict(in)
				if err != nil {
					t.Fatal(err)
				}
				for name, x := range in {
					all = append(all, &autograd.Param{Name: fmt.Sprintf("%d/%s", i, name), Tensor: *x})
				}
				all = append(all, &autograd.Param{Name: fmt.Sprintf("%d/output", i), Tensor: *y})
				if *folders == "" {
					numtest.Close(t, fmt.Sprintf("input %d (weights drawn otherwise? make parity renews %s)", i, golden), y.Data, stored[fmt.Sprintf("%s/%d", c.name, i)], tolerance)
					compared++
					if y.Rows() > 1 && !varies(y) {
						t.Errorf("input %d: nearly the same for other sequences: %v", i, y.Data)
					}
				}
			}
			if *folders == "" {
				return
			}
			metadata := map[string]string{}
			if file := filepath.Join(out, "tokenizer.json"); exists(file) {
				words, err := tokenize.Open(file)
				if err != nil {
					t.Fatal(err)
				}
				for i, s := range sentences {
					e, err := words.Encode(tokenize.Layout{}, s)
					if err != nil {
						t.Fatal(err)
					}
					metadata[fmt.Sprint("text/", i)], metadata[fmt.Sprint("ids/", i)] = s, fmt.Sprint(e.IDs)
				}
			}
			if err := checkpoint.Save(filepath.Join(out, "parity.safetensors"), all, metadata); err != nil {
				t.Fatal(err)
			}
		})
	}
	if *folders == "" && compared != len(stored) {
		t.Errorf("%d outputs compared, %s holds %d", compared, golden, len(stored))
	}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// varies says whether the rows differ by so much that the tolerance sees what makes
// them differ.
func varies(y *tensor.Tensor) bool {
	most, apart := 0.0, 0.0
	for i, v := range y.Data {
		most = max(most, math.Abs(float64(v)))
		apart = max(apart, math.Abs(float64(v-y.Data[i%y.Cols()])))
	}
	return apart > 0.005*most
}

// TestExported: an exported folder is one of ours, with all that it says, and a folder
// that is not empty is left alone.
func TestExported(t *testing.T) {
	c := trial{"text", "text", text + "tokenizer=dna classes=coding,other reverse-complement=mean", nil}
	dir, out := t.TempDir(), t.TempDir()
	c.make(t, dir)
	if err := PyTorch(t.Context(), dir, out); err != nil {
		t.Fatal(err)
	}
	if err := experiment.CheckFolder(out); err != nil {
		t.Error(err)
	}
	e, err := experiment.ReadConfig(out)
	if err != nil {
		t.Fatal(err)
	}
	k, err := e.ReadModel(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	if err := experiment.CheckModel(out, k); err != nil {
		t.Error(err)
	}
	config, err := os.ReadFile(filepath.Join(out, experiment.ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"model_type": "orchid"`, `"architectures": ["OrchidForSequenceClassification"]`, `"hidden_size": 12`, `"num_hidden_layers": 2`, `"vocab_size": 64`, `"max_position_embeddings": 32`,
		`"id2label": {"0":"coding","1":"other"}`, `"label2id": {"coding":0,"other":1}`, `"mask_token_id": 4`, `"complements": [0,1,2,3,4,8,7,6,5,9]`,
	} {
		if !strings.Contains(string(config), want) {
			t.Errorf("config.json has no %s:\n%s", want, config)
		}
	}
	for _, name := range []string{ModelingFile, ExampleFile, experiment.CardFile, "tokenizer.json"} {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			t.Error(err)
		}
	}
	if err := PyTorch(t.Context(), dir, out); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("a folder was written over: %v", err)
	}
	if err := PyTorch(t.Context(), t.TempDir(), filepath.Join(out, "x")); err == nil || !strings.Contains(err.Error(), "is not a model folder") {
		t.Errorf("an empty folder was exported: %v", err)
	}
}

// training are settings that PyTorch need not know: those of data and training, and
// those that the tensors themselves tell.
var training = strings.Fields(`
	accumulate augment bad-files bad-lines baseline batch batch-tokens beta1 beta2 cache channel-names channels checkpoint-every
	clip conditioner-decay conditioner-lr crop cutmix data decay dropout drop-path ema epochs eps erasing eval-data eval-every eval-limit
	eval-mask eval-split examples expand filter-decay filter-lr final-lr flip form from gain gap height hide holdout holdout-by init inner
	label-smoothing labels length lengths log-every lr mask max-length mixup mlp-blocks name noise objective pad-vocabulary pairs picture-size
	document format header label-column layout missing pair-column quotes separator split text-column words
	picture-width position-lr randaugment randaugment-prob recompute recordings sample-rate scale-crop schedule seed speed steps test-data
	tests time-shift tokenizer token-types train-length truncate vocabulary warmup whole-words width classes license`)

// shapes are settings of the model that its tensors tell.
var shapes = strings.Fields(`
	conditioner-bias conditioner-taps filter-decay-target filter-fast-decay filter-features filter-frequency filter-inner filter-linear filter-modulate
	filters filter-positions filter-slow-decay filter-train-decay filter-width input-norm ngram-buckets short-taps`)

// TestEverySetting: each setting is one that the Python file reads, or on a list of those
// that it need not. A new one, which it does not know, fails here.
func TestEverySetting(t *testing.T) {
	source, err := python.ReadFile(ModelingFile)
	if err != nil {
		t.Fatal(err)
	}
	missing := map[string]bool{}
	for _, name := range experiment.Names() {
		e, err := experiment.New(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range e.List() {
			used := strings.Contains(string(source), "c."+strings.ReplaceAll(s.Key, "-", "_"))
			if !used && !slices.Contains(training, s.Key) && !slices.Contains(shapes, s.Key) {
				missing[s.Key] = true
			}
		}
	}
	if len(missing) > 0 {
		t.Errorf("%s does not read: %v", ModelingFile, slices.Sorted(maps.Keys(missing)))
	}
}
