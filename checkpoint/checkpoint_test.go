package checkpoint

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
)

func params(seed uint64) []*autograd.Param {
	a, b := autograd.NewParam("b.weight", 3, 5), autograd.NewParam("a", 7)
	copy(a.Data, numtest.Normal(seed, 15))
	copy(b.Data, numtest.Normal(seed+1, 7))
	return []*autograd.Param{a, b}
}

func TestSaveLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.safetensors")
	want, got := params(1), params(2)
	if err := Save(path, want, map[string]string{"step": "12"}); err != nil {
		t.Fatal(err)
	}
	metadata, err := Load(path, got)
	if err != nil {
		t.Fatal(err)
	}
	if len(metadata) != 1 || metadata["step"] != "12" {
		t.Errorf("metadata %v", metadata)
	}
	for i := range want {
		numtest.BitEqual(t, want[i].Name, got[i].Data, want[i].Data)
	}
}

func TestLoadReportsAllFaultsTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := Save(path, params(1), nil); err != nil {
		t.Fatal(err)
	}
	into := []*autograd.Param{autograd.NewParam("a", 8), autograd.NewParam("c", 1)}
	_, err := Load(path, into)
	for _, part := range []string{path, "tensor a has shape [7], the model wants [8]", "missing tensor c [1]", "unexpected tensor b.weight [3 5]"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v does not say %q", err, part)
		}
	}
}

// TestEveryAlteredByteIsRefused flips each byte of a file in turn.
func TestEveryAlteredByteIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := Save(path, params(1), map[string]string{"step": "12"}); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		bad := append([]byte{}, whole...)
		bad[i] ^= 1
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path, params(2)); err == nil || !strings.Contains(err.Error(), path) {
			t.Fatalf("byte %d altered: error %v", i, err)
		}
	}
}

func TestStoreFallsBackAndKeepsThree(t *testing.T) {
	s := Store{t.TempDir()}
	for step := 10; step <= 50; step += 10 {
		if err := s.Save(step, params(uint64(step)), map[string]string{"step": "x"}); err != nil {
			t.Fatal(err)
		}
	}
	files, err := s.list()
	if err != nil || len(files) != 3 {
		t.Fatalf("kept %v, %v", files, err)
	}
	if err := os.Truncate(files[2], 100); err != nil { // torn
		t.Fatal(err)
	}
	got := params(0)
	_, refused, err := s.Load(got)
	if err != nil || len(refused) != 1 || !strings.Contains(refused[0].Error(), files[2]) {
		t.Fatalf("refused %v, error %v", refused, err)
	}
	numtest.BitEqual(t, "the one before", got[0].Data, params(40)[0].Data)
	for _, f := range files {
		if err := os.Truncate(f, 3); err != nil {
			t.Fatal(err)
		}
	}
	if _, refused, err = s.Load(got); !errors.Is(err, ErrNone) || len(refused) != 3 {
		t.Fatalf("refused %v, error %v", refused, err)
	}
}

// TestStoreTouchesOnlyItsOwn: neither the folder's name nor foreign files in it
// change what is kept.
func TestStoreTouchesOnlyItsOwn(t *testing.T) {
	root := t.TempDir()
	mine, other := Store{filepath.Join(root, "r[12]b")}, Store{filepath.Join(root, "r1b")}
	if err := other.Save(1, params(1), nil); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(mine.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	foreign := []string{"step-1.safetensors", "step-best.safetensors", "step-000000001.safetensors.bak", "step-0000000001.safetensors", "notes.txt"}
	for _, name := range foreign {
		if err := os.WriteFile(filepath.Join(mine.Dir, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []int{5, 999999999, 1000000000, 1000000001} { // ten digits sort last
		if err := mine.Save(step, params(uint64(step)), nil); err != nil {
			t.Fatal(err)
		}
	}
	files, err := mine.list()
	if err != nil || len(files) != 3 || files[0] != mine.path(999999999) || files[2] != mine.path(1000000001) {
		t.Errorf("kept %v, %v", files, err)
	}
	for _, name := range foreign {
		if _, err := os.Stat(filepath.Join(mine.Dir, name)); err != nil {
			t.Error(err)
		}
	}
	if files, err = other.list(); err != nil || len(files) != 1 {
		t.Errorf("the other run has %v, %v", files, err)
	}
}

// TestLoadSweeps: the unfinished file of a killed process goes, all else stays.
func TestLoadSweeps(t *testing.T) {
	s := Store{t.TempDir()}
	if _, _, err := (Store{filepath.Join(s.Dir, "missing")}).Load(params(1)); !errors.Is(err, ErrNone) {
		t.Errorf("no folder yet: %v", err)
	}
	if err := s.Save(7, params(1), nil); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".writing-123", "writing-1"} {
		if err := os.WriteFile(filepath.Join(s.Dir, name), []byte("half"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.Load(params(2)); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(s.Dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("in the folder: %v, %v", entries, err)
	}
}

func TestLoadSpellsOutEightFaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := Save(path, params(1), nil); err != nil {
		t.Fatal(err)
	}
	var into []*autograd.Param
	for i := range 40 {
		into = append(into, autograd.NewParam(fmt.Sprint("layer", i), 1))
	}
	_, err := Load(path, into)
	if got := fmt.Sprint(err); strings.Count(got, "missing") != 8 || !strings.HasSuffix(got, "\nand 34 more") {
		t.Errorf("error %v", err)
	}
}

func TestWriteFileLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "missing", "model.safetensors")
	if err := Save(path, params(1), nil); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

// TestSaveAfterGoingBack: damaged files of later steps must not push out good
// ones.
func TestSaveAfterGoingBack(t *testing.T) {
	s := Store{t.TempDir()}
	for _, step := range []int{50, 900, 1000} {
		if err := s.Save(step, params(1), nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []int{900, 1000} {
		if err := os.Truncate(s.path(step), 9); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Save(60, params(1), nil); err != nil {
		t.Fatal(err)
	}
	files, err := s.list()
	if err != nil || len(files) != 2 || files[0] != s.path(50) || files[1] != s.path(60) {
		t.Errorf("kept %v, %v", files, err)
	}
}
