package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orchid-seq/orchid/experiment"
)

// texts are the tables of a report on folders, as a terminal has them.
func texts(t *testing.T, dirs ...string) (list []string, r *Report) {
	t.Helper()
	r, err := New(t.Context(), Options{Dirs: dirs})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range r.Grids() {
		if !strings.HasSuffix(g.Name, ": runs") { // where folders are named
			list = append(list, g.Text())
		}
	}
	return list, r
}

// TestRecord: a report on records is that on the runs, and holds no weights.
func TestRecord(t *testing.T) {
	runs(t)
	want, r := texts(t, "runs")
	write(t, "kept/b/"+ConfusionFile, "of an older run")
	for range 2 { // the second time over the first
		n, err := r.Record("kept")
		if err != nil || n != len(r.runs) {
			t.Fatalf("%d records, %v; want %d", n, err, len(r.runs))
		}
		got, _ := texts(t, "kept")
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("report on records (-runs +records):\n%s", d)
		}
	}
	err := filepath.WalkDir("kept", func(path string, d os.DirEntry, err error) error {
		if filepath.Base(path) == experiment.ModelFile || strings.HasPrefix(filepath.Base(path), ".") {
			t.Errorf("%s is recorded", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRecordItself: a run that is its own record stays as it is.
func TestRecordItself(t *testing.T) {
	runs(t)
	_, r := texts(t, "runs")
	if _, err := r.Record("runs"); err != nil {
		t.Fatal(err)
	}
	if !has("runs/b", experiment.ModelFile) || !has("runs/b", experiment.HistoryFile) {
		t.Error("runs/b has lost files")
	}
}

// TestRecordInPlace: records are not written over a run, nor made of those that lie where
// they go.
func TestRecordInPlace(t *testing.T) {
	runs(t)
	if err := os.CopyFS("others/b", os.DirFS("runs/b")); err != nil {
		t.Fatal(err)
	}
	_, r := texts(t, "others/b")
	if _, err := r.Record("runs"); err == nil || !strings.Contains(err.Error(), filepath.Join("runs", "b")+" is a run, not a record") {
		t.Errorf("written over a run: %v", err)
	}
	_, r = texts(t, "runs")
	for range 2 {
		if _, err := r.Record(filepath.Join("runs", "records")); err != nil {
			t.Fatal(err)
		}
	}
	_, r = texts(t, "runs")
	if _, err := r.Record(filepath.Join("runs", "records")); err == nil || !strings.Contains(err.Error(), "name folders outside of it") {
		t.Errorf("records of records: %v", err)
	}
}

// TestRecordNames: a run that is named alone has its own name, and two runs of one
// name are an error before anything is written.
func TestRecordNames(t *testing.T) {
	runs(t)
	_, r := texts(t, "runs/b")
	if _, err := r.Record("kept"); err != nil || !has("kept/b", experiment.ConfigFile) {
		t.Errorf("kept/b is not there: %v", err)
	}
	if err := os.CopyFS("others/b", os.DirFS("runs/b")); err != nil {
		t.Fatal(err)
	}
	_, r = texts(t, "runs", "others")
	_, err := r.Record("more")
	if err == nil || !strings.Contains(err.Error(), "would both be "+filepath.Join("more", "b")) {
		t.Errorf("two runs of one name: %v", err)
	}
	if _, err := os.Stat("more"); err == nil {
		t.Error("more was made")
	}
}
