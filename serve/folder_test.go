package serve_test

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/serve"
)

// stranger is a copy of a model folder without checksums, with other settings.
func stranger(t *testing.T, settings map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{experiment.ConfigFile, experiment.ModelFile, experiment.SelfTestFile, "tokenizer.json"} {
		b, err := os.ReadFile(filepath.Join(reviews(), name))
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		if name == experiment.ConfigFile {
			for key, value := range settings {
				changed := regexp.MustCompile(`"`+key+`": .*?(,?)\n`).ReplaceAllString(text, `"`+key+`": `+value+"$1\n")
				if changed == text {
					t.Fatalf("no %s in %s", key, text)
				}
				text = changed
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestStrangersSettings: files that a folder's settings name are not opened. What stands
// outside would serve, if it were read.
func TestStrangersSettings(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside.csv")
	if err := os.WriteFile(outside, []byte(strings.Repeat("text,label\na,negative\nb,positive\n", 9)), 0o644); err != nil {
		t.Fatal(err)
	}
	for key, value := range map[string]string{"data": quoted([]string{outside}), "eval-data": quoted([]string{outside}), "tokenizer": `"/none/vocab.txt"`, "from": `"/none"`, "cache": `"/none"`} {
		m, err := orchid.Open(t.Context(), stranger(t, map[string]string{key: value}), orchid.Options{})
		if err != nil {
			t.Errorf("%s=%s: %v", key, value, err)
			continue
		}
		m.Close()
	}
	_, err := orchid.Open(t.Context(), stranger(t, map[string]string{"classes": "[]", "data": quoted([]string{outside})}), orchid.Options{})
	if err == nil || !strings.Contains(err.Error(), "the settings name no classes") {
		t.Errorf("the classes come from elsewhere: %v", err)
	}
}

// TestStrangersFiles: links that leave a folder, and what is no file, are refused.
func TestStrangersFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links want rights there")
	}
	for name, want := range map[string]string{
		"tokenizer.json": "a link that leaves the folder", experiment.ModelFile: "a link that leaves the folder", experiment.ConfigFile: "a link that leaves the folder", "SHA256SUMS": "a link that leaves the folder",
	} {
		for _, target := range []string{filepath.Join(reviews(), name), "../../../etc/passwd", "/none"} {
			dir := stranger(t, nil)
			os.Remove(filepath.Join(dir, name))
			if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
			if err := serve.CheckFolder(dir); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s to %s: %v", name, target, err)
			}
		}
	}
	dir := stranger(t, nil)
	for _, name := range []string{".cache/huggingface", ".git"} { // what the hub's tools leave
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(filepath.Join(dir, "tokenizer.json"), filepath.Join(dir, "words.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("words.json", filepath.Join(dir, "tokenizer.json")); err != nil {
		t.Fatal(err)
	}
	if err := serve.CheckFolder(dir); err != nil {
		t.Errorf("a link within the folder: %v", err)
	}
	// A folder in place of the file could hold a link that leads elsewhere.
	dir = stranger(t, nil)
	os.Remove(filepath.Join(dir, "tokenizer.json"))
	if err := os.Mkdir(filepath.Join(dir, "tokenizer.json"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := serve.CheckFolder(dir); err == nil || !strings.Contains(err.Error(), "tokenizer.json: a folder where a file is wanted") {
		t.Errorf("a folder in place of a file: %v", err)
	}
	if _, err := orchid.Open(t.Context(), dir, orchid.Options{Unchecked: true}); err == nil || !strings.Contains(err.Error(), "tokenizer.json: not a file") {
		t.Errorf("a folder in place of a file: %v", err)
	}
	if err := serve.CheckFolder(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "is not a model folder") {
		t.Error(err)
	}
}
