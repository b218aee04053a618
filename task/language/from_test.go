package language_test

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/checkpoint"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/tensor"
)

// TestFromOurs: a classifier takes all of a masked language model but its head.
func TestFromOurs(t *testing.T) {
	dir := ours(t)
	stored, _, err := checkpoint.Read(filepath.Join(dir, experiment.ModelFile))
	if err != nil {
		t.Fatal(err)
	}
	_, loaded, fresh, err := begun(t, "text", dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := heads(fresh); !slices.Equal(got, []string{"classifier", "pooler"}) {
		t.Errorf("drawn anew: %v", got)
	}
	n := 0
	for name, w := range stored {
		if strings.HasPrefix(name, "masked.") {
			continue
		}
		n++
		if p := loaded[name]; p == nil {
			t.Errorf("no %s in the classifier", name)
		} else {
			numtest.BitEqual(t, name, p.Data, w.Data)
		}
	}
	if n+len(fresh) != len(loaded) || n < 20 {
		t.Errorf("%d tensors taken, %d drawn anew, of %d", n, len(fresh), len(loaded))
	}
	// On to another masked language model goes the head too.
	if _, loaded, fresh, err = begun(t, "mlm", dir, "length=16"); err != nil || len(fresh) > 0 {
		t.Errorf("drawn anew: %v, %v", fresh, err)
	}
	numtest.BitEqual(t, "masked.bias", loaded["masked.bias"].Data, stored["masked.bias"].Data)
}

// TestFromRegression: mean and deviation of values stay those of the new data.
func TestFromRegression(t *testing.T) {
	dir := folder(t, "text", "data=nowhere", "labels=number", "tokenizer=bytes", "width=16", "depth=1", "filter-width=8", "seed=5")
	e, err := experiment.ReadConfig(dir)
	if err != nil {
		t.Fatal(err)
	}
	k, err := e.ReadModel(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range k.Params() {
		if strings.HasPrefix(p.Name, "values.") {
			p.Data[0] = 7
		}
	}
	if err := e.WriteModel(dir, k, nil); err != nil {
		t.Fatal(err)
	}
	drawn, loaded, fresh, err := begun(t, "text", dir, "labels=number")
	if err != nil || len(fresh) > 0 {
		t.Fatalf("drawn anew: %v, %v", fresh, err)
	}
	for _, name := range []string{"values.mean", "values.deviation"} {
		numtest.BitEqual(t, name, loaded[name].Data, drawn[name].Data)
	}
	if slices.Equal(loaded["classifier.weight"].Data, drawn["classifier.weight"].Data) {
		t.Error("the head was not loaded")
	}
}

// TestOtherLength: learned positions repeat, and what static kernels are made
// from is that of the new length.
func TestOtherLength(t *testing.T) {
	dir := ours(t)
	stored, _, err := checkpoint.Read(filepath.Join(dir, experiment.ModelFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, length := range []int{80, 32, 20} {
		drawn, loaded, _, err := begun(t, "text", dir, fmt.Sprint("max-length=", length))
		if err != nil {
			t.Fatal(err)
		}
		positions, kernels := loaded["embeddings.positions.weight"], 0
		for i := range length {
			numtest.BitEqual(t, fmt.Sprint("position ", i), positions.Row(i), stored[positions.Name].Row(i%32))
		}
		for name, p := range loaded {
			if strings.Contains(name, ".pos_emb.") {
				kernels++
				numtest.BitEqual(t, name, p.Data, drawn[name].Data)
			} else if strings.HasPrefix(name, "blocks.") {
				numtest.BitEqual(t, name, p.Data, stored[name].Data)
			}
		}
		if kernels == 0 {
			t.Error("no features of positions were found")
		}
	}
}

// TestFromHuggingFace: names of all times, with and without "bert.", in halves.
func TestFromHuggingFace(t *testing.T) {
	_, want, fresh, err := begun(t, "mlm", foreign(t, nil), "length=40")
	if err != nil || len(fresh) > 0 {
		t.Fatalf("drawn anew: %v, %v", fresh, err)
	}
	rename := func(w weights, f func(name string) string) {
		all := weights{}
		for name, x := range w {
			all[f(name)] = x
		}
		clear(w)
		for name, x := range all {
			w[name] = x
		}
	}
	for what, change := range map[string]func(w weights){
		"no prefix": func(w weights) {
			rename(w, func(name string) string { return strings.TrimPrefix(name, "bert.") })
		},
		"gamma and beta": func(w weights) {
			rename(w, strings.NewReplacer("LayerNorm.weight", "LayerNorm.gamma", "LayerNorm.bias", "LayerNorm.beta").Replace)
		},
		"a decoder that is the embedding": func(w weights) {
			w["cls.predictions.decoder.weight"] = w["bert.embeddings.word_embeddings.weight"]
			w["cls.predictions.decoder.bias"] = w["cls.predictions.bias"]
		},
		"the bias in the decoder alone": func(w weights) {
			w["cls.predictions.decoder.bias"] = w["cls.predictions.bias"]
			delete(w, "cls.predictions.bias")
		},
		"what no model takes": func(w weights) {
			w["bert.embeddings.position_ids"] = tensor.New(1, 40)
			w["cls.seq_relationship.weight"] = tensor.New(2, 48)
		},
	} {
		t.Run(what, func(t *testing.T) {
			_, loaded, fresh, err := begun(t, "mlm", foreign(t, change), "length=40")
			if err != nil || len(fresh) > 0 {
				t.Fatalf("drawn anew: %v, %v", fresh, err)
			}
			for name, p := range loaded {
				numtest.BitEqual(t, name, p.Data, want[name].Data)
			}
		})
	}

	// The classifier has a pooler, which a masked language model has not.
	_, loaded, fresh, err := begun(t, "text", foreign(t, func(w weights) {
		w["bert.pooler.dense.weight"], w["bert.pooler.dense.bias"] = tensor.New(48, 48), tensor.New(48)
		w["bert.pooler.dense.bias"].Data[7] = 3
	}))
	if err != nil || !slices.Equal(heads(fresh), []string{"classifier"}) || loaded["pooler.dense.bias"].Data[7] != 3 {
		t.Errorf("drawn anew: %v, %v", fresh, err)
	}

	for _, dtype := range []string{"F16", "BF16"} {
		var w weights
		dir := foreign(t, func(all weights) {
			w = all
			for _, x := range w {
				for i, v := range x.Data { // seven bits, in the range of both
					x.Data[i] = math.Float32frombits(math.Float32bits(v+float32(math.Copysign(0.001, float64(v)))) &^ 0xffff)
				}
			}
		})
		_, exact, _, err := begun(t, "mlm", dir, "length=40")
		if err != nil {
			t.Fatal(err)
		}
		w.write(t, dir, dtype)
		_, loaded, fresh, err := begun(t, "mlm", dir, "length=40")
		if err != nil || len(fresh) > 0 {
			t.Fatalf("%s: drawn anew: %v, %v", dtype, fresh, err)
		}
		for name, p := range loaded {
			numtest.BitEqual(t, dtype+" "+name, p.Data, exact[name].Data)
		}
	}
}
