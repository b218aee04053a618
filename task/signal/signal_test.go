package signal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/task"
)

func nothing(int, int) {}

// wav is a mono recording of 16 bits.
func wav(rate int, x []float64) []byte {
	b := []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00")
	b = binary.LittleEndian.AppendUint32(b, uint32(rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(2*rate))
	b = append(b, 2, 0, 16, 0)
	b = binary.LittleEndian.AppendUint32(append(b, "data"...), uint32(2*len(x)))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(v*32767)))
	}
	return b
}

func write(t *testing.T, b []byte, path ...string) string {
	t.Helper()
	file := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// tones writes recordings of a high and a low tone in noise, of various lengths.
func tones(t *testing.T, dir string, n int) string {
	t.Helper()
	for _, part := range []string{"train", "test"} {
		for class, hz := range map[string]float64{"high": 900, "low": 350} {
			for i := range n {
				s := random.New(3, part+class, i)
				x := make([]float64, 150+s.IntN(150))
				for j := range x {
					x[j] = 0.3*math.Sin(2*math.Pi*hz*float64(j)/4000+6*s.Float64()*0) + 0.1*(s.Float64()-0.5)
				}
				write(t, wav(4000, x), dir, part, class, fmt.Sprint(i, ".wav"))
			}
		}
	}
	return dir
}

// tiny is a speech task of few parameters.
func tiny(dir string) *SpeechConfig {
	c := DefaultSpeech()
	c.Data, c.Fit.Batch = dir, 8
	c.Fit.Model.Width, c.Fit.Model.Depth, c.Fit.Model.Dropout = 16, 1, 0
	c.Fit.Model.Mixer.Filter.Width = 8
	c.Fit.Shift, c.Fit.Noise, c.Fit.Gain, c.Fit.Speed = 20, 0.1, 0.2, 0.1
	return &c
}

func made(t *testing.T, c *SpeechConfig) *Task {
	t.Helper()
	k, err := NewSpeech(t.Context(), c, 1, task.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Prepare(t.Context(), nothing); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

// fit trains by plain gradient descent.
func fit(k *Task, steps int, rate float32) {
	if testing.Short() {
		steps = 3
	}
	tape := autograd.Tape{Training: true}
	for step := range steps {
		tape.Reset()
		loss, _, _ := k.Loss(&tape, step)
		tape.Backward(loss, nil, 1)
		for _, p := range k.Params() {
			if !p.Frozen {
				for i, g := range p.Grad {
					p.Data[i] -= rate * g
				}
			}
			clear(p.Grad)
		}
	}
}

// TestTrains: chance is one half.
func TestTrains(t *testing.T) {
	c := tiny(tones(t, t.TempDir(), 12))
	k := made(t, c)
	if !slices.Equal(c.Fit.Classes, []string{"high", "low"}) || c.Sound.Rate != 4000 || c.Fit.Channels != 1 || c.Fit.MaxLength < 200 {
		t.Errorf("the settings are completed as %+v", c)
	}
	if k.StepsPerEpoch() != 3 || !slices.Equal(k.Splits(), []string{"test", "train"}) {
		t.Errorf("%d steps, splits %v", k.StepsPerEpoch(), k.Splits())
	}
	fit(k, 60, 0.1)
	m, err := k.Evaluate(t.Context(), "test", nothing)
	if err != nil {
		t.Fatal(err)
	}
	if !testing.Short() && !(m["accuracy"] > 0.9) || m["chance"] != 0.5 || m["majority"] != 0.5 {
		t.Errorf("%v", m)
	}
	counts := k.Confusion()
	if n := counts.Count(0, 0) + counts.Count(0, 1) + counts.Count(1, 0) + counts.Count(1, 1); n != 24 || counts.Accuracy() != m["accuracy"] || counts.MacroF1() != m["macro_f1"] {
		t.Errorf("%d predictions are counted", n)
	}
	d := k.Describe()
	for _, want := range []string{"4000 samples a second", "2 classes", "train: 24 sequences", "high 50.0 %, low 50.0 %"} {
		if !strings.Contains(d, want) {
			t.Errorf("%q does not say %q", d, want)
		}
	}
	if _, err := k.Evaluate(t.Context(), "validation", nothing); err == nil || !strings.Contains(err.Error(), "no validation sequences") {
		t.Errorf("%v", err)
	}
	file := k.parts.Sets["test"].Name(0)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Evaluate(t.Context(), "test", nothing); !errors.As(err, new(*autograd.InputError)) || !strings.Contains(err.Error(), file) {
		t.Errorf("%v", err)
	}
}

// TestBatches: a training batch depends on seed and step alone, not on threads; and
// the budget is counted in rows.
func TestBatches(t *testing.T) {
	dir := tones(t, t.TempDir(), 12)
	c := tiny(dir)
	c.Fit.BatchTokens = 100
	var want batch
	for _, threads := range []int{1, 2, 4} {
		func() {
			defer par.SetThreads(par.SetThreads(threads))
			k := made(t, c)
			b := k.loader.At(5)
			if want.x == nil {
				want = b
			}
			numtest.BitEqual(t, "batch", b.x, want.x)
			if !slices.Equal(b.labels, want.labels) || b.seq.Map(k.c.Signal.Rows).Total() > 110+44 {
				t.Errorf("labels %v, %v", b.labels, b.seq)
			}
			if other := k.loader.At(6); slices.Equal(other.x, b.x) {
				t.Error("the next batch is the same")
			}
		}()
	}
	// Training sequences are varied before they are normalised, others are not.
	c = tiny(dir)
	c.Fit.Shift, c.Fit.Noise, c.Fit.Speed, c.Fit.Gain = 0, 0, 0, 1
	k := made(t, c)
	set, step := k.parts.Sets["train"], 1
	raw := make([]float32, set.Rows(3))
	if err := set.Read(raw, 3); err != nil {
		t.Fatal(err)
	}
	mean, std := float64(k.scale.mean.Data[0]), float64(k.scale.std.Data[0])
	s := random.New(k.seed, "augment", step, 0)
	for name, by := range map[string]float64{"evaluation": 1, "training": factor(c.Fit.Gain, &s)} {
		got := k.batch(set, []int{3}, map[string]*int{"training": &step}[name])
		want := make([]float64, len(raw))
		for i, v := range raw {
			want[i] = (by*float64(v) - mean) / std
		}
		// Four roundings, of the factor, the product, the difference and the quotient;
		// twice that, since the product may be larger than the difference.
		numtest.Close(t, name, got.x, want, 2*4*0x1p-24)
	}
}

// TestMeasured: what the training set is normalised by is its own mean and deviation,
// for each place as well, whatever the test set has.
func TestMeasured(t *testing.T) {
	dir := t.TempDir()
	write(t, []byte("@classLabel true a b\n@data\n1,10:a\n5,16:b\n"), dir, "X_TRAIN.ts")
	write(t, []byte("@classLabel true a b\n@data\n100,200:a\n"), dir, "X_TEST.ts")
	for how, want := range map[string][2][]float64{"global": {{8}, {math.Sqrt(31.5)}}, "step": {{3, 13}, {2, 3}}} {
		c := tinySeries(dir)
		c.Fit.Normalize = how
		k := madeSeries(t, c)
		defer k.Close()
		numtest.Close(t, how+" means", k.scale.mean.Data, want[0], 0x1p-24) // one rounding
		numtest.Close(t, how+" deviations", k.scale.std.Data, want[1], 0x1p-24)
	}
}

// TestLowRate: a small file that would become a huge one at the model's rate is refused.
func TestLowRate(t *testing.T) {
	dir := tones(t, t.TempDir(), 3)
	k := made(t, tiny(dir))
	file := write(t, wav(1, make([]float64, 40_000)), dir, "low.wav")
	if _, _, err := k.ReadFile(file); err == nil || !strings.Contains(err.Error(), "low.wav: 40000 samples at 1 a second become 160000000 at the model's 4000") {
		t.Errorf("%v", err)
	}
}

// TestAlone: what a sequence gives has the same bits alone and among others, through
// Classify and Predict, for every way to normalise that takes any length.
func TestAlone(t *testing.T) {
	dir := tones(t, t.TempDir(), 3)
	for _, how := range []string{"global", "sequence", "none"} {
		c := tiny(dir)
		c.Fit.Normalize = how
		k := made(t, c)
		var list [][]float32
		for i := range 3 {
			s, names, err := k.ReadFile(filepath.Join(dir, "test", "low", fmt.Sprint(i, ".wav")))
			if err != nil || len(names) != 1 {
				t.Fatal(err)
			}
			list = append(list, s...)
		}
		all, err := k.Classify(t.Context(), list)
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range list {
			one, err := k.Classify(t.Context(), [][]float32{x})
			if err != nil || one[0].Label != all[i].Label || one[0].Probabilities["low"] != all[i].Probabilities["low"] {
				t.Errorf("%s: alone %+v, among others %+v, %v", how, one, all[i], err)
			}
		}
		in, err := k.Sample()
		if err != nil {
			t.Fatal(err)
		}
		if out, err := k.Predict(in); err != nil || !slices.Equal(out.Shape, []int{4, 2}) {
			t.Errorf("%v, %v", out, err)
		}
		if _, err := k.Predict(nil); err == nil {
			t.Error("no input was taken")
		}
		if _, err := k.Classify(t.Context(), [][]float32{nil}); err == nil {
			t.Error("an empty sequence was taken")
		}
		long := make([]float32, 5000)
		for want, list := range map[string][][]float32{"5000 samples where the model takes": {long}, "sequence 2: 5000 samples where": {list[0], long}} {
			if _, err := k.Classify(t.Context(), list); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		}
	}
}

// TestStored: a model whose settings are complete is built without its data.
func TestStored(t *testing.T) {
	c := tiny(tones(t, t.TempDir(), 3))
	k := made(t, c)
	stored := *c
	stored.Data = filepath.Join(t.TempDir(), "gone")
	again, err := NewSpeech(t.Context(), &stored, 1, task.Env{})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range again.Params() {
		copy(p.Data, k.Params()[i].Data)
	}
	in, err := k.Sample()
	if err != nil {
		t.Fatal(err)
	}
	a, err := k.Predict(in)
	if err != nil {
		t.Fatal(err)
	}
	b, err := again.Predict(in)
	if err != nil {
		t.Fatal(err)
	}
	numtest.BitEqual(t, "logits", a.Data, b.Data)
	if err := again.Prepare(t.Context(), nothing); err == nil || !strings.Contains(err.Error(), "gone") {
		t.Errorf("%v", err)
	}
	var _ task.Confused = k
	var _ task.Checksummer = k
	if !strings.HasPrefix(k.Checksum(), "6 sequences, sha256 ") || !strings.Contains(k.Fingerprint(), k.Checksum()) || strings.Contains(k.Fingerprint(), c.Data) {
		t.Errorf("%s", k.Fingerprint())
	}
}

// TestElsewhere: recordings without parts stay on the side where the training of a
// model had them, wherever their folder is and whatever is missing in it.
func TestElsewhere(t *testing.T) {
	flat := func(n int) string {
		dir := t.TempDir()
		for i := range n {
			for _, class := range []string{"high", "low"} {
				write(t, wav(4000, make([]float64, 100+i)), dir, class, fmt.Sprint(i, ".wav"))
			}
		}
		return dir
	}
	c := tiny(flat(20))
	if _, err := NewSpeech(t.Context(), c, 1, task.Env{}); err != nil {
		t.Fatal(err)
	}
	evaluated := func(dir string, env task.Env) (tests []string, kept bool) {
		t.Helper()
		stored := *c
		stored.Data = dir
		k, err := NewSpeech(t.Context(), &stored, 1, env)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Evaluate(t.Context(), "test", nothing); err != nil {
			t.Fatal(err)
		}
		s := k.parts.Sets["test"]
		for i := range s.Len() {
			name, err := filepath.Rel(dir, s.Name(i))
			if err != nil {
				t.Fatal(err)
			}
			tests = append(tests, name)
		}
		return tests, stored.Recordings == c.Recordings
	}
	notes := ""
	env := task.Env{Folder: "run", Note: func(text string) { notes += text }}
	all, kept := evaluated(flat(20), env)
	if !kept || len(all) != 6 || !strings.Contains(notes, "28 are for training, 6 for validation, 6 for the test, by their names") {
		t.Errorf("%q, %q", all, notes)
	}
	few := slices.DeleteFunc(slices.Clone(all), func(name string) bool { return len(filepath.Base(name)) > len("0.wav") })
	if some, kept := evaluated(flat(10), env); !kept || !slices.Equal(some, few) || len(some) == 0 {
		t.Errorf("%q of %q", some, all)
	}
	// A new training divides anew.
	if anew, kept := evaluated(flat(10), task.Env{}); kept || len(anew) != 2 {
		t.Errorf("%q", anew)
	}
	c.Data = filepath.Join(c.Data, "gone")
	k, err := NewSpeech(t.Context(), c, 1, task.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Evaluate(t.Context(), "test", nothing); err == nil || !strings.Contains(err.Error(), "name the folder of the recordings by data=PATH (eval: --data PATH)") {
		t.Errorf("%v", err)
	}
}
