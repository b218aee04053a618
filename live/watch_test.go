package live

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orchid-seq/orchid/experiment"
)

// steps lists the steps of the lines that were read.
func (t *tail) steps() (list []int) {
	for _, p := range t.History.Training {
		list = append(list, p.Step)
	}
	return list
}

// TestTail reads a file as it grows, tears, shrinks and grows again.
func TestTail(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	var r tail
	if err := r.read(path); err == nil {
		t.Error("no file, but no error")
	}
	half := line(30)[:40]
	for i, c := range []struct {
		text string
		want []int
	}{
		{"", nil},
		{line(10), []int{10}},
		{line(10) + line(20) + half, []int{10, 20}},
		{line(10) + line(20) + line(30), []int{10, 20, 30}},
		{line(10) + line(20) + line(30) + "{\nnonsense\n" + line(40), []int{10, 20, 30, 40}},
		{line(10) + line(20), []int{10, 20}},                                                             // cut
		{line(10) + line(15) + line(20) + line(25) + line(30) + line(35), []int{10, 15, 20, 25, 30, 35}}, // cut, and grown beyond what it was
		{line(5), []int{5}},
		{"", nil},
		{"\n\n" + line(7), []int{7}},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		stamp := time.Unix(1_700_000_000+int64(i), 0) // however coarse the clock of the file system is
		if err := os.Chtimes(path, stamp, stamp); err != nil {
			t.Fatal(err)
		}
		if err := r.read(path); err != nil {
			t.Fatal(err)
		}
		if got := r.steps(); !slices.Equal(got, c.want) {
			t.Errorf("file %d: steps %v, want %v", i, got, c.want)
		}
	}
}

// dirs lists the runs of a watch by the names of their folders.
func (w *watch) dirs() (list []string) {
	for _, r := range w.runs {
		list = append(list, filepath.Base(r.Dir))
	}
	return list
}

// TestWatch finds runs that come, go, come again and end.
func TestWatch(t *testing.T) {
	root := t.TempDir()
	var w watch
	w.add(root)
	w.add(filepath.Join(root, "not", "there", "yet"))
	now := time.Now()
	look := func(want ...string) {
		t.Helper()
		now = now.Add(time.Hour)
		w.look(now)
		if got := w.dirs(); !slices.Equal(got, want) {
			t.Fatalf("runs %v, want %v", got, want)
		}
	}
	look()
	a, b := filepath.Join(root, "a"), filepath.Join(root, "b", "deep")
	folder(t, b)
	look("deep")
	folder(t, a)
	put(t, a, lines(10, 50))
	if err := os.MkdirAll(filepath.Join(root, "c"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{experiment.ConfigFile: `{"format":1`, experiment.HistoryFile: ""} { // half written, or none of ours
		if err := os.WriteFile(filepath.Join(root, "c", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	look("a", "deep")
	if len(w.faults) != 1 || !strings.Contains(w.faults[0], filepath.Join(root, "c", experiment.ConfigFile)) {
		t.Errorf("faults %q, want that of c", w.faults)
	}
	r := w.runs[0]
	if r.History.Step != 50 || r.steps() != 400 {
		t.Errorf("step %d of %d, want 50 of 400", r.History.Step, r.steps())
	}
	if left, ok := r.left(); !ok || left != 175 {
		t.Errorf("%g seconds left, want 350 steps of half a second", left)
	}
	if got := r.state(time.Now()); got != training {
		t.Errorf("state %s", got)
	}
	if got := r.state(time.Now().Add(time.Hour)); got != silent {
		t.Errorf("an hour later: %s", got)
	}
	folder(t, filepath.Join(root, "c"))
	look("a", "deep", "c")
	if w.faults != nil {
		t.Errorf("faults %q of a folder that is whole again", w.faults)
	}
	if err := os.RemoveAll(a); err != nil {
		t.Fatal(err)
	}
	look("deep", "c")
	e, k := folder(t, a, "lr=0.5") // the same name, another run
	look("a", "deep", "c")
	if got := w.runs[0]; got.History.Step != 0 || got.Experiment.Setting("lr") != "0.5" {
		t.Errorf("step %d, lr %s of what was deleted", got.History.Step, got.Experiment.Setting("lr"))
	}
	if err := e.WriteModel(a, k, nil); err != nil {
		t.Fatal(err)
	}
	look("a", "deep", "c")
	if got := w.runs[0].state(time.Now()); got != finished {
		t.Errorf("with a model: %s", got)
	}
}

// TestPatience gives a slow run more time.
func TestPatience(t *testing.T) {
	dir := t.TempDir()
	folder(t, dir)
	r := &run{Dir: dir}
	put(t, dir, strings.Replace(line(10), `"seconds":5`, `"seconds":0`, 1)+strings.Replace(line(20), `"seconds":10`, `"seconds":600`, 1))
	if err := r.look(); err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]string{39 * time.Minute: training, 41 * time.Minute: silent} {
		if got := r.state(r.Changed.Add(after)); got != want {
			t.Errorf("%v after a line that took 10 minutes: %s, want %s", after, got, want)
		}
	}
}

// TestSpeeds leaves the time of evaluations out.
func TestSpeeds(t *testing.T) {
	dir := t.TempDir()
	folder(t, dir)
	put(t, dir, line(10)+line(20)+score(20, 0.5)+`{"step":30,"loss":1,"tokens":3000,"seconds":25}`+"\n")
	r := &run{Dir: dir}
	if err := r.look(); err != nil {
		t.Fatal(err)
	}
	var got []float64
	for _, s := range speeds(r) {
		got = append(got, s.value)
	}
	if want := []float64{200, 200, 200}; !slices.Equal(got, want) {
		t.Errorf("tokens a second %v, want %v", got, want)
	}
}
