package image

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/random"
)

// idx writes a set in MNIST's form: n pictures of 8x8 pixels, class c bright in
// row c.
func idx(t *testing.T, dir, prefix string, n int) {
	t.Helper()
	pixels, labels := []byte{0, 0, 8, 3, 0, 0, 0, byte(n), 0, 0, 0, 8, 0, 0, 0, 8}, []byte{0, 0, 8, 1, 0, 0, 0, byte(n)}
	s := random.New(5, prefix)
	for i := range n {
		c := i % 8
		labels = append(labels, byte(c))
		for p := range 64 {
			v := s.IntN(100)
			if p/8 == c {
				v += 150
			}
			pixels = append(pixels, byte(v))
		}
	}
	for name, b := range map[string][]byte{"-images-idx3-ubyte": pixels, "-labels-idx1-ubyte": labels} {
		if err := os.WriteFile(filepath.Join(dir, prefix+name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func tiny(dir string) *Config {
	c := Default()
	c.Data, c.Batch, c.Crop, c.Flip = dir, 16, 1, true
	c.Model.Width, c.Model.Depth, c.Model.DropPath, c.Model.MLPBlocks = 16, 2, 0, 2
	c.Model.Mixer.Filter.Width = 8
	return &c
}

func TestTrains(t *testing.T) {
	dir := t.TempDir()
	idx(t, dir, "train", 64)
	idx(t, dir, "t10k", 24)
	k, err := New(tiny(dir), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Prepare(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	var tape autograd.Tape
	tape.Training = true
	for step := range 60 {
		tape.Reset()
		loss, n, tokens := k.Loss(&tape, step)
		if n != 16 || tokens != 64 {
			t.Fatalf("%d pictures, %d tokens", n, tokens)
		}
		tape.Backward(loss, nil, 1)
		for _, p := range k.Params() {
			if !p.Frozen {
				for i, g := range p.Grad {
					p.Data[i] -= 0.1 * g
				}
			}
			clear(p.Grad)
		}
	}
	m, err := k.Evaluate(context.Background(), "train", func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	if !(m["accuracy"] > 0.4) || m["chance"] != 0.1 || m["majority"] != 0.125 || m["top5_accuracy"] < m["accuracy"] {
		t.Errorf("%v", m)
	}
}

// TestBatchIsTheSameOnAnyThreads covers the random crops and flips.
func TestBatchIsTheSameOnAnyThreads(t *testing.T) {
	dir := t.TempDir()
	idx(t, dir, "train", 64)
	idx(t, dir, "t10k", 24)
	var want []float32
	for _, threads := range []int{1, 2, 4} {
		func() {
			defer par.SetThreads(par.SetThreads(threads))
			k, err := New(tiny(dir), 1)
			if err != nil {
				t.Fatal(err)
			}
			if err := k.Prepare(context.Background(), nil); err != nil {
				t.Fatal(err)
			}
			k.load("train", k.sampler.At(3), true, 3)
			if want == nil {
				want = append(want, k.pictures...)
			}
			numtest.BitEqual(t, "pictures", k.pictures, want)
		}()
	}
}

func TestMissingParts(t *testing.T) {
	dir := t.TempDir()
	idx(t, dir, "t10k", 24)
	k, err := New(tiny(dir), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Prepare(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "no train pictures") {
		t.Errorf("trainable: %v", err)
	}
	if _, err := k.Evaluate(context.Background(), "test", func(int, int) {}); err != nil {
		t.Errorf("a test part alone can be evaluated: %v", err)
	}
	if _, err := New(tiny(t.TempDir()), 1); err == nil {
		t.Error("an empty folder was accepted")
	}
}

// TestMNIST opens the real files.
func TestMNIST(t *testing.T) {
	c := tiny(numtest.Shared(t, "data", "mnist"))
	k, err := New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	if want := "28x28x1 pixels, 49 patches of 4x4"; !strings.Contains(k.Describe(), want) {
		t.Errorf("%q does not say %q", k.Describe(), want)
	}
}
