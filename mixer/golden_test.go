package mixer

import (
	"path/filepath"
	"testing"

	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/numtest"
)

// TestGolden holds the operator to the numbers of the authors' layer, on every
// kernel level.
func TestGolden(t *testing.T) {
	dir := numtest.Shared(t, "golden")
	files, err := filepath.Glob(filepath.Join(dir, "*.safetensors"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files in %s: %v", dir, err)
	}
	for _, level := range cpu.Levels {
		if level > cpu.Best() {
			continue
		}
		restore := cpu.Limit(level)
		for _, f := range files {
			v, err := Verify(f, t.TempDir())
			if err != nil {
				t.Error(err)
			} else if !v.Pass {
				t.Errorf("%v, %s: output %.2g, input gradient %.2g, gradient of %s %.2g", level, filepath.Base(f), v.OutputError, v.InputError, v.WorstGrad, v.GradError)
			}
		}
		restore()
	}
}
