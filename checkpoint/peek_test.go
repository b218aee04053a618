package checkpoint

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
)

// TestPeek wants averages where there are some, the rest as it is, and no more.
func TestPeek(t *testing.T) {
	s := Store{filepath.Join(t.TempDir(), "checkpoints")}
	if file, err := s.Newest(); file != "" || err != nil {
		t.Fatalf("no folder yet: %q, %v", file, err)
	}
	weights, average := params(1), params(2)[0]
	average.Name = "ema/" + average.Name
	moment := autograd.NewParam("adamw.m/a", 9)
	for step := 1; step <= 2; step++ {
		if err := s.Save(step, append(weights, average, moment), nil); err != nil {
			t.Fatal(err)
		}
	}
	file, err := s.Newest()
	if err != nil || file != s.path(2) {
		t.Fatalf("newest %q, %v", file, err)
	}
	got := params(3)
	if err := Peek(file, "ema/", got); err != nil {
		t.Fatal(err)
	}
	numtest.BitEqual(t, "averaged", got[0].Data, average.Data)
	numtest.BitEqual(t, "not averaged", got[1].Data, weights[1].Data)
	for want, p := range map[string]*autograd.Param{"[8]": autograd.NewParam("a", 8), "c": autograd.NewParam("c", 1)} {
		if err := Peek(file, "ema/", []*autograd.Param{p}); err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name the file and %s", err, want)
		}
	}
}
