package model

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/safetensors"
	"github.com/orchid-seq/orchid/tensor"
)

// huggingFace is the folder of a small random BERT and of what transformers
// computes with it; its README says how they were made.
const huggingFace = "testdata/bert"

// file is a safetensors file, read as a test wants it.
type file struct {
	*safetensors.File
	t *testing.T
}

func openFile(t *testing.T, name string) file {
	f, err := safetensors.Open(filepath.Join(huggingFace, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return file{f, t}
}

func (f file) float32(name string) *tensor.Tensor {
	x, err := f.Float32(name)
	if err != nil {
		f.t.Fatal(err)
	}
	return x
}

func (f file) ints(name string) []int {
	x, err := f.Int64(name)
	if err != nil {
		f.t.Fatal(err)
	}
	list := make([]int, len(x))
	for i, v := range x {
		list[i] = int(v)
	}
	return list
}

// load assigns weights of transformers to parameters, which must take all of
// them.
func load(t *testing.T, name string, params []*autograd.Param, skip ...string) {
	f, all := openFile(t, name), map[string]*tensor.Tensor{}
	for _, n := range f.Names() {
		if !SkipsHuggingFace(n) && !slices.ContainsFunc(skip, func(p string) bool { return strings.HasPrefix(n, p) }) {
			all[n] = f.float32(n)
		}
	}
	tensors, err := FromHuggingFace(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range params { // the pooler stands under its own name there
		if w, ok := tensors[p.Name]; ok && tensor.Size(w.Shape) == len(p.Data) {
			w.Shape = p.Shape
		}
	}
	if err := autograd.Assign(params, tensors); err != nil {
		t.Fatal(err)
	}
}

// gradient finds that of a parameter by transformers' name for it.
func gradient(params []*autograd.Param, name string) (grad []float32, found bool) {
	for i, r := range renames {
		name = renamed[i].ReplaceAllString(name, r.to)
	}
	part, parts := 0, 1
	for i, which := range []string{".query.", ".key.", ".value."} {
		if strings.Contains(name, which) {
			name, part, parts = strings.Replace(name, which, ".in_linear.", 1), i, 3
		}
	}
	for _, p := range params {
		if p.Name == name {
			n := len(p.Grad) / parts
			return p.Grad[part*n : (part+1)*n], true
		}
	}
	return nil, false
}

// TestHuggingFace: hidden states, logits and gradients of a BERT are those of
// the transformers library in float64 to 1e-5 of the largest; its own float32
// comes to 3e-6.
func TestHuggingFace(t *testing.T) {
	const tolerance = 1e-5
	text, err := os.ReadFile(filepath.Join(huggingFace, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := HuggingFaceConfig(text)
	if err != nil {
		t.Fatal(err)
	}
	golden := openFile(t, "golden.safetensors")
	ids, types, seq := golden.ints("ids"), golden.ints("token_types"), tensor.Offsets(golden.ints("offsets"))
	compare := func(what string, got []float32, name string) {
		t.Helper()
		numtest.Close(t, what, got, golden.float32(name).Data, tolerance)
	}
	gradients := func(params []*autograd.Param, prefix string) {
		t.Helper()
		for _, n := range golden.Names() {
			name, ok := strings.CutPrefix(n, prefix)
			if !ok || strings.HasSuffix(name, "key.bias") { // 0 but for rounding: softmax does not see it
				continue
			}
			got, found := gradient(params, name)
			if !found {
				t.Errorf("no parameter for %s", name)
				continue
			}
			compare(name, got, n)
		}
	}

	m, err := NewMaskedLM(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	load(t, "hf.safetensors", m.Params())
	var tape autograd.Tape
	compare("embeddings", m.embed(&tape, ids, types, seq).Data, "float64/embeddings")
	x := m.embed(&tape, ids, types, seq)
	for i, b := range m.Encoder.Blocks {
		x = b.Forward(&tape, x, seq)
		compare(fmt.Sprint("block ", i), x.Data, fmt.Sprint("float64/layer/", i))
	}
	logits := m.Logits(&tape, x)
	compare("logits", logits.Data, "float64/logits")
	tape.Backward(logits, golden.float32("grad_output/logits").Data, 1)
	gradients(m.Params(), "float64/grad/logits/")

	classifier, err := NewTextClassifier(c, PoolConfig{Pool: autograd.FirstPool, Pooler: true}, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	load(t, "hf_classifier.safetensors", classifier.Params())
	tape.Reset()
	x = classifier.Forward(&tape, ids, types, seq)
	compare("pooled", classifier.Pooled(&tape, x, seq).Data, "float64/pooled")
	logits = classifier.Classify(&tape, x, seq)
	compare("classes", logits.Data, "float64/classifier")
	tape.Backward(logits, golden.float32("grad_output/classifier").Data, 1)
	gradients(classifier.Params(), "float64/grad/classifier/")
}
