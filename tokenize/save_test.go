package tokenize

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/saved.json")

// What Save writes is what testdata/golden.py checked with transformers.
func TestSaved(t *testing.T) {
	dir := t.TempDir()
	tok := small(t, Options{})
	if err := tok.Save(filepath.Join(dir, "new")); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "new", "tokenizer.json"))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/saved.json", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/saved.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("saved (-want +got):\n%.2000s", diff)
	}
	wantFiles(t, filepath.Join(dir, "new"), "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json")
	if err := Bytes().Save(filepath.Join(dir, "bytes")); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, filepath.Join(dir, "bytes"), "tokenizer.json")
}

// wantFiles fails unless a folder holds these files and no others.
func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	if diff := cmp.Diff(want, names); err != nil || diff != "" {
		t.Errorf("%s (-want +got), %v:\n%s", dir, err, diff)
	}
}

// The files beside tokenizer.json say what transformers reads, and so do we beside a
// vocab.txt.
func TestSavedForHub(t *testing.T) {
	dir := t.TempDir()
	o := Options{KeepCase: true, KeepAccents: true, KeepChinese: true}
	if err := small(t, o).Save(dir); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, configName))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"tokenizer_class":"PreTrainedTokenizerFast","do_lower_case":false,"strip_accents":false,"tokenize_chinese_chars":false,"unk_token":"[UNK]","sep_token":"[SEP]","pad_token":"[PAD]","cls_token":"[CLS]","mask_token":"[MASK]"}` + "\n"
	if diff := cmp.Diff(want, string(b)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, err := configured(filepath.Join(dir, configName)); err != nil || got != o {
		t.Errorf("read back as %+v, %v", got, err)
	}
}

// Opening what was saved gives the same tokenizer, for every kind and option.
func TestSaveOpen(t *testing.T) {
	dna, err := Characters("ACGTN", true)
	if err != nil {
		t.Fatal(err)
	}
	hugging, err := Open("testdata/added.json")
	if err != nil {
		t.Fatal(err)
	}
	toks := map[string]*Tokenizer{"bytes": Bytes(), "dna": dna, "hugging": hugging, "long": small(t, Options{MaxWord: 7, Unknown: "hello", Prefix: "un"})}
	for name, o := range settings {
		toks[name] = small(t, o)
	}
	prints := map[string]string{}
	for name, tok := range toks {
		dir := t.TempDir()
		if err := tok.Save(dir); err != nil {
			t.Fatal(err)
		}
		again, err := Open(dir)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all := cmp.AllowUnexported(Tokenizer{}, vocabulary{}, wordPiece{}, trie{}, node{}, byteLevel{}, characters{}, added{})
		if diff := cmp.Diff(tok, again, all); diff != "" {
			t.Errorf("%s: opened again (-want +got):\n%.2000s", name, diff)
		}
		print := tok.Fingerprint()
		if again.Fingerprint() != print || again.Literal().Fingerprint() != tok.Literal().Fingerprint() {
			t.Errorf("%s: another fingerprint after saving", name)
		}
		for _, p := range []string{print, tok.Literal().Fingerprint()} {
			if other, twice := prints[p]; twice || len(p) != 64 {
				t.Errorf("%s and %s: the same fingerprint %s", name, other, p)
			}
			prints[p] = name
		}
	}
}

// A failed Save leaves what was there, and says the file.
func TestSaveFails(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "tokenizer.json"), 0o777); err != nil {
		t.Fatal(err)
	}
	err := Bytes().Save(dir)
	if err == nil {
		t.Fatal("a folder stands where the file goes, and no error")
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%d files, %v: want the folder alone", len(files), err)
	}
}
