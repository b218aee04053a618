package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestBadPicture: a picture of a set too large for memory that turns out damaged stops
// a run, which is saved; both ways on that the message names work.
func TestBadPicture(t *testing.T) {
	dir := t.TempDir()
	picture := func(i int) []byte {
		m := image.NewGray(image.Rect(0, 0, 8, 8))
		for p := range 64 {
			m.Set(p%8, p/8, color.Gray{uint8(i*p + 100*(i%2))})
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, m, nil); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	write := func(part string, i int, b []byte) {
		path := filepath.Join(dir, "data", part, []string{"ant", "bee"}[i%2], fmt.Sprintf("%d.jpg", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const n = 1<<30/(3*512*512) + 1 // as many as 1 GiB does not hold
	for i := range n {
		b := picture(i)
		if i%16 == 7 {
			b = b[:len(b)-10]
		}
		write("train", i, b)
	}
	for i := range 2 {
		write("test", i, picture(i))
	}
	args := []string{"train", "image", "data=data", "--out", "run", "picture-size=512", "patch=64", "batch=2", "epochs=0", "steps=8", "width=8", "depth=1", "mlp-blocks=1", "filter-width=8"}
	_, stderr, code := call(t, dir, args...)
	says := regexp.MustCompile(`(?m)^orchid: a picture with a good header cannot be read; put a whole copy in its place, or skip such files by bad-files=skip: data/train/\w+/\d+\.jpg: .+; saved after step [1-7] of 8\. Go on with: orchid train image --out run --resume$`)
	if code != exitFailure || !says.MatchString(stderr) {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	stopped := filepath.Join(dir, "stopped")
	if err := os.CopyFS(stopped, os.DirFS(filepath.Join(dir, "run"))); err != nil {
		t.Fatal(err)
	}
	resume := []string{"train", "image", "--resume", "--out", "run"}
	if _, stderr, code := call(t, dir, append(resume, "bad-files=skip")...); code != 0 {
		t.Errorf("skipped: exit %d: %s", code, stderr)
	}
	for i := 7; i < n; i += 16 {
		write("train", i, picture(i))
	}
	resume[4] = "stopped"
	if _, stderr, code := call(t, dir, resume...); code != 0 {
		t.Errorf("replaced: exit %d: %s", code, stderr)
	}
}
