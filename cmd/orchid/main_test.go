package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/checkpoint"
	"github.com/orchid-seq/orchid/experiment"
)

// TestMain turns the test binary into orchid itself where a test asks for it,
// so that commands run as processes without a build of their own.
func TestMain(m *testing.M) {
	if os.Getenv("ORCHID_TEST_MAIN") == "1" {
		os.Exit(run(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// command prepares orchid with arguments, run in dir.
func command(dir string, args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "ORCHID_TEST_MAIN=1")
	return c
}

// call runs it and returns what it printed and its exit status.
func call(t *testing.T, dir string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	c := command(dir, args...)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}

// tiny are settings that train in a moment.
var tiny = []string{"vocabulary=8", "length=12", "width=16", "filter-width=8", "batch=4", "tests=20", "steps=30", "checkpoint-every=4", "log-every=3", "eval-every=10"}

// trained makes a small model folder.
func trained(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	if _, stderr, code := call(t, ".", append([]string{"train", "recall", "--out", dir}, tiny...)...); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	return dir
}

func TestTrainEvalInspectVerify(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	// Flags and settings stand in any order.
	args := append(append([]string{"train", "recall"}, tiny[:3]...), "--json", "--out", dir)
	stdout, stderr, code := call(t, ".", append(append(args, tiny[3:]...), "-q")...)
	var r trainResult
	if err := json.Unmarshal([]byte(stdout), &r); code != 0 || err != nil {
		t.Fatalf("exit %d, %v: %s %s", code, err, stdout, stderr)
	}
	if r.Task != "recall" || r.Steps != 30 || r.Dir != dir || r.Parameters == 0 || !(r.Metrics["loss"] > 0) {
		t.Errorf("train printed %+v", r)
	}
	stdout, stderr, code = call(t, ".", "eval", dir, "--json")
	var e evalResult
	if err := json.Unmarshal([]byte(stdout), &e); code != 0 || err != nil {
		t.Fatalf("exit %d, %v: %s %s", code, err, stdout, stderr)
	}
	for k, v := range r.Metrics {
		if e.Metrics[k] != v {
			t.Errorf("eval gives %s %v, train gave %v", k, e.Metrics[k], v)
		}
	}
	stdout, stderr, code = call(t, ".", "inspect", dir)
	for _, part := range []string{"vocabulary               8", "blocks.0.mixer.in_linear.weight", "checkpoints/step-000000030.safetensors", "step 30        test accuracy"} {
		if code != 0 || !strings.Contains(stdout, part) {
			t.Errorf("inspect does not show %q; exit %d: %s %s", part, code, stdout, stderr)
		}
	}
	stdout, stderr, code = call(t, ".", "inspect", dir, "--json")
	var in inspection
	if err := json.Unmarshal([]byte(stdout), &in); code != 0 || err != nil || in.Parameters != r.Parameters {
		t.Errorf("inspect --json: exit %d, %v, %d parameters, want %d: %s", code, err, in.Parameters, r.Parameters, stderr)
	}
	if stdout, stderr, code = call(t, ".", "verify", dir); code != 0 || !strings.Contains(stdout, "1 of 1 passed") {
		t.Errorf("verify: exit %d: %s %s", code, stdout, stderr)
	}
}

// TestSelfTestNoticesOtherWeights alters one weight, with valid checksums.
func TestSelfTestNoticesOtherWeights(t *testing.T) {
	dir := trained(t)
	e, err := experiment.ReadConfig(dir)
	if err != nil {
		t.Fatal(err)
	}
	k, err := e.ReadModel(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	k.Params()[0].Data[9] += 0.5
	err = errors.Join(checkpoint.Save(filepath.Join(dir, experiment.ModelFile), k.Params(), nil), experiment.WriteSums(dir))
	if err != nil {
		t.Fatal(err)
	}
	if stdout, _, code := call(t, ".", "verify", dir); code != exitFailure || !strings.Contains(stdout, "FAIL") {
		t.Errorf("exit %d: %s", code, stdout)
	}
}

func TestBenchAndVersion(t *testing.T) {
	stdout, stderr, code := call(t, ".", "bench", "operator", "transform=dft", "--shapes", "2x16x8,1x31x5", "--repeat", "1", "--json")
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if code != 0 || len(lines) != 2 {
		t.Fatalf("exit %d: %s %s", code, stdout, stderr)
	}
	var row map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &row); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"forward_ms", "forward_backward_ms", "peak_rss_mb", "shape", "threads", "kind", "transform"} {
		if _, ok := row[key]; !ok {
			t.Errorf("bench lacks %s: %s", key, lines[0])
		}
	}
	if stdout, _, code := call(t, ".", "bench", "attention", "--shapes", "1x20x8", "--repeat", "1", "--pass", "forward"); code != 0 || !strings.Contains(stdout, "1x20x8") {
		t.Errorf("exit %d: %s", code, stdout)
	}
	if stdout, _, code := call(t, ".", "version"); code != 0 || !strings.Contains(stdout, "kernels") {
		t.Errorf("exit %d: %s", code, stdout)
	}
}

// TestLostOutputIsAFailure writes results where they cannot be kept.
func TestLostOutputIsAFailure(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("this system has no /dev/full: %v", err)
	}
	defer full.Close()
	c := command(".", "version")
	var stderr bytes.Buffer
	c.Stdout, c.Stderr = full, &stderr
	if err := c.Run(); err == nil || c.ProcessState.ExitCode() != exitFailure || !strings.Contains(stderr.String(), "no space left") {
		t.Errorf("exit %d: %s", c.ProcessState.ExitCode(), stderr.String())
	}
}

func TestQuoted(t *testing.T) {
	for path, want := range map[string]string{"runs/recall-2": "runs/recall-2", "sp ace": "'sp ace'", "it's": `'it'\''s'`, "$x": "'$x'"} {
		if got := quoted(path); got != want {
			t.Errorf("%q is quoted as %s", path, got)
		}
	}
}
