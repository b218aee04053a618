package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/config"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/numtest"
)

// TestExport exports a trained model; the folder is one of ours, and no other is
// written over.
func TestExport(t *testing.T) {
	dir := trained(t)
	temp := t.TempDir()
	_, stderr, code := call(t, temp, "export", dir, "--pytorch", "out")
	if code != 0 || !strings.Contains(stderr, "python out/modeling_orchid.py") {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if stdout, stderr, code := call(t, temp, "verify", "out"); code != 0 || !strings.Contains(stdout, "1 of 1 passed") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	if _, stderr, code := call(t, temp, "export", dir, "--pytorch", "out"); code != exitFailure || !strings.Contains(stderr, "out exists and is not empty") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if _, stderr, code := call(t, temp, "export", dir); code != exitUsage || !strings.Contains(stderr, "--pytorch OUT") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// TestVerifyDamage: verify finds a changed file before it computes anything.
func TestVerifyDamage(t *testing.T) {
	temp := t.TempDir()
	if _, stderr, code := call(t, temp, "export", trained(t), "--pytorch", "out"); code != 0 {
		t.Fatal(stderr)
	}
	path := filepath.Join(temp, "out", experiment.ConfigFile)
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append(text, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := call(t, temp, "verify", "out")
	if code != exitFailure || !strings.Contains(stderr, "config.json: its SHA-256 is") || !strings.Contains(stdout, "0 of 1 passed") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

// TestImport imports a BERT and a layer, and says what they are.
func TestImport(t *testing.T) {
	temp := t.TempDir()
	const bert = "../../model/testdata/bert/"
	for to, from := range map[string]string{"config.json": bert + "config.json", "model.safetensors": bert + "hf.safetensors"} {
		b, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(filepath.Join(temp, to), b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	words := "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nold\nriver\n"
	for r := 'A'; len(strings.Fields(words)) < 97; r++ {
		words += "##" + string(r) + "\n"
	}
	if err := os.WriteFile(filepath.Join(temp, "vocab.txt"), []byte(words), 0o644); err != nil {
		t.Fatal(err)
	}
	_, stderr, code := call(t, temp, "import", ".", "--out", "bert", "license=apache-2.0")
	if code != 0 || !strings.Contains(stderr, "attention (4 heads), 3 layers, width 48") || !strings.Contains(stderr, "orchid verify bert") {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	card, err := os.ReadFile(filepath.Join(temp, "bert", experiment.CardFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"---\nlicense: apache-2.0\nlibrary_name: orchid\npipeline_tag: fill-mask\n", "# bert\n", "- imported from: `.`", "at most 40 tokens", "\napache-2.0.\n", "orchid fill-mask DIR"} {
		if !strings.Contains(string(card), want) {
			t.Errorf("the card has no %q:\n%s", want, card)
		}
	}
	front := strings.Split(string(card), "---\n")[1]
	if got, err := config.Lookup("card", []byte(front), "pipeline_tag"); err != nil || got != "fill-mask" {
		t.Errorf("the front matter is no YAML: %q, %v:\n%s", got, err, front)
	}
	stdout, stderr, code := call(t, temp, "fill-mask", "bert", "[MASK]")
	if code != 0 || stdout == "" {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	if _, stderr, code := call(t, temp, "eval", "bert"); code != exitUsage || !strings.Contains(stderr, "bert was imported") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if err := os.WriteFile(filepath.Join(temp, "own.txt"), []byte(strings.Repeat("old river old\n", 20)), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, data := range [][]string{{"--data", "own.txt"}, {"data=own.txt"}, {"eval-data=own.txt"}} {
		if stdout, stderr, code := call(t, temp, append([]string{"eval", "bert"}, data...)...); code != 0 || !strings.Contains(stdout, "loss") {
			t.Errorf("%s: exit %d: %s%s", data, code, stdout, stderr)
		}
	}
	if _, stderr, code := call(t, temp, "train", "mlm", "--out", "bert", "--resume"); code != exitUsage || !strings.Contains(stderr, "bert was imported: there is no training to go on with") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	for _, wrong := range []string{"batch=0", "data=x", "from=y", "width=7"} {
		if _, stderr, code := call(t, temp, "import", ".", "--out", "x", wrong); code != exitUsage || stderr == "" {
			t.Errorf("import %s: exit %d: %s", wrong, code, stderr)
		}
	}
	if _, stderr, code := call(t, temp, "import", ".", "--out", "bert"); code != exitFailure || !strings.Contains(stderr, "bert exists and is not empty") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if _, stderr, code := call(t, temp, "import", ".", "--out", "x", "lisense=mit"); code != exitUsage || !strings.Contains(stderr, `did you mean "license"?`) {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// TestImportedLayer verifies, inspects and exports a layer of the authors.
func TestImportedLayer(t *testing.T) {
	golden, err := filepath.Abs(filepath.Join(numtest.Shared(t, "golden"), "absfreq-convtf-fft-L128-d8.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	for _, args := range [][]string{{"import", golden, "--out", "layer"}, {"verify", "layer"}, {"inspect", "layer"}, {"export", "layer", "--pytorch", "out"}} {
		if stdout, stderr, code := call(t, temp, args...); code != 0 {
			t.Fatalf("%v: exit %d: %s%s", args, code, stdout, stderr)
		}
	}
	if _, stderr, code := call(t, temp, "eval", "layer"); code != exitFailure || !strings.Contains(stderr, "a layer alone has no data") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
