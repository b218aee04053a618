package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/report"
)

// fileLines reads what predict printed.
func fileLines(t *testing.T, stdout string) (list []fileLine) {
	t.Helper()
	for d := json.NewDecoder(strings.NewReader(stdout)); d.More(); {
		var l fileLine
		if err := d.Decode(&l); err != nil {
			t.Fatalf("%v: %s", err, stdout)
		}
		list = append(list, l)
	}
	return list
}

// TestPredictPictures: predict labels files as the evaluation does, names those that
// it cannot read, and needs none of the data of the training.
func TestPredictPictures(t *testing.T) {
	dir := t.TempDir()
	write := func(path string, b []byte) {
		t.Helper()
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 16 {
		class, bright := []string{"dark", "light"}[i%2], 200*(i%2)
		m := image.NewRGBA(image.Rect(0, 0, 8, 8))
		for p := range 64 {
			m.Set(p%8, p/8, color.RGBA{uint8(bright + p%8*i/4), uint8(bright), 20, 255})
		}
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"train", "test"} {
			write(filepath.Join("data", part, class, fmt.Sprint(i, ".png")), b.Bytes())
		}
	}
	_, stderr, code := call(t, dir, "train", "image", "data=data", "--out", "run", "patch=4", "batch=4", "epochs=0", "steps=40", "width=8", "depth=1", "mlp-blocks=1", "filter-width=8")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if matrix, err := os.ReadFile(filepath.Join(dir, "run", report.ConfusionFile)); err != nil || !strings.Contains(string(matrix), `["dark","light"]`) {
		t.Errorf("%s %v", matrix, err)
	}
	checkData(t, dir, write)
	stdout, _, _ := call(t, dir, "eval", "run", "--json")
	var e evalResult
	if err := json.Unmarshal([]byte(stdout), &e); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "data", "test"), filepath.Join(dir, "new")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code = call(t, dir, "predict", "run", "new/*/*.png")
	list, right := fileLines(t, stdout), 0
	for _, l := range list {
		if filepath.Base(filepath.Dir(l.File)) == l.Label && l.Probabilities[l.Label] >= 0.5 {
			right++
		}
	}
	if code != 0 || len(list) != 16 || float64(right)/16 != e.Metrics["accuracy"] || right < 15 {
		t.Errorf("exit %d, %d of %d right, eval says %v: %s", code, right, len(list), e.Metrics, stderr)
	}

	if stdout, stderr, code := call(t, dir, "predict", "run", "new"); code != 0 || len(fileLines(t, stdout)) != 16 {
		t.Errorf("a folder: exit %d: %s%s", code, stdout, stderr)
	}
	write("new/broken.png", []byte("no picture"))
	stdout, stderr, code = call(t, dir, "predict", "run", "new/dark/0.png", "new/broken.png", "new/dark/2.png")
	if code != exitFailure || len(fileLines(t, stdout)) != 1 || !strings.Contains(stderr, "new/broken.png: ") || !strings.Contains(stderr, "--bad-lines skip") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	stdout, stderr, code = call(t, dir, "predict", "run", "--bad-lines", "skip", "new/dark/0.png", "new/broken.png", "new/dark/2.png")
	list = fileLines(t, stdout)
	if code != exitFailure || len(list) != 3 || !strings.HasPrefix(list[1].Error, "new/broken.png: ") || list[1].Label != "" || list[2].Label != "dark" || !strings.Contains(stderr, "1 input could not be read") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	for want, args := range map[string][]string{
		"run reads whole files: name them":         {"predict", "run"},
		"--text-column: run is no model of text":   {"predict", "run", "--text-column", "x", "new/dark/0.png"},
		"gone.png: no such file or folder, and no": {"predict", "run", "gone.png"},
	} {
		if stdout, stderr, code := call(t, dir, args...); code == 0 || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("exit %d: %s%s, want %q", code, stdout, stderr, want)
		}
	}
}

// checkData: orchid data says what stands in the folder data of dir, what is wrong there, and
// what is not a recipe's.
func checkData(t *testing.T, dir string, write func(path string, b []byte)) {
	t.Helper()
	stdout, stderr, code := call(t, dir, "data", "image", "data=data", "--json")
	var r dataResult
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != 0 || r.Task != "image" || !strings.Contains(r.Description, "16 to train, 16 to test") || !strings.HasPrefix(r.Checksum, "16 pictures, sha256 ") {
		t.Errorf("exit %d, %v: %s%s", code, err, stdout, stderr)
	}
	write("recipe.yaml", []byte("task: image\ntable: t\nrow: r\nmetric: accuracy\nseeds: 1\nchecksum: "+r.Checksum+"\ndata: data\n"))
	if stdout, stderr, code = call(t, dir, "data", "--config", "recipe.yaml"); code != 0 || !strings.Contains(stdout, "checksum: "+r.Checksum+"\n") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	write("data/train/dark/broken.png", []byte("no picture"))
	defer os.Remove(filepath.Join(dir, "data/train/dark/broken.png"))
	if stdout, stderr, code = call(t, dir, "data", "image", "data=data"); code != exitFailure || stdout != "" || !strings.Contains(stderr, "broken.png") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	if stdout, stderr, code = call(t, dir, "data", "image", "data=data", "bad-files=skip", "eval-split=validation"); code != exitUsage || stdout != "" || !strings.Contains(stderr, "eval-split=validation") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	if stdout, stderr, code = call(t, dir, "data", "image", "data=data", "bad-files=skip"); code != 0 || !strings.Contains(stdout, "16 to train") || !strings.Contains(stderr, "broken.png") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	one, err := os.ReadFile(filepath.Join(dir, "data/train/light/1.png"))
	if err != nil {
		t.Fatal(err)
	}
	write("data/train/dark/30.png", one)
	defer os.Remove(filepath.Join(dir, "data/train/dark/30.png"))
	if stdout, stderr, code = call(t, dir, "data", "--config", "recipe.yaml", "bad-files=skip"); code != exitFailure || stdout != "" || !strings.Contains(stderr, "recipe.yaml: checksum: the training data have 17 pictures") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

// TestPredictSeries: every series of a file has its line, and one that the model does not
// take spoils no other.
func TestPredictSeries(t *testing.T) {
	dir := t.TempDir()
	text := func(long int) string {
		s := "@classLabel true up down\n@data\n"
		for i := range 70 { // more than are computed together
			n, values := 6, []string{}
			if i == long {
				n = 50
			}
			for j := range n {
				values = append(values, fmt.Sprint((1-2*(i%2))*j))
			}
			s += strings.Join(values, ",") + ":" + []string{"up", "down"}[i%2] + "\n"
		}
		return s
	}
	for name, s := range map[string]string{"X_TRAIN.ts": text(-1), "X_TEST.ts": text(-1), "long.ts": text(66)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, stderr, code := call(t, dir, "train", "series", "data=X_TRAIN.ts", "eval-data=X_TEST.ts", "--out", "run", "max-length=10", "batch=8", "epochs=0", "steps=60", "width=8", "depth=1", "mlp-blocks=1", "filter-width=8")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	stdout, stderr, code := call(t, dir, "predict", "run", "--bad-lines", "skip", "long.ts")
	list := fileLines(t, stdout)
	if code != exitFailure || len(list) != 70 {
		t.Fatalf("exit %d, %d lines: %s", code, len(list), stderr)
	}
	for i, l := range list {
		want := []string{"up", "down"}[i%2]
		if i == 66 {
			want = ""
		}
		if l.Label != want || l.File != fmt.Sprintf("long.ts:%d", i+3) || (l.Error != "") != (i == 66) {
			t.Errorf("series %d: %+v, want %q", i, l, want)
		}
	}
	if want := "long.ts:69: "; !strings.HasPrefix(list[66].Error, want) || strings.Contains(list[66].Error, "sequence") {
		t.Errorf("%q, want %q first", list[66].Error, want)
	}
}
