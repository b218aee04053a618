package checkpoint

import (
	"errors"
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
