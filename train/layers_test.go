package train

import (
	"context"
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
)

// TestHistoryByLayer wants, on each training line, the norms of all layers, which
// together are that of the gradient, before it was clipped.
func TestHistoryByLayer(t *testing.T) {
	c, k := small(t)
	c.LogEvery, c.Clip, c.Steps, c.EvalEvery = 1, 1e-3, 4, 0 // a line a step: no mean over several
	dir := t.TempDir()
	if _, err := Run(context.Background(), c, k, dir, false, Observer{}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "history.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for line := range strings.Lines(string(text)) {
		var l trainingLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		if l.GradNorm == 0 { // an evaluation
			continue
		}
		lines++
		sum := 0.0
		for _, v := range l.Layers {
			sum += v * v
		}
		numtest.Close(t, "norm", []float32{float32(math.Sqrt(sum))}, []float64{l.GradNorm}, 1e-6) // rounded to float32
		for _, name := range []string{"blocks.0", "blocks.1"} {
			if !(l.Layers[name] > 0) {
				t.Errorf("step %d: no norm of %s: %v", l.Step, name, slices.Sorted(maps.Keys(l.Layers)))
			}
		}
		if l.Steps != 4 {
			t.Errorf("a run of %d steps, want 4", l.Steps)
		}
		if runtime.GOOS == "linux" && l.MemoryMB < 1 {
			t.Errorf("memory of %d MB", l.MemoryMB)
		}
	}
	if lines != 4 {
		t.Errorf("%d lines of training, want 4", lines)
	}
}

func TestLayerOf(t *testing.T) {
	for name, want := range map[string]string{
		"blocks.0.mixer.in_linear.bias": "blocks.0", "blocks.12.norm2.weight": "blocks.12",
		"embedding.weight": "embedding", "masked.bias": "masked", "scale": "scale", "blocksize.x": "blocksize",
	} {
		if got := layerOf(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
