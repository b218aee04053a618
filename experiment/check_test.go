package experiment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/task"
)

// folder makes a finished folder of an untrained model of bytes.
func folder(t *testing.T) (dir string, e *Experiment, k task.Task) {
	t.Helper()
	dir = t.TempDir()
	e, err := New("mlm")
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Override([]string{"data=nowhere", "tokenizer=bytes", "width=16", "depth=1", "filter-width=8", "seed=3"}); err != nil {
		t.Fatal(err)
	}
	if k, err = e.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(k.(task.Filer).WriteFiles(dir), e.WriteConfig(dir), e.WriteModel(dir, k, []byte("# card\n"))); err != nil {
		t.Fatal(err)
	}
	return dir, e, k
}

// flip changes the last bit of the middle of a file.
func flip(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestCheckFolder: a bit of any file that decides what a model computes is found,
// the card may be edited.
func TestCheckFolder(t *testing.T) {
	dir, _, _ := folder(t)
	if err := CheckFolder(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, SumsFile))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(text)) {
		names = append(names, strings.Fields(line)[1])
	}
	for _, name := range []string{ConfigFile, ModelFile, SelfTestFile, "tokenizer.json"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s has no sum for %s", SumsFile, name)
		}
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		flip(t, path)
		var sum *ChecksumError
		if err := CheckFolder(dir); !errors.As(err, &sum) || sum.File != path || sum.Want == sum.Got || !strings.Contains(err.Error(), path) {
			t.Errorf("%s changed: %v", name, err)
		}
		flip(t, path)
		if err := os.Rename(path, path+".away"); err != nil {
			t.Fatal(err)
		}
		if err := CheckFolder(dir); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s away: %v", name, err)
		}
		if err := os.Rename(path+".away", path); err != nil {
			t.Fatal(err)
		}
	}
	flip(t, filepath.Join(dir, CardFile))
	if err := CheckFolder(dir); err != nil {
		t.Errorf("the card was edited: %v", err)
	}
}

// TestBadSums: lines that are none are refused with their number, and no line leads
// out of the folder.
func TestBadSums(t *testing.T) {
	sum := strings.Repeat("0", 64)
	for _, line := range []string{"what", sum + " " + ModelFile, sum[1:] + "  " + ModelFile, sum + "  ../config.json", sum + "  /etc/passwd", sum + "  "} {
		dir, _, _ := folder(t)
		path := filepath.Join(dir, SumsFile)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, fmt.Appendf(text, "%s\n", line), 0o644); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("%s:%d: want a SHA-256", path, strings.Count(string(text), "\n")+1)
		if err := CheckFolder(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", line, err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := CheckFolder(dir); err == nil || !strings.Contains(err.Error(), path+": it does not name "+ModelFile) {
			t.Errorf("empty: %v", err)
		}
	}
}

// TestSumsOfUnfinished: folders that are older, or where training goes on, pass.
func TestSumsOfUnfinished(t *testing.T) {
	dir, e, _ := folder(t)
	if err := e.WriteConfig(dir); err != nil {
		t.Fatal(err)
	}
	if exists(filepath.Join(dir, SumsFile)) {
		t.Error("sums stay where a training goes on")
	}
	flip(t, filepath.Join(dir, ModelFile))
	if err := CheckFolder(dir); err != nil {
		t.Error(err)
	}
}

// TestCheckModel: a model that computes other numbers than those stored says by how
// much.
func TestCheckModel(t *testing.T) {
	dir, e, _ := folder(t)
	k, err := e.ReadModel(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckModel(dir, k); err != nil {
		t.Fatal(err)
	}
	for _, p := range k.Params() {
		if p.Name == "masked.bias" {
			p.Data[1] += 1e-3
		}
	}
	var differs *SelfTestError
	if err := CheckModel(dir, k); !errors.As(err, &differs) || !(differs.Difference > differs.Tolerance) || differs.Difference > 1e-2 || differs.Dir != dir {
		t.Errorf("%v", err)
	}
}
