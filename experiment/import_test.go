package experiment_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/safetensors"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
	"github.com/orchid-seq/orchid/task/text"
	"github.com/orchid-seq/orchid/tensor"
)

// bert is the folder of a small random BERT and of what transformers computes.
const bert = "../model/testdata/bert"

// huggingFace makes a folder of transformers from stored weights and a
// configuration, as change leaves it.
func huggingFace(t *testing.T, weights, config string, change ...string) string {
	t.Helper()
	dir := t.TempDir()
	b, err := os.ReadFile(filepath.Join(bert, config))
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "config.json", strings.NewReplacer(change...).Replace(string(b)))
	words := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
	for i := len(words); i < 97; i++ {
		words = append(words, fmt.Sprint("w", i))
	}
	put(t, dir, "vocab.txt", strings.Join(words, "\n")+"\n")
	if b, err = os.ReadFile(filepath.Join(bert, weights)); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "model.safetensors", string(b))
	return dir
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// imported writes and opens again what Import makes of a path.
func imported(t *testing.T, path string, settings ...string) (*experiment.Experiment, task.Task) {
	t.Helper()
	e, k, fresh, err := experiment.Import(t.Context(), path, settings)
	if err != nil || len(fresh) > 0 {
		t.Fatalf("drawn anew: %v, %v", fresh, err)
	}
	dir := t.TempDir()
	if f, ok := k.(task.Filer); ok {
		err = f.WriteFiles(dir)
	}
	if err := errors.Join(err, e.WriteConfig(dir), e.WriteModel(dir, k, nil), experiment.CheckFolder(dir)); err != nil {
		t.Fatal(err)
	}
	if e, err = experiment.ReadConfig(dir); err != nil {
		t.Fatal(err)
	}
	if k, err = e.ReadModel(t.Context(), dir); err == nil {
		err = experiment.CheckModel(dir, k)
	}
	if err != nil {
		t.Fatal(err)
	}
	return e, k
}

// stored is what transformers has computed.
func stored(t *testing.T, name string) *tensor.Tensor {
	t.Helper()
	f, err := safetensors.Open(filepath.Join(bert, "golden.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x, err := f.Float32(name)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// storedBatch is the sequences that it was given.
func storedBatch(t *testing.T) (b language.Batch) {
	t.Helper()
	f, err := safetensors.Open(filepath.Join(bert, "golden.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ints := func(name string) (list []int) {
		x, err := f.Int64(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range x {
			list = append(list, int(v))
		}
		return list
	}
	return language.Batch{Words: ints("ids"), Types: ints("token_types"), Seq: ints("offsets")}
}

// TestImportBERT: imported models compute what transformers has computed.
func TestImportBERT(t *testing.T) {
	b := storedBatch(t)
	e, k := imported(t, huggingFace(t, "hf.safetensors", "config.json"), "license=mit")
	if e.Name != "mlm" || e.Setting("license") != "mit" || e.Setting("length") != "40" {
		t.Errorf("%s, license=%s, length=%s", e.Name, e.Setting("license"), e.Setting("length"))
	}
	tape := autograd.Tape{NoGrad: true}
	hidden := k.(language.Embedder).Hidden(&tape, b)
	numtest.Close(t, "last layer", hidden.Data, stored(t, "float64/layer/2").Data, 1e-5)

	e, k = imported(t, huggingFace(t, "hf_classifier.safetensors", "config_classifier.json"))
	if want := []string{"LABEL_0", "LABEL_1", "LABEL_2"}; e.Name != "text" || !slices.Equal(e.Classes(), want) {
		t.Errorf("%s of %v, want classes %v", e.Name, e.Classes(), want)
	}
	logits := stored(t, "float64/classifier")
	for i, p := range k.(*text.Task).Classify(&tape, b) {
		sum := 0.0
		for _, v := range logits.Row(i) {
			sum += math.Exp(float64(v))
		}
		for j, class := range e.Classes() {
			// A logit off by 1e-5 changes a probability by as much at most.
			if want := math.Exp(float64(logits.Row(i)[j])) / sum; !(math.Abs(p.Probabilities[class]-want) <= 1e-5) {
				t.Errorf("sequence %d: %s %v, want %v", i, class, p.Probabilities[class], want)
			}
		}
	}
}

// TestImportHeads: kinds of labels, and a BERT without the head for hidden words.
func TestImportHeads(t *testing.T) {
	dir := huggingFace(t, "hf_classifier.safetensors", "config_classifier.json", `"LABEL_1"`, `"a, \"b\""`, `"architectures": [`, `"problem_type": "multi_label_classification", "architectures": [`)
	e, _ := imported(t, dir)
	if want := []string{"LABEL_0", `a, "b"`, "LABEL_2"}; e.Setting("labels") != string(task.Multi) || !slices.Equal(e.Classes(), want) {
		t.Errorf("labels=%s, classes %q", e.Setting("labels"), e.Classes())
	}
	dir = huggingFace(t, "hf_classifier.safetensors", "config_classifier.json", "BertForSequenceClassification", "BertModel")
	e, _, fresh, err := experiment.Import(t.Context(), dir, nil)
	if err != nil || e.Name != "mlm" || len(fresh) == 0 {
		t.Fatalf("drawn anew: %v, %v", fresh, err)
	}
	for _, name := range fresh {
		if !strings.HasPrefix(name, "masked.") {
			t.Errorf("%s was drawn anew", name)
		}
	}
}

// TestImportLayer: golden files of the authors' layer become folders that pass their
// own self-test, with the input and the output of the authors.
func TestImportLayer(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(numtest.Shared(t, "golden"), "*.safetensors"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for i, file := range files {
		if testing.Short() && i%8 != 0 {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			e, k := imported(t, file)
			if e.Name != "layer" {
				t.Error(e.Name)
			}
			if _, err := k.Evaluate(t.Context(), "test", nil); err == nil || !strings.Contains(err.Error(), "a layer alone has no data") {
				t.Errorf("%v", err)
			}
		})
	}
	if _, _, _, err := experiment.Import(t.Context(), files[0], []string{"transform=dct"}); err == nil || !strings.Contains(err.Error(), "says itself how its layer is made: leave out transform=dct") {
		t.Errorf("%v", err)
	}
}

// TestBadImports: what cannot be imported says why, in a line.
func TestBadImports(t *testing.T) {
	ours := t.TempDir()
	e, err := experiment.New("recall")
	if err == nil {
		err = e.WriteConfig(ours)
	}
	if err != nil {
		t.Fatal(err)
	}
	pickle := filepath.Join(t.TempDir(), "layer.pt")
	put(t, filepath.Dir(pickle), "layer.pt", "PK\x03\x04 not a safetensors file, but long enough")
	for path, says := range map[string]string{
		"nowhere":   "nowhere",
		t.TempDir(): "no config.json there: name the folder of a BERT",
		ours:        "a model folder of Orchid, ready to be used",
		pickle:      "safetensors.torch.save_file",
		huggingFace(t, "hf.safetensors", "config.json", "BertForMaskedLM", "BertForTokenClassification"):          "config.json: architectures: BertForTokenClassification",
		huggingFace(t, "hf.safetensors", "config.json", "BertForMaskedLM", "BertForSequenceClassification"):       "no pooler.dense.weight, pooler.dense.bias, classifier.weight, classifier.bias among the weights",
		huggingFace(t, "hf.safetensors", "config.json", `"hidden_act": "gelu"`, `"hidden_act": "relu"`):           `hidden_act is "relu": only gelu can be read`,
		huggingFace(t, "hf.safetensors", "config.json", `"num_hidden_layers": 3`, `"num_hidden_layers": 4`):       "blocks.3.",
		huggingFace(t, "hf_classifier.safetensors", "config_classifier.json", `"1": "LABEL_1"`, `"4": "LABEL_1"`): "id2label: no label 1 among 3",
	} {
		if _, _, _, err := experiment.Import(t.Context(), path, nil); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", path, err, says)
		}
	}
}
