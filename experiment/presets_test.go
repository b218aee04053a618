package experiment

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/model"
)

// presetSizes are those of docs/language.md, with the 30,522 words of BERT.
var presetSizes = map[string]int{
	"orchid-bert-mini": 10_020_928, "m2-bert-mini": 10_209_344, "bert-mini": 11_104_832,
	"orchid-bert-base": 77_207_616, "orchid-bert-large": 253_825_344,
	"m2-bert-base": 80_267_328, "m2-bert-large": 259_133_760,
	"bert-base": 109_514_298, "bert-large": 335_174_458,
}

// TestPresetSizes: every preset of mlm has the number of parameters that the
// documentation gives. The weights of small ones are drawn, those of large ones
// only counted.
func TestPresetSizes(t *testing.T) {
	words := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
	for i := len(words); i < 30522; i++ {
		words = append(words, fmt.Sprint("w", i))
	}
	vocabulary := filepath.Join(t.TempDir(), "vocab.txt")
	if err := os.WriteFile(vocabulary, []byte(strings.Join(words, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	e, err := New("mlm")
	if err != nil {
		t.Fatal(err)
	}
	names := e.Presets()
	for name := range presetSizes {
		if !slices.Contains(names, name) {
			t.Errorf("no preset %s", name)
		}
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			e, err := Resolve("mlm", func(e *Experiment) error {
				if err := e.Preset(name); err != nil {
					return err
				}
				return e.Override([]string{"data=nowhere", "tokenizer=" + vocabulary})
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Validate(); err != nil {
				t.Fatal(err)
			}
			var n int
			if strings.HasSuffix(name, "-mini") {
				k, err := e.Build(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				n = autograd.Count(k.Params())
			} else {
				if _, err := e.language.OpenTokenizer(""); err != nil {
					t.Fatal(err)
				}
				if n, err = model.Count(e.language.Model); err != nil {
					t.Fatal(err)
				}
			}
			if want, ok := presetSizes[name]; !ok || n != want {
				t.Errorf("%d parameters, want %d", n, want)
			}
		})
	}
}
