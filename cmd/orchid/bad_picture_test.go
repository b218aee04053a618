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
	"strings"
	"testing"
	"time"
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
		write("train", i, picture(i))
	}
	damage := func(from int) {
		for i := from; i < n; i += 16 {
			b := picture(i)
			write("train", i, b[:len(b)-10])
		}
	}
	for i := range 2 {
		write("test", i, picture(i))
	}
	args := []string{"train", "image", "data=data", "--out", "run", "picture-size=512", "patch=64", "batch=2", "epochs=0", "steps=100", "width=8", "depth=1", "mlp-blocks=1", "filter-width=8"}

	// What can be seen before the first step is an error then.
	damage(n - 1)
	if _, stderr, code := call(t, dir, args...); code != exitFailure || !strings.Contains(stderr, "data: 1 picture with a good header cannot be read; put a whole copy in its place, or ") {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	write("train", n-1, picture(n-1))

	c := command(dir, args...)
	var b strings.Builder
	c.Stderr = &b
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "run", "config.json")); err == nil {
			break
		}
		if time.Now().After(end) {
			t.Error("no step after a minute")
			break
		}
	}
	damage(7)
	c.Wait()
	stderr, code := b.String(), c.ProcessState.ExitCode()
	says := regexp.MustCompile(`(?m)^orchid: a picture with a good header cannot be read; put a whole copy in its place, or skip such files by bad-files=skip: data/train/\w+/\d+\.jpg: .+; saved after step \d+ of 100\. Go on with: orchid train image --out run --resume$`)
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
