package model

import (
	"fmt"
	"slices"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/tensor"
)

// mixers are the changes that make each mixer.
var mixers = map[string]func(c *mixer.Config){
	"orchid":      nil,
	"orchid, DFT": func(c *mixer.Config) { c.Transform, c.Conditioner = "dft", "correlation" },
	"attention":   func(c *mixer.Config) { c.Mixer, c.Heads = "attention", 4 },
	"hyena":       func(c *mixer.Config) { c.Mixer = "hyena" },
	"m2":          func(c *mixer.Config) { c.Mixer = "m2" },
}

// words returns n words below V.
func words(n, V int) []int {
	ids := make([]int, n)
	for i, v := range numtest.Normal(5, n) {
		ids[i] = int(1000*v*v) % V
	}
	return ids
}

// TestTokensAlone: the logits of a sequence have the same bits alone and in a
// batch of other lengths.
func TestTokensAlone(t *testing.T) {
	const V, D = 19, 36
	seq := tensor.Pack(17, 1, 64, 3, 17, 40)
	ids := words(seq.Total(), V)
	for name, change := range mixers {
		m, err := NewTokenModel(small(D, 2, 3, change), V, 64, NoPositions, 1)
		if err != nil {
			t.Fatal(err)
		}
		logits := func(ids []int, seq tensor.Offsets) []float32 {
			tape := autograd.Tape{NoGrad: true}
			rows := make([]int, seq.Total())
			for i := range rows {
				rows[i] = i
			}
			return m.Forward(&tape, ids, seq, rows).Data
		}
		batch := logits(ids, seq)
		for i := range seq.Count() {
			lo, hi := seq.Span(i)
			one := logits(ids[lo:hi], tensor.Pack(hi-lo))
			numtest.BitEqual(t, fmt.Sprintf("%s, sequence %d", name, i), batch[lo*V:hi*V], one)
		}
	}
}

// TestChosenRows: which rows are asked for does not change their logits.
func TestChosenRows(t *testing.T) {
	const V, D = 19, 36
	seq := tensor.Pack(9, 12)
	ids := words(seq.Total(), V)
	m, err := NewTokenModel(small(D, 1, 1, nil), V, 64, NoPositions, 1)
	if err != nil {
		t.Fatal(err)
	}
	var tape autograd.Tape
	some := m.Forward(&tape, ids, seq, []int{20, 8, 8}).Data
	for i, row := range []int{20, 8, 8} {
		var tape autograd.Tape
		one := m.Forward(&tape, ids, seq, []int{row}).Data
		numtest.BitEqual(t, fmt.Sprint("row ", row), some[i*V:(i+1)*V], one)
	}
}

// TestPicturesAlone: the logits of a picture have the same bits alone and in a
// batch, for every mixer and pooling.
func TestPicturesAlone(t *testing.T) {
	const H, W, C, B, classes = 12, 20, 3, 5, 7
	pictures := numtest.Normal(1, B*H*W*C)
	for name, change := range mixers {
		for _, pool := range []autograd.Pooling{autograd.MeanPool, autograd.FirstPool, autograd.LastPool, autograd.MaxPool} {
			m, err := NewViT(small(36, 2, 3, change), PatchConfig{Patch: 4, Pool: pool}, H, W, C, classes, 1)
			if err != nil {
				t.Fatal(err)
			}
			logits := func(pictures []float32) []float32 {
				tape := autograd.Tape{NoGrad: true}
				return m.Forward(&tape, pictures).Data
			}
			batch := logits(pictures)
			for i := range B {
				one := logits(pictures[i*H*W*C : (i+1)*H*W*C])
				numtest.BitEqual(t, fmt.Sprintf("%s, %s, picture %d", name, pool, i), batch[i*classes:(i+1)*classes], one)
			}
		}
	}
}

// pass is one training pass of a token model: logits and all gradients.
func pass(m *TokenModel, tape *autograd.Tape, ids []int, seq tensor.Offsets) []float32 {
	tape.Reset()
	for _, p := range m.Params() {
		clear(p.Grad)
	}
	y := m.Forward(tape, ids, seq, []int{0, 4, seq.Total() - 1})
	all := slices.Clone(y.Data)
	tape.Backward(y, nil, 1)
	for _, p := range m.Params() {
		all = append(all, p.Grad...)
	}
	return all
}

// TestRandomPaths: what dropout and drop-path choose follows from seed and
// step alone. It differs between steps and seeds, agrees between runs, on a
// used tape too, and there is none outside training.
func TestRandomPaths(t *testing.T) {
	const V, D = 19, 32
	seq := tensor.Pack(9, 12, 5, 30, 9, 7, 11, 8)
	ids := words(seq.Total(), V)
	for name, change := range map[string]func(c *Config){
		"dropout":   func(c *Config) { c.Dropout = 0.2 },
		"drop-path": func(c *Config) { c.DropPath = 0.5 },
		"both":      func(c *Config) { c.Dropout, c.DropPath = 0.1, 0.3 },
	} {
		config := small(D, 3, 1, nil)
		plain, err := NewTokenModel(config, V, 64, NoPositions, 1)
		if err != nil {
			t.Fatal(err)
		}
		change(&config)
		m, err := NewTokenModel(config, V, 64, NoPositions, 1)
		if err != nil {
			t.Fatal(err)
		}
		fresh := func(seed uint64, step int) []float32 {
			return pass(m, &autograd.Tape{Training: true, Seed: seed, Step: step}, ids, seq)
		}
		first := fresh(1, 1)
		numtest.BitEqual(t, name+", another run", fresh(1, 1), first)
		for _, other := range [][]float32{fresh(1, 2), fresh(2, 1)} {
			if slices.Equal(other, first) {
				t.Errorf("%s: another step or seed dropped the same", name)
			}
		}
		used := autograd.Tape{Training: true, Seed: 1}
		pass(m, &used, ids, seq)
		used.Step = 1
		numtest.BitEqual(t, name+", on a used tape", pass(m, &used, ids, seq), first)
		numtest.BitEqual(t, name+", outside training", pass(m, &autograd.Tape{}, ids, seq), pass(plain, &autograd.Tape{}, ids, seq))
	}
}

// TestTooLong: what a model cannot serve is a *autograd.ShapeError.
func TestTooLong(t *testing.T) {
	const V, D = 19, 32
	for name, want := range map[string]string{
		"orchid":    "autograd: orchid wants sequences of at most 16 rows, the length its static kernel was made for (filter-positions=relative serves any length), got [[17 32]]",
		"attention": "autograd: positions wants sequences of at most 16 rows, as many as there are learned positions, got [[17]]",
		"hyena":     "<nil>",
		"m2":        "<nil>",
	} {
		where := NoPositions
		if name == "attention" {
			where = LearnedPositions
		}
		m, err := NewTokenModel(small(D, 1, 1, mixers[name]), V, 16, where, 1)
		if err != nil {
			t.Fatal(err)
		}
		err = autograd.Catch(func() {
			var tape autograd.Tape
			m.Forward(&tape, words(17, V), tensor.Pack(17), []int{0})
		})
		if fmt.Sprint(err) != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}

// TestEveryRate: each place that drops something does so while training.
func TestEveryRate(t *testing.T) {
	const V, D = 19, 32
	seq := tensor.Pack(9, 12, 5, 30, 9, 7, 11, 8)
	ids := words(seq.Total(), V)
	logits := func(change func(m *TokenModel)) []float32 {
		m, err := NewTokenModel(small(D, 1, 1, nil), V, 64, NoPositions, 1)
		if err != nil {
			t.Fatal(err)
		}
		change(m)
		tape := autograd.Tape{Training: true, Seed: 1}
		return m.Forward(&tape, ids, seq, []int{0, 20, 40}).Data
	}
	plain := logits(func(*TokenModel) {})
	for where, change := range map[string]func(m *TokenModel){
		"embedding": func(m *TokenModel) { m.Dropout = 0.5 },
		"branches":  func(m *TokenModel) { m.Encoder.Blocks[0].Dropout = 0.5 },
		"MLP":       func(m *TokenModel) { m.Encoder.Blocks[0].MLP.Dropout = 0.5 },
		"paths":     func(m *TokenModel) { m.Encoder.Blocks[0].DropPath = 0.5 },
	} {
		if slices.Equal(logits(change), plain) {
			t.Errorf("nothing was dropped in the %s", where)
		}
	}
}
