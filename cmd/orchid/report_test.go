package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReport reports on a run that was trained here.
func TestReport(t *testing.T) {
	run := trained(t)
	dir := t.TempDir()
	stdout, stderr, code := call(t, dir, "report", run, "--json", "--html", "r.html", "--markdown", "r.md", "--svg", "plots")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	var row struct {
		Table, Metric string
		Mean          *float64
		Seeds         int
		Parameters    int
	}
	if err := json.Unmarshal([]byte(stdout), &row); err != nil || row.Table != "recall" || row.Metric != "accuracy" || row.Mean == nil || row.Seeds != 1 || row.Parameters == 0 {
		t.Errorf("got %s (%v)", stdout, err)
	}
	for _, name := range []string{"r.html", "r.md"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(text), "accuracy") {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	wellFormed(t, filepath.Join(dir, "plots", "recall-loss-of-the-training.svg"), 2)

	stdout, stderr, code = call(t, dir, "report", run)
	if code != 0 || !strings.HasPrefix(stdout, "recall\n") || stderr != "" {
		t.Errorf("exit %d, printed %q and %q", code, stdout, stderr)
	}
}

// TestReportBadInput wants one clear line.
func TestReportBadInput(t *testing.T) {
	run := trained(t)
	dir := t.TempDir()
	own := filepath.Join(dir, "own.md")
	if err := os.WriteFile(own, []byte("my own text\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{dir}, exitFailure, "no run below"},
		{[]string{"none"}, exitFailure, "none"},
		{nil, exitUsage, "dir"},
		{[]string{run, "--markdown", own}, exitFailure, own + ": holds text but no marker"},
		{[]string{run, "--html", "none/x.html"}, exitFailure, "none/x.html"},
		{[]string{run, "--lengths", own}, exitFailure, own + ": no line of it is of orchid bench lengths"},
		{[]string{run, "--kernels", "none"}, exitFailure, "no run none"},
	} {
		_, stderr, code := call(t, dir, append([]string{"report"}, c.args...)...)
		if code != c.code || !strings.Contains(stderr, c.want) || strings.Count(strings.TrimSpace(stderr), "\n") > 0 {
			t.Errorf("report %v: exit %d, want %d; printed %q, want one line with %q", c.args, code, c.code, stderr, c.want)
		}
	}
	if text, err := os.ReadFile(own); err != nil || string(text) != "my own text\n" {
		t.Errorf("own.md holds %q (%v)", text, err)
	}
}
