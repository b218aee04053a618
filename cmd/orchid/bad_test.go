package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/numtest"
)

// TestBadInput gives each mistake its one clear line, with the file, key or
// line it is about and what to do, and a status that is not 0.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	run := trained(t)
	altered := copyDir(t, run)
	flip(t, filepath.Join(altered, experiment.ModelFile), -5)
	broken := copyDir(t, run)
	for _, step := range []string{"24", "28", "30"} {
		flip(t, filepath.Join(broken, "checkpoints", "step-0000000"+step+".safetensors"), -5)
	}
	mnist := filepath.Join(dir, "mnist")
	write("mnist/train-images-idx3-ubyte", "\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x1c\x00\x00\x00\x1cfew pixels")
	write("mnist/train-labels-idx1-ubyte", "\x00\x00\x08\x01\x00\x00\x00\x02\x01\x02")
	yaml := write("run.yaml", "vocabulary: 12\nlenght: 64\n")
	for _, c := range []struct {
		name string
		args []string
		code int
		says []string
	}{
		{"unknown key", []string{"train", "recall", "lenght=3"}, exitUsage, []string{`unknown key "lenght"; did you mean "length"?`}},
		{"unknown key in a file", []string{"train", "recall", "--config", yaml}, exitUsage, []string{yaml + `:2: unknown key "lenght"; did you mean "length"?`}},
		{"wrong type", []string{"train", "recall", "lr=fast"}, exitUsage, []string{"lr=fast: want a number"}},
		{"no value", []string{"train", "recall", "lr"}, exitUsage, []string{`"lr": want key=value`}},
		{"length 0", []string{"train", "recall", "length=0"}, exitUsage, []string{"length=0: want at least 2"}},
		{"vocabulary 3", []string{"train", "recall", "vocabulary=3"}, exitUsage, []string{"vocabulary=3: want at least 4"}},
		{"several faults", []string{"train", "recall", "vocabulary=3", "stages=all", "depth=0"}, exitUsage, []string{"vocabulary=3", "stages=all: want one of time, frequency, both", "depth=0"}},
		{"wrong combination", []string{"train", "recall", "order=3"}, exitUsage, []string{"order=3: beyond 2 only order=3 is defined"}},
		{"not finite", []string{"train", "recall", "lr=Inf"}, exitUsage, []string{"lr=Inf: want a number"}},
		{"unknown split", []string{"train", "recall", "eval-split=dev"}, exitUsage, []string{"eval-split=dev: the task has: test"}},
		{"epochs of fresh examples", []string{"train", "recall", "epochs=1"}, exitUsage, []string{"this task draws fresh examples and has no epochs"}},
		{"option of another mixer", []string{"train", "recall", "mixer=attention", "transform=fft"}, exitUsage, []string{"transform=fft: want one of dft"}},
		{"run that blows up", []string{"train", "recall", "--out", filepath.Join(dir, "blown"), "lr=1e30", "steps=3", "width=16", "filter-width=8", "batch=2", "length=8"}, exitFailure, []string{"step ", "not-finite-step-", "a lower lr"}},
		{"unknown task", []string{"train", "chess"}, exitUsage, []string{"chess", "recall", "image"}},
		{"unknown preset", []string{"train", "recall", "--preset", "paper"}, exitUsage, []string{`no preset "paper" for recall; there are: small`}},
		{"missing config", []string{"train", "recall", "--config", filepath.Join(dir, "none.yaml")}, exitUsage, []string{"none.yaml", "no such file"}},
		{"out exists", []string{"train", "recall", "--out", run}, exitFailure, []string{run + " exists", "--resume"}},
		{"resume without out", []string{"train", "recall", "--resume"}, exitUsage, []string{"--resume needs --out DIR"}},
		{"resume of nothing", []string{"train", "recall", "--resume", "--out", filepath.Join(dir, "none")}, exitFailure, []string{"none is not a model folder"}},
		{"resume with other settings", []string{"train", "recall", "--resume", "--out", run, "vocabulary=12"}, exitUsage, []string{"a resumed run keeps its settings", "vocabulary=12 (the run has 8)"}},
		{"no whole checkpoint", []string{"train", "recall", "--resume", "--out", broken}, exitFailure, []string{"step-000000030.safetensors: the checksum does not match", "step-000000024.safetensors", "no usable checkpoint"}},
		{"data missing", []string{"train", "image"}, exitUsage, []string{"data: name the folder"}},
		{"data folder missing", []string{"train", "image", "data=" + filepath.Join(dir, "none")}, exitFailure, []string{"none"}},
		{"MNIST file cut", []string{"train", "image", "data=" + mnist}, exitFailure, []string{"train-images-idx3-ubyte: holds 10 bytes", "promises 1568"}},
		{"model altered", []string{"eval", altered}, exitFailure, []string{experiment.ModelFile, "the checksum does not match"}},
		{"eval of no folder", []string{"eval", filepath.Join(dir, "none")}, exitFailure, []string{"none is not a model folder"}},
		{"eval of another split", []string{"eval", run, "--split", "dev"}, exitUsage, []string{"--split=dev: the task recall has: test"}},
		{"verify of no file", []string{"verify", filepath.Join(dir, "none")}, exitFailure, []string{"none", "no such file"}},
		{"verify of another file", []string{"verify", yaml}, exitFailure, []string{yaml}},
		{"bench shape", []string{"bench", "operator", "--shapes", "8x0x4"}, exitUsage, []string{`"8x0x4" is not BxLxD`}},
		{"bench option", []string{"bench", "operator", "transform=fft"}, exitUsage, []string{"transform=fft: want one of dft"}},
		{"threads", []string{"--threads=-1", "version"}, exitUsage, []string{"--threads=-1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			stdout, stderr, code := call(t, dir, c.args...)
			if code != c.code {
				t.Errorf("exit %d, want %d", code, c.code)
			}
			for _, part := range c.says {
				if !strings.Contains(stderr, part) {
					t.Errorf("%q is not said:\n%s", part, stderr)
				}
			}
			if strings.Contains(stderr, "panic") || strings.Contains(stderr, "goroutine") {
				t.Errorf("a panic reached the user:\n%s", stderr)
			}
			if len(c.says) == 1 && strings.Count(stderr, "\n") != 1 {
				t.Errorf("more than one line:\n%s", stderr)
			}
			if stdout != "" && c.args[0] != "verify" {
				t.Errorf("printed on standard output: %s", stdout)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "runs")); err == nil {
		t.Error("a refused run left a folder behind")
	}
}

// TestDataMayMove evaluates a model whose training pictures are elsewhere now.
func TestDataMayMove(t *testing.T) {
	dir := t.TempDir()
	pictures(t, filepath.Join(dir, "old"))
	args := []string{"train", "image", "data=old", "--out", "run", "width=16", "depth=1", "mlp-blocks=1", "filter-width=8", "steps=3"}
	if _, stderr, code := call(t, dir, args...); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	before, _, _ := call(t, dir, "eval", "run")
	if err := os.Rename(filepath.Join(dir, "old"), filepath.Join(dir, "new")); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := call(t, dir, "verify", "run"); code != 0 {
		t.Errorf("verify needs the data: exit %d: %s", code, stderr)
	}
	if _, stderr, code := call(t, dir, "eval", "run"); code != exitFailure || !strings.Contains(stderr, "old") {
		t.Errorf("eval without its data: exit %d: %s", code, stderr)
	}
	if _, stderr, code := call(t, dir, "train", "image", "--resume", "--out", "run", "data=new"); code != 0 {
		t.Errorf("resume with moved data: exit %d: %s", code, stderr)
	}
	if after, stderr, code := call(t, dir, "eval", "run", "--data", "new"); code != 0 || after != before || after == "" {
		t.Errorf("eval with moved data: exit %d: %s%s, before: %s", code, after, stderr, before)
	}

	// Other data are refused, and the folder stays as it is.
	pictures(t, filepath.Join(dir, "other"))
	labels, err := os.ReadFile(filepath.Join(dir, "new", "train-labels-idx1-ubyte"))
	if err != nil {
		t.Fatal(err)
	}
	labels[8], labels[9] = labels[9], labels[8]
	if err := os.WriteFile(filepath.Join(dir, "other", "train-labels-idx1-ubyte"), labels, 0o644); err != nil {
		t.Fatal(err)
	}
	whole := snapshot(t, filepath.Join(dir, "run"))
	if _, stderr, code := call(t, dir, "train", "image", "--resume", "--out", "run", "data=other"); code != exitFailure || !strings.Contains(stderr, ": not what the run began with") {
		t.Errorf("resume with other data: exit %d: %s", code, stderr)
	}
	if snapshot(t, filepath.Join(dir, "run")) != whole {
		t.Error("a refused resume has changed the folder")
	}
}

// TestOneProcessAFolder keeps a second training out of a running one's folder.
func TestOneProcessAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	first := command(".", append([]string{"train", "recall", "--out", dir}, append(tiny, "steps=1000000")...)...)
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	defer first.Wait()
	defer first.Process.Kill()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if files, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "*.safetensors")); len(files) > 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("no checkpoint after 20 s")
		}
	}
	if _, stderr, code := call(t, ".", "train", "recall", "--resume", "--out", dir); code != exitFailure || !strings.Contains(stderr, "another process is training in this folder") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// TestGoldenCutInHalf needs a real golden file.
func TestGoldenCutInHalf(t *testing.T) {
	whole, err := os.ReadFile(numtest.Shared(t, "golden", "absfreq-convf-fft-L7-d4.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "half.safetensors")
	if err := os.WriteFile(path, whole[:len(whole)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := call(t, ".", "verify", path); code != exitFailure || !strings.Contains(stderr, path) || !strings.Contains(stderr, "cut short") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// TestFullDisk fills a small file system; the run stops with one line and can
// go on once there is room.
func TestFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("needs root on Linux to mount a small tmpfs")
	}
	disk := t.TempDir()
	mount := func(options string) error {
		return exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", disk).Run()
	}
	if err := mount("size=256k"); err != nil {
		t.Skipf("cannot mount a tmpfs: %v", err)
	}
	defer exec.Command("umount", disk).Run()
	dir := filepath.Join(disk, "run")
	args := append([]string{"train", "recall", "--out", dir}, append(tiny, "width=32")...)
	_, stderr, code := call(t, ".", args...)
	if code != exitFailure || strings.Count(stderr, "orchid: ") != 1 || !strings.Contains(stderr, "checkpoints/step-") || !strings.Contains(stderr, "no space left on device; free some space, then go on with") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "checkpoints", ".writing-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := mount("remount,size=64m"); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code = call(t, ".", "train", "recall", "--resume", "--out", dir); code != 0 {
		t.Errorf("with room again: exit %d: %s", code, stderr)
	}
}

// flip alters one byte, counted from the end if negative.
func flip(t *testing.T, path string, at int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 1
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func copyDir(t *testing.T, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}
