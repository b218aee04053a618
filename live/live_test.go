package live

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/train"
)

// tiny are settings of a model that is made in a moment.
var tiny = []string{"vocabulary=8", "length=12", "width=16", "depth=2", "filter-width=8", "batch=4", "tests=20", "steps=400"}

// folder makes that of a run which has just begun.
func folder(t *testing.T, dir string, settings ...string) (*experiment.Experiment, task.Task) {
	t.Helper()
	e, err := experiment.New("recall")
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Override(slices.Concat(tiny, settings)); err != nil {
		t.Fatal(err)
	}
	k, err := e.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := experiment.WriteSample(dir, k); err != nil {
		t.Fatal(err)
	}
	if err := e.WriteConfig(dir); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "")
	return e, k
}

// put appends to the history of a run.
func put(t *testing.T, dir, text string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, experiment.HistoryFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// line is that of a step of training, half a second each, 100 tokens.
func line(step int) string {
	return fmt.Sprintf(`{"step":%d,"loss":%g,"lr":0.001,"grad_norm":%g,"tokens":%d,"seconds":%g,"steps":400,"grad_norms":{"blocks.0":0.5,"blocks.1":0.25,"embedding":0.125},"memory_mb":70}`+"\n",
		step, 2-float64(step)/400, 1+float64(step%7)/10, 100*step, 0.5*float64(step))
}

// lines are those from one step to another, every 10.
func lines(from, to int) string {
	var b strings.Builder
	for s := from; s <= to; s += 10 {
		b.WriteString(line(s))
	}
	return b.String()
}

// score is the line of an evaluation that took 10 seconds.
func score(step int, accuracy float64) string {
	return fmt.Sprintf(`{"step":%d,"split":"test","metrics":{"accuracy":%g,"loss":0.5},"tokens":%d,"seconds":%g}`+"\n", step, accuracy, 100*step, 0.5*float64(step)+10)
}

// save writes a checkpoint of a run after a step.
func save(t *testing.T, dir string, k task.Task, step int) {
	t.Helper()
	if err := train.Checkpoints(dir).Save(step, k.Params(), nil); err != nil {
		t.Fatal(err)
	}
}

// age makes a run's history so old.
func age(t *testing.T, dir string, by time.Duration) {
	t.Helper()
	then := time.Now().Add(-by)
	if err := os.Chtimes(filepath.Join(dir, experiment.HistoryFile), then, then); err != nil {
		t.Fatal(err)
	}
}
