package language_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
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
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/tensor"
)

// huggingFace is a small random BERT of the transformers library.
const huggingFace = "../../model/testdata/bert"

// folder makes an untrained model folder.
func folder(t *testing.T, name string, settings ...string) string {
	t.Helper()
	dir := t.TempDir()
	e, err := experiment.New(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Override(settings); err != nil {
		t.Fatal(err)
	}
	k, err := e.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := e.WriteConfig(dir); err != nil {
		t.Fatal(err)
	}
	if f, ok := k.(task.Filer); ok {
		if err := f.WriteFiles(dir); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.WriteModel(dir, k, nil); err != nil {
		t.Fatal(err)
	}
	return dir
}

// ours is the folder of a small masked language model.
func ours(t *testing.T) string {
	return folder(t, "mlm", "data=nowhere", "tokenizer=bytes", "width=16", "depth=2", "filter-width=8", "max-length=32", "length=32", "seed=5")
}

// foreign makes a folder of Hugging Face from stored weights, as change leaves
// them.
func foreign(t *testing.T, change func(w weights)) string {
	t.Helper()
	dir := t.TempDir()
	config, err := os.ReadFile(filepath.Join(huggingFace, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "config.json", config)
	words := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
	for i := len(words); i < 97; i++ {
		words = append(words, fmt.Sprint("w", i))
	}
	put(t, dir, "vocab.txt", []byte(strings.Join(words, "\n")+"\n"))
	w := weights{}
	f, err := safetensors.Open(filepath.Join(huggingFace, "hf.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range f.Names() {
		if w[name], err = f.Float32(name); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(w)
	}
	w.write(t, dir, "F32")
	return dir
}

func put(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// weights are tensors by the names of the transformers library.
type weights map[string]*tensor.Tensor

// write makes model.safetensors, in F32, F16 or BF16. Halves keep seven bits of
// the numbers, so that they are exact.
func (w weights) write(t *testing.T, dir, dtype string) {
	t.Helper()
	header, data := map[string]any{}, []byte(nil)
	for name, x := range w {
		at := len(data)
		for _, v := range x.Data {
			switch bits := math.Float32bits(v); dtype {
			case "F32":
				data = binary.LittleEndian.AppendUint32(data, bits)
			case "BF16":
				data = binary.LittleEndian.AppendUint16(data, uint16(bits>>16))
			case "F16":
				data = binary.LittleEndian.AppendUint16(data, uint16(bits>>31<<15|(bits>>23&0xff-112)<<10|bits>>13&0x3ff))
			}
		}
		header[name] = map[string]any{"dtype": dtype, "shape": x.Shape, "data_offsets": []int{at, len(data)}}
	}
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	put(t, dir, "model.safetensors", slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text, data))
}

// begun builds a task that begins with a folder, and returns its parameters as
// drawn and as loaded.
func begun(t *testing.T, name, from string, settings ...string) (drawn, loaded map[string]*autograd.Param, fresh []string, err error) {
	t.Helper()
	e, err := experiment.Resolve(name, func(e *experiment.Experiment) error {
		return e.Override(append([]string{"data=nowhere", "from=" + from}, settings...))
	})
	if err != nil {
		return nil, nil, nil, err
	}
	if name == "text" {
		if err := e.Override([]string{"classes=no,yes"}); err != nil {
			t.Fatal(err)
		}
	}
	k, err := e.Build(t.Context())
	if err != nil {
		return nil, nil, nil, err
	}
	drawn, loaded = map[string]*autograd.Param{}, map[string]*autograd.Param{}
	for _, p := range k.Params() {
		q := *p
		q.Data = slices.Clone(p.Data)
		drawn[p.Name], loaded[p.Name] = &q, p
	}
	fresh, err = e.LoadFrom(k.Params())
	return drawn, loaded, fresh, err
}

// heads names the parts, before the first dot, of parameters.
func heads(names []string) (parts []string) {
	for _, name := range names {
		part, _, _ := strings.Cut(name, ".")
		parts = append(parts, part)
	}
	slices.Sort(parts)
	return slices.Compact(parts)
}

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

// TestFromRefuses: what training cannot begin with is one line that says why.
func TestFromRefuses(t *testing.T) {
	dir := ours(t)
	few := foreign(t, nil)
	put(t, few, "vocab.txt", []byte("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"))
	shards := foreign(t, nil)
	if err := os.Rename(filepath.Join(shards, "model.safetensors"), filepath.Join(shards, "model.safetensors.index.json")); err != nil {
		t.Fatal(err)
	}
	none := foreign(t, nil)
	if err := os.Remove(filepath.Join(none, "model.safetensors")); err != nil {
		t.Fatal(err)
	}
	silent := foreign(t, nil)
	if err := os.Remove(filepath.Join(silent, "vocab.txt")); err != nil {
		t.Fatal(err)
	}
	roberta := foreign(t, nil)
	put(t, roberta, "config.json", []byte(`{"model_type": "roberta", "hidden_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 80, "vocab_size": 97, "max_position_embeddings": 40}`))
	for what, c := range map[string]struct {
		from     string
		settings []string
		want     string
	}{
		"no folder":        {filepath.Join(dir, "none"), nil, "none: no config.json there: name a folder"},
		"an empty folder":  {t.TempDir(), nil, "no config.json there"},
		"another task":     {folder(t, "recall", "vocabulary=8", "length=12", "width=16", "filter-width=8"), nil, "a model of the task recall, not one of text"},
		"another width":    {dir, []string{"width=32"}, "leave out the settings of the model, such as width and depth, which come from there"},
		"fewer layers":     {dir, []string{"depth=1"}, "blocks.1.mixer.conv1d_short.bias, which is there, has no place in this model, and "},
		"more layers":      {dir, []string{"depth=3"}, "blocks.2."},
		"another mixer":    {dir, []string{"mixer=attention"}, "and "},
		"more types":       {dir, []string{"token-types=3"}, "embeddings.types.weight has the shape [2 16] there, this model wants [3 16]: leave"},
		"other tokenizer":  {dir, []string{"tokenizer=dna"}, "it was made with another tokenizer"},
		"fewer words":      {few, nil, "5 words (5 with pad-vocabulary=1), the model has 97"},
		"no tokenizer":     {silent, nil, "no tokenizer: want a tokenizer.json or a vocab.txt in it"},
		"a decoder apart":  {foreign(t, func(w weights) { w["cls.predictions.decoder.weight"] = tensor.New(97, 48) }), nil, "cls.predictions.decoder.weight differs from bert.embeddings.word_embeddings.weight"},
		"a bias apart":     {foreign(t, func(w weights) { w["cls.predictions.decoder.bias"] = tensor.New(97) }), nil, "cls.predictions.decoder.bias differs from cls.predictions.bias"},
		"several files":    {shards, nil, "model.safetensors.index.json"},
		"no weights":       {none, nil, "no model.safetensors there"},
		"a layer missing":  {foreign(t, func(w weights) { delete(w, "bert.encoder.layer.1.output.dense.weight") }), nil, "blocks.1.mlp.down.weight, which this model has, is not there"},
		"a key missing":    {foreign(t, func(w weights) { delete(w, "bert.encoder.layer.1.attention.self.key.weight") }), nil, "blocks.1.mixer.query.weight, key and value: one is missing"},
		"no BERT":          {roberta, nil, `model_type is "roberta": only bert can be read`},
		"not even weights": {func() string { d := foreign(t, nil); put(t, d, "model.safetensors", []byte("x")); return d }(), nil, "model.safetensors"},
	} {
		t.Run(what, func(t *testing.T) {
			_, _, _, err := begun(t, "text", c.from, c.settings...)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
	e, err := experiment.New("recall")
	if err != nil {
		t.Fatal(err)
	}
	if fresh, err := e.LoadFrom(nil); e.From() != "" || fresh != nil || err != nil {
		t.Errorf("a task without text begins with %q: %v, %v", e.From(), fresh, err)
	}
}
