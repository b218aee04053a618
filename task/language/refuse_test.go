package language_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/tensor"
)

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
		"a file":           {filepath.Join(dir, "config.json"), nil, "config.json: a file: name the folder that it is in"},
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
