package image

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/data/picture"
	"github.com/orchid-seq/orchid/task"
)

// folders writes a set in the layout of ImageNet, 16 pictures of two classes a part.
func folders(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for i := range 32 {
		m := image.NewRGBA(image.Rect(0, 0, 9+i%3, 10))
		for y := range 10 {
			for x := range 9 + i%3 {
				m.Set(x, y, color.RGBA{uint8(x * 20 * (i % 2)), uint8(y * 20), uint8(i), 255})
			}
		}
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, []string{"train", "val"}[i/16], []string{"ant", "bee"}[i%2], fmt.Sprintf("%02d.png", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// cut makes a file end within its pixels.
func cut(t *testing.T, path ...string) {
	t.Helper()
	name := filepath.Join(path...)
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b[:len(b)-30], 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestFoldersTrain(t *testing.T) {
	c := tiny(folders(t))
	c.Size, c.ScaleCrop, c.Crop = 8, 0.3, 0
	k := prepared(t, c)
	if c.Height != 8 || c.Channels != 3 || len(c.Classes) != 2 || !strings.Contains(k.Describe(), "16 to train, 16 to test, in memory") {
		t.Errorf("%+v, %q", c, k.Describe())
	}
	var tape autograd.Tape
	if loss, n, _ := k.Loss(&tape, 0); n != 16 || !(loss.Data[0] > 0) {
		t.Errorf("loss %v of %d", loss.Data, n)
	}
	if m, err := k.Evaluate(t.Context(), "test", func(int, int) {}); err != nil || m["majority"] != 0.5 {
		t.Errorf("%v, %v", m, err)
	}
}

// TestDamageFoundLate: of a set that stays in files, a file with a good header
// and bad pixels is found when it is wanted, and named. The run may go on without it.
func TestDamageFoundLate(t *testing.T) {
	dir := folders(t)
	var prints []string
	for _, mode := range []string{"stop", "skip"} {
		c := tiny(dir)
		c.Size, c.BadFiles = 8, mode
		if mode == "stop" {
			cut(t, dir, "train", "bee", "05.png")
			cut(t, dir, "val", "ant", "18.png")
		}
		var notes []string
		env := task.Env{Note: func(text string) { notes = append(notes, text) }}
		k, err := Open(t.Context(), c, 1, env)
		// Small sets are in memory and say so at once, all of them together.
		if mode == "stop" && (err == nil || !strings.Contains(err.Error(), "05.png")) || mode == "skip" && (err != nil || len(notes) != 2) {
			t.Fatalf("%v, %q", err, notes)
		}
		if k == nil {
			c.Height, c.Width, c.Channels, c.Classes = 8, 8, 3, []string{"ant", "bee"}
			if k, err = Open(t.Context(), c, 1, env); err != nil {
				t.Fatal(err)
			}
		}
		train, test, err := picture.Open(t.Context(), dir, picture.Options{Height: 8, Width: 8, Memory: 1})
		if err != nil {
			t.Fatal(err)
		}
		k.sets = map[string]*picture.Set{"train": train, "test": test}
		err = k.Prepare(t.Context(), nil)
		if mode == "stop" { // of 4,096 pictures it is seen before the first step
			if err == nil || !strings.Contains(err.Error(), "1 picture with a good header cannot be read; ") || !strings.Contains(err.Error(), "05.png") {
				t.Errorf("preparing: %v", err)
			}
			k.c.BadFiles = "skip"
			err = k.Prepare(t.Context(), nil)
			k.c.BadFiles = "stop"
		}
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		if prints = append(prints, k.Fingerprint()); prints[0] != k.Fingerprint() {
			t.Errorf("bad-files=%s is another run: %q", mode, prints)
		}
		notes = nil
		loss := func() (err error) {
			defer func() { err, _ = recover().(error) }()
			var tape autograd.Tape
			k.Loss(&tape, 0)
			return nil
		}
		err = loss()
		if mode == "stop" {
			if err == nil || !strings.Contains(err.Error(), "05.png") || !strings.Contains(err.Error(), "bad-files=skip") {
				t.Errorf("training: %v", err)
			}
			if len(notes) != 0 {
				t.Errorf("nothing is left out, and yet: %q", notes)
			}
			if _, err = k.Evaluate(t.Context(), "test", func(int, int) {}); !errors.As(err, new(*autograd.InputError)) || !strings.Contains(err.Error(), "18.png") {
				t.Errorf("evaluation: %v", err)
			}
			continue
		}
		if err != nil || len(notes) != 1 || !strings.Contains(notes[0], "05.png") {
			t.Errorf("training: %v, %q", err, notes)
		}
		if err = loss(); err != nil || len(notes) != 1 {
			t.Errorf("a second time: %v, %q", err, notes)
		}
		m, err := k.Evaluate(t.Context(), "test", func(int, int) {})
		if err != nil || len(notes) != 2 || m["majority"] != 8./15 {
			t.Errorf("evaluation: %v, %v, %q", m, err, notes)
		}
	}
}

// TestElsewhere: a model is tested on a folder with a test part alone, and with
// fewer classes; to be trained, it wants two.
func TestElsewhere(t *testing.T) {
	dir := folders(t)
	c := tiny(dir)
	c.Size = 8
	if _, err := New(c, 1); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "train")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "val", "ant")); err != nil {
		t.Fatal(err)
	}
	k, err := New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := k.Evaluate(t.Context(), "test", func(int, int) {}); err != nil || m["chance"] != 0.5 || m["majority"] != 1 {
		t.Errorf("%v, %v", m, err)
	}
	c = tiny(dir)
	c.Size = 8
	if _, err := New(c, 1); err == nil || !strings.Contains(err.Error(), `all pictures are labelled ["bee"]: there is nothing to tell apart`) {
		t.Errorf("%v", err)
	}
}
