package glue

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/orchid-seq/orchid/task"
)

// TestCache: scores of trivial models are kept in the folder named; without one
// that can be made they are found again.
func TestCache(t *testing.T) {
	dir := t.TempDir()
	original(t, dir, "SST-2", "train", 24)
	original(t, dir, "SST-2", "dev", 6)
	c := settings("SST-2", dir)
	c.Cache = filepath.Join(t.TempDir(), "below")
	score := func(c Config) map[string]float64 {
		t.Helper()
		k, err := made(t, c, task.Env{})
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		m, err := k.Evaluate(t.Context(), "dev", nothing)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	want := score(c)
	if files, err := os.ReadDir(c.Cache); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
	c.Cache = filepath.Join(dir, "SST-2", "train.tsv") // a file
	if got := score(c); got["bag_of_words"] != want["bag_of_words"] || got["majority"] != want["majority"] || got["majority"] == 0 {
		t.Errorf("without a folder %v, want %v", got, want)
	}
}
