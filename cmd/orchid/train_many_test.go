package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/orchid-seq/orchid/experiment"
)

// seedOf reads the seed of a run.
func seedOf(t *testing.T, dir string) uint64 {
	t.Helper()
	e, err := experiment.ReadConfig(dir)
	if err != nil {
		t.Fatal(err)
	}
	return e.Training.Seed
}

// TestSeeds: seeds begin at the setting, what is there is refused without
// --resume, and with it kept only if the settings are the same.
func TestSeeds(t *testing.T) {
	dir := t.TempDir()
	seeds := func(more ...string) []string {
		return slices.Concat([]string{"train", "recall", "--seeds", "2", "--out", "runs"}, tiny, more)
	}
	first, stderr, code := call(t, dir, seeds("seed=9")...)
	if code != 0 || strings.Count(first, "\n") != 1 || !strings.Contains(first, "over 2 seeds") || strings.Contains(stderr, "over 2 seeds") {
		t.Fatalf("exit %d: %s%s", code, first, stderr)
	}
	for i := range 2 {
		if got := seedOf(t, filepath.Join(dir, fmt.Sprintf("runs/recall-%d", i+1))); got != 9+uint64(i) {
			t.Errorf("run %d has seed %d", i+1, got)
		}
	}
	if stdout, stderr, code := call(t, dir, seeds("seed=9")...); code != exitFailure || stdout != "" || !strings.Contains(stderr, "runs/recall-1 exists: ") {
		t.Errorf("a second time: exit %d: %s%s", code, stdout, stderr)
	}
	for _, more := range [][]string{{"--resume"}, {"--resume", "seed=9"}} {
		stdout, stderr, code := call(t, dir, seeds(more...)...)
		if before, _, _ := strings.Cut(first, ";"); code != 0 || !strings.HasPrefix(stdout, before) || strings.Count(stderr, "kept, it was trained before") != 2 {
			t.Errorf("%v: exit %d: %s%s, want %s", more, code, stdout, stderr, first)
		}
	}
	if _, stderr, code := call(t, dir, seeds("--resume", "lr=1e-5")...); code != exitUsage || !strings.Contains(stderr, "runs/recall-1: a resumed run keeps its settings; leave these out: lr=1e-05") {
		t.Errorf("other settings: exit %d: %s", code, stderr)
	}
	if _, stderr, code := call(t, dir, seeds("--resume", "seed=3")...); code != exitUsage || !strings.Contains(stderr, "seed=3 (the run has 9)") {
		t.Errorf("another seed: exit %d: %s", code, stderr)
	}
	// One run more takes the next seed.
	args := slices.Concat([]string{"train", "recall", "--seeds", "3", "--out", "runs", "--resume", "--json"}, tiny, []string{"seed=9"})
	stdout, stderr, code := call(t, dir, args...)
	var s summary
	if err := json.Unmarshal([]byte(stdout), &s); err != nil || code != 0 || s.Seeds != 3 || seedOf(t, filepath.Join(dir, "runs/recall-3")) != 11 {
		t.Errorf("exit %d, %v: %s%s", code, err, stdout, stderr)
	}
	if stdout, _, code := call(t, dir, seeds("--keys")...); code != 0 || !strings.Contains(stdout, "vocabulary  ") {
		t.Errorf("--keys: exit %d: %s", code, stdout)
	}
}

// TestInterruptSeeds: Ctrl-C names the command for all runs.
func TestInterruptSeeds(t *testing.T) {
	dir := t.TempDir()
	args := slices.Concat([]string{"train", "recall", "--seeds", "2", "--out", "the runs"}, tiny, []string{"steps=1000000"})
	c := command(dir, args...)
	var stderr strings.Builder
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if files, _ := filepath.Glob(filepath.Join(dir, "the runs/recall-1/checkpoints/*.safetensors")); len(files) > 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("no checkpoint after 20 s")
		}
	}
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err == nil || c.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("exit %d: %s", c.ProcessState.ExitCode(), stderr.String())
	}
	want := "Go on with: orchid train recall " + strings.Join(tiny, " ") + " steps=1000000 --out 'the runs' --seeds 2 --resume\n"
	if !strings.Contains(stderr.String(), want) || strings.Count(stderr.String(), "Go on with") != 1 {
		t.Errorf("%q does not say %q", stderr.String(), want)
	}
}

// TestGlueAll: the score of MNLI is over both parts of dev, also when it is read
// again, and the average comes as JSON too.
func TestGlueAll(t *testing.T) {
	dir := places(t)
	rows := func(labels ...string) string {
		text := "index\tsentence1\tsentence2\tgold_label\n"
		for i, l := range labels {
			text += fmt.Sprintf("%d\ta man %d\ta dog\t%s\n", i, i, l)
		}
		return text
	}
	write(t, dir, "glue/MNLI/train.tsv", rows("neutral", "neutral", "contradiction", "entailment"))
	write(t, dir, "glue/MNLI/dev_matched.tsv", rows("neutral", "neutral", "neutral", "entailment"))
	write(t, dir, "glue/MNLI/dev_mismatched.tsv", rows("contradiction", "neutral"))
	args := slices.Concat([]string{"train", "glue", "name=mnli,rte", "data=glue", "--out", "runs", "--json", "batch-tokens=0"}, tinyText)
	stdout, stderr, code := call(t, dir, args...)
	printed := strings.Split(strings.TrimSpace(stdout), "\n")
	if code != 0 || len(printed) != 3 {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	var s summary
	var a average
	if err := json.Unmarshal([]byte(printed[0]), &s); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(printed[2]), &a); err != nil {
		t.Fatal(err)
	}
	want := (s.Mean["accuracy"] + s.Mean["mismatched_accuracy"]) / 2
	if s.Mean["score"] != want || s.Mean["majority"] != (0.75+0.5)/2 || a.Average != want || a.Tasks != 1 {
		t.Errorf("%+v, %+v", s, a)
	}
	again, stderr, code := call(t, dir, append(args, "--resume")...)
	if code != 0 || again != stdout {
		t.Errorf("exit %d: %s%s, want %s", code, again, stderr, stdout)
	}
	// A run that ended before its model was written is completed the same way.
	if err := os.Remove(filepath.Join(dir, "runs/MNLI-1", experiment.ModelFile)); err != nil {
		t.Fatal(err)
	}
	again, stderr, code = call(t, dir, append(args, "--resume")...)
	var completed summary
	line, _, _ := strings.Cut(again, "\n")
	if err := json.Unmarshal([]byte(line), &completed); err != nil || code != 0 || fmt.Sprint(completed.Mean) != fmt.Sprint(s.Mean) {
		t.Errorf("exit %d, %v: %s%s, want %v", code, err, again, stderr, s.Mean)
	}
	history, err := os.ReadFile(filepath.Join(dir, "runs/MNLI-1", experiment.HistoryFile))
	if err != nil || strings.Count(string(history), otherDev) != 1 {
		t.Errorf("%v: %s", err, history)
	}
	card, err := os.ReadFile(filepath.Join(dir, "runs/MNLI-1", experiment.CardFile))
	if err != nil || !strings.Contains(string(card), "orchid predict DIR") || !strings.Contains(string(card), "- mismatched_accuracy: ") || strings.Contains(string(card), "chance") {
		t.Errorf("%v: %s", err, card)
	}
}

// TestSummaryOfSome: a mean is over the runs that have the metric.
func TestSummaryOfSome(t *testing.T) {
	s := summary{Mean: map[string]float64{}, Std: map[string]float64{}}
	s.add([]trainResult{{Metrics: map[string]float64{"score": 1, "bag_of_words": 0.5}}, {Metrics: map[string]float64{"score": 3}}})
	if s.Mean["score"] != 2 || s.Std["score"] != math.Sqrt2 || s.Mean["bag_of_words"] != 0.5 || s.Std["bag_of_words"] != 0 {
		t.Errorf("%+v", s)
	}
}

// TestStatusOfCancel: whatever went on, it was interrupted.
func TestStatusOfCancel(t *testing.T) {
	if got := status(fmt.Errorf("file.csv: %w", context.Canceled)); got != exitInterrupted {
		t.Errorf("status %d", got)
	}
}
