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
	"github.com/orchid-seq/orchid/experiment"
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
	fresh, err = e.LoadFrom(k)
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
