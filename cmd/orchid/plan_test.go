package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/plan"
)

// TestPlan predicts a small training, for people and as JSON, and measures beside it.
func TestPlan(t *testing.T) {
	args := append([]string{"plan", "recall"}, tiny...)
	stdout, stderr, code := call(t, ".", append(args, "--memory", "2GB", "--lengths", "5,14,900")...)
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, want := range []string{"width 16", "30 steps, 3 evaluations", "in 1,907 MB", "a sequence of 14:", "next        orchid train recall"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is missing from:\n%s", want, stdout)
		}
	}
	if strings.Contains(stdout, "900") {
		t.Errorf("a length that the model does not take:\n%s", stdout)
	}
	stdout, stderr, code = call(t, ".", append(args, "--json", "--check", "--memory", "1GB")...)
	var p planned
	if err := json.Unmarshal([]byte(stdout), &p); code != 0 || err != nil {
		t.Fatalf("exit %d, %v: %s %s", code, err, stdout, stderr)
	}
	if p.Parameters == 0 || p.Steps != 30 || p.Tokens != 56 || p.Fits == nil || !*p.Fits || p.LargestBatch < 4 || p.LargestLength < 14 || len(p.Forward) == 0 {
		t.Errorf("got %+v", p)
	}
	if m := p.Measured; m == nil || m.Steps < 3 || !(m.StepMS > 0) {
		t.Errorf("measured %+v", m)
	} else if _, known := plan.Available(); known && !(m.RunMB >= m.StepMB && m.StepMB > 5 && p.RunMB < 3*m.RunMB && m.RunMB < 3*p.RunMB) {
		t.Errorf("%.0f MB told, measured %+v", p.RunMB, m)
	}
}

// TestPlanWithoutData says what it assumed, and plans with the data where that is here.
func TestPlanWithoutData(t *testing.T) {
	small := []string{"width=16", "depth=1", "filter-width=8", "batch=2", "mlp-blocks=1"}
	stdout, stderr, code := call(t, ".", append([]string{"plan", "image", "data=nowhere"}, small...)...)
	if code != 0 || !strings.Contains(stdout, "assumed     height=32") || !strings.Contains(stderr, "nowhere") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	dir := t.TempDir()
	csv := filepath.Join(dir, "train.csv")
	if err := os.WriteFile(csv, []byte("text,label\n"+strings.Repeat("good film,1\nbad,0\n", 40)), 0o644); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code = call(t, dir, append([]string{"plan", "text", "data=" + csv, "tokenizer=bytes", "max-length=32", "epochs=2", "cache=" + dir, "-q"}, small...)...)
	if code != 0 || strings.Contains(stdout, "assumed") || !strings.Contains(stdout, "steps, 1 evaluation") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

// TestPlanRefuses: what does not fit is said with both numbers, and training refuses it
// in one line unless somebody insists.
func TestPlanRefuses(t *testing.T) {
	stdout, stderr, code := call(t, ".", append([]string{"plan", "recall", "--memory", "20MB"}, tiny...)...)
	if code != 0 || !strings.Contains(stdout, "too large") || !strings.Contains(stdout, "there are 19 MB") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	for _, size := range []string{"8", "GB", "-1GB", "8XB"} {
		if _, stderr, code = call(t, ".", "plan", "recall", "--memory="+size); code != exitUsage || !strings.Contains(stderr, "want a number and a unit") {
			t.Errorf("--memory=%s: exit %d: %s", size, code, stderr)
		}
	}
	if _, known := plan.Available(); !known {
		t.Skip("this system does not tell how much memory there is")
	}
	dir := filepath.Join(t.TempDir(), "run")
	settings := append(append([]string{"train", "recall", "--out", dir}, tiny...), "batch=100000", "length=100000", "filter-positions=relative")
	_, stderr, code = call(t, ".", settings...)
	if code != exitFailure || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "too large for this machine: it needs ") || !strings.Contains(stderr, "--force") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a folder was left")
	}
	if _, stderr, code = call(t, ".", append(append([]string{"train", "recall", "--force", "--out", dir}, tiny...), "steps=1")...); code != 0 {
		t.Errorf("--force: exit %d: %s", code, stderr)
	}
}
