package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/train"
)

// TestKill kills a run with SIGKILL at ten random moments and resumes it each
// time, on changing numbers of threads. Model file and history must be those
// of a run that never stopped, bit for bit.
func TestKill(t *testing.T) {
	whole := trained(t)
	dir := filepath.Join(t.TempDir(), "run")
	s := random.New(1, "kill")
	args := append([]string{"train", "recall", "--out", dir}, tiny...)
	resume := false
	for kills := 0; kills < 10; {
		c := command(".", append([]string{"--threads", []string{"1", "2", "4"}[kills%3]}, args...)...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- c.Wait() }()
		// From before the first step to the end of a run, which takes about 0.2 s.
		time.Sleep(time.Duration(10+s.IntN(150)) * time.Millisecond)
		if err := c.Process.Kill(); err == nil {
			kills++
		}
		<-done
		if _, err := os.Stat(filepath.Join(dir, experiment.ConfigFile)); err == nil && !resume {
			resume = true
			args = append([]string{"train", "recall", "--resume", "--out", dir}, tiny...)
		}
	}
	if _, stderr, code := call(t, ".", args...); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, file := range []string{experiment.ModelFile, experiment.SelfTestFile, experiment.ConfigFile} {
		a, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(whole, file))
		if err != nil {
			t.Fatal(err)
		}
		if string(a) != string(b) {
			t.Errorf("%s differs from that of the unbroken run", file)
		}
	}
	if a, b := historyOf(t, dir), historyOf(t, whole); a != b {
		t.Errorf("histories differ:\n%s\nwant:\n%s", a, b)
	}
}

// historyOf reads history.jsonl without its times.
func historyOf(t *testing.T, dir string) string {
	return numtest.JSONLines(t, filepath.Join(dir, experiment.HistoryFile), "seconds", "waiting_seconds", "memory_mb")
}

// TestInterrupt sends Ctrl-C: the run saves, says how to go on, and exits with 130.
func TestInterrupt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	c := command(".", append([]string{"train", "recall", "--out", dir}, append(tiny, "steps=1000000")...)...)
	var stderr strings.Builder
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if files, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "*.safetensors")); len(files) > 0 {
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
	if want := "Go on with: orchid train recall --out " + dir + " --resume"; !strings.Contains(stderr.String(), want) {
		t.Errorf("%q does not say %q", stderr.String(), want)
	}
}

func TestStatus(t *testing.T) {
	for err, want := range map[error]int{nil: 0, os.ErrNotExist: exitFailure, usageError{os.ErrInvalid}: exitUsage, train.ErrInterrupted: exitInterrupted, context.Canceled: exitInterrupted} {
		if got := status(err); got != want {
			t.Errorf("status(%v) = %d, want %d", err, got, want)
		}
	}
}
