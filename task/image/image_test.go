package image

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/data/picture"
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
	k := prepared(t, tiny(dir))
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

// vary turns on everything that varies pictures.
func vary(c *Config) {
	c.Crop, c.ScaleCrop, c.RandAugment, c.Erasing, c.Mixup, c.CutMix = 0, 0.3, 9, 0.5, 0.8, 1
}

// TestBatchIsTheSameOnAnyThreads covers all that is drawn for a batch.
func TestBatchIsTheSameOnAnyThreads(t *testing.T) {
	dir := t.TempDir()
	idx(t, dir, "train", 64)
	idx(t, dir, "t10k", 24)
	for _, change := range []func(c *Config){func(*Config) {}, vary} {
		var want []*batch
		for _, threads := range []int{1, 2, 4} {
			func() {
				defer par.SetThreads(par.SetThreads(threads))
				c := tiny(dir)
				change(c)
				k := prepared(t, c)
				for i, step := range []int{3, 5, 6, 9} {
					var b batch
					if k.fill(&b, step); len(want) == i {
						want = append(want, &b)
					}
					numtest.BitEqual(t, "pictures", b.pictures, want[i].pictures)
					if !slices.Equal(b.labels, want[i].labels) || !slices.Equal(b.others, want[i].others) || b.share != want[i].share {
						t.Errorf("labels %v, %v, %v", b.labels, b.others, b.share)
					}
				}
			}()
		}
	}
}

// prepared builds a task and reads its data; the test's end closes it.
func prepared(t testing.TB, c *Config) *Task {
	t.Helper()
	k, err := New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Prepare(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

// TestMixing: the pictures of a batch and their labels are mixed with the same
// share, and both ways of mixing come up.
func TestMixing(t *testing.T) {
	dir := t.TempDir()
	idx(t, dir, "train", 64)
	idx(t, dir, "t10k", 24)
	c := tiny(dir)
	c.Crop, c.Flip = 0, false
	plain := prepared(t, c)
	both := *c
	both.Mixup, both.CutMix = 0.8, 1
	k := prepared(t, &both)
	up, cut := 0, 0
	for step := range 40 {
		var a, b batch
		plain.fill(&a, step)
		k.fill(&b, step)
		if a.others != nil || b.others == nil || !slices.Equal(a.labels, b.labels) {
			t.Fatalf("labels %v and %v, %v", a.labels, b.labels, b.others)
		}
		// What share of picture 0 is its own, what share of the last one.
		n, own, other := len(a.labels), 0, 0
		first, last := a.pictures[:64], a.pictures[(n-1)*64:n*64]
		for i, v := range b.pictures[:64] {
			if v == first[i] {
				own++
			} else if v == last[i] {
				other++
			}
		}
		if own+other == 64 { // a box of whole pixels
			cut++
			if got := float64(own) / 64; got < b.share || got > b.share+0.1 { // some are the same in both
				t.Errorf("step %d: %v of the picture is its own, share %v", step, got, b.share)
			}
		} else {
			up++
			for i, v := range b.pictures[:64] {
				want := b.share*float64(first[i]) + (1-b.share)*float64(last[i])
				if d := float64(v) - want; !(d*d < 1e-10) {
					t.Fatalf("step %d: pixel %d is %v, want %v", step, i, v, want)
				}
			}
		}
		for i, l := range b.others {
			if l != b.labels[n-1-i] {
				t.Fatalf("labels %v, %v", b.labels, b.others)
			}
		}
	}
	if up < 10 || cut < 10 {
		t.Errorf("%d batches by mixup, %d by cutmix", up, cut)
	}
}

// TestLoss holds the loss of a step to that of its batch, worked out from the logits
// in float64: each label by its share, smoothed by 0.1 of ten classes.
func TestLoss(t *testing.T) {
	dir := t.TempDir()
	idx(t, dir, "train", 64)
	idx(t, dir, "t10k", 24)
	for name, change := range map[string]func(c *Config){
		"plain": func(*Config) {}, "mixup": func(c *Config) { c.Mixup = 0.3 }, "cutmix": func(c *Config) { c.CutMix = 0.3 },
	} {
		c := tiny(dir)
		change(c)
		k := prepared(t, c)
		var b batch
		k.fill(&b, 3)
		others := b.others
		if others == nil {
			others = b.labels
		}
		if (b.others == nil) != (name == "plain") || name != "plain" && math.Abs(b.share-0.5) < 0.05 {
			t.Fatalf("%s: others %v, share %v", name, b.others, b.share)
		}
		var tape autograd.Tape
		logits, want := k.model.Forward(&tape, b.pictures), 0.0
		for i := range b.labels {
			sum, mean := 0.0, 0.0
			for _, v := range logits.Row(i) {
				sum += math.Exp(float64(v))
				mean += float64(v) / 10
			}
			own, other := float64(logits.Row(i)[b.labels[i]]), float64(logits.Row(i)[others[i]])
			want += (math.Log(sum) - 0.9*(b.share*own+(1-b.share)*other) - 0.1*mean) / float64(len(b.labels))
		}
		loss, _, _ := k.Loss(&tape, 3)
		// Exponentials are good to 2^-22; the loss, about 2, is rounded once.
		numtest.Close(t, name, loss.Data, []float64{want}, 0x1p-22)
	}
}

// TestErasing: as many pictures have a box of noise as the probability says, within five
// standard errors.
func TestErasing(t *testing.T) {
	dir := t.TempDir()
	idx(t, dir, "train", 64)
	idx(t, dir, "t10k", 24)
	c := tiny(dir)
	plain := prepared(t, c)
	erasing := *c
	erasing.Erasing = 0.4
	k := prepared(t, &erasing)
	n, erased := 0, 0
	for step := range 40 {
		var a, b batch
		plain.fill(&a, step)
		k.fill(&b, step)
		for i := range a.labels {
			if n++; !slices.Equal(a.pictures[i*64:(i+1)*64], b.pictures[i*64:(i+1)*64]) {
				erased++
			}
		}
	}
	if d := float64(erased) - 0.4*float64(n); math.Abs(d) > 5*math.Sqrt(0.4*0.6*float64(n)) {
		t.Errorf("%d of %d pictures have a box", erased, n)
	}
}

// TestViews: what comes in from outside of a picture has the mean colour, and after
// training with crops of random scale the middle is tested, 0.875 of each side.
func TestViews(t *testing.T) {
	dir := t.TempDir()
	idx(t, dir, "train", 64)
	idx(t, dir, "t10k", 24)
	c := tiny(dir)
	c.Size, c.Patches.Patch, c.Crop, c.ScaleCrop = 6, 3, 0, 0.3
	k := prepared(t, c)
	sum := 0.0
	for i := range 64 {
		p, err := k.sets["train"].Picture(i)
		if err != nil || p.Height != 8 {
			t.Fatalf("%d x %d, %v", p.Height, p.Width, err)
		}
		for _, v := range p.Pixels {
			sum += float64(v)
		}
	}
	if fill, want := k.newVariation().rand.Fill, math.Round(sum/64/64); len(fill) != 1 || float64(fill[0]) != want {
		t.Errorf("fill %v, want %v", fill, want)
	}
	p, _ := k.sets["test"].Picture(5)
	middle, want := picture.New(6, 6, 1), make([]float32, 36)
	picture.Resize(middle, p, picture.Box{Height: 7, Width: 7})
	picture.Normalize(want, middle.Pixels, k.mean.Data, k.std.Data)
	var b batch
	k.tests(&b, k.sets["test"], 5, 6)
	numtest.BitEqual(t, "the middle", b.pictures, want)
}

// TestRecipe trains with everything on.
func TestRecipe(t *testing.T) {
	dir := t.TempDir()
	idx(t, dir, "train", 24)
	idx(t, dir, "t10k", 24)
	c := tiny(dir)
	vary(c)
	c.Size = 12
	k := prepared(t, c)
	if c.Height != 12 || c.Width != 12 {
		t.Fatalf("%d x %d", c.Height, c.Width)
	}
	var tape autograd.Tape
	tape.Training = true
	for step := range 4 {
		tape.Reset()
		loss, _, tokens := k.Loss(&tape, step)
		if v := loss.Data[0]; !(v > 1 && v < 5) || tokens != 9*[]int{16, 8}[step%2] {
			t.Errorf("loss %v, %d tokens", v, tokens)
		}
		tape.Backward(loss, nil, 1)
	}
	m, err := k.Evaluate(t.Context(), "test", func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i := range 10 {
		right += k.Confusion().Count(i, i)
	}
	if got := float64(right) / 24; got != m["accuracy"] {
		t.Errorf("confusion says %v, metrics %v", got, m)
	}
	if _, err := k.Sample(); err != nil {
		t.Error(err)
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
