package text

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/task"
)

// numbered are texts that tell which row they are; some are bad.
func numbered(n int) string {
	var b strings.Builder
	b.WriteString("text,label\n")
	for i := range n {
		switch {
		case i%7 == 3:
			fmt.Fprintf(&b, "%s,a\n", strings.Repeat("too long ", 20))
		case i%11 == 5:
			fmt.Fprintf(&b, "no label,\n")
		case i%13 == 6:
			fmt.Fprintf(&b, "a field too many,a,a\n")
		default:
			fmt.Fprintf(&b, "row %d,%c\n", i, 'a'+i%2)
		}
	}
	return b.String()
}

// texts returns those of a split as the model sees them.
func (k *Task) texts(split string) (list []string) {
	s := k.sets[split]
	for i := range s.Len() {
		ids, _ := s.Append(nil, i)
		list = append(list, k.words.Decode(ids[1:len(ids)-1]))
	}
	return list
}

// TestHoldout: the parts of the data are disjoint and whole, the same ones
// whatever the seed is, and the bag of words has the same as the model though
// rows are left out.
func TestHoldout(t *testing.T) {
	var said []string
	env := task.Env{Note: func(s string) { said = append(said, s) }}
	conf := settings(t, put(t, t.TempDir(), "data.csv", numbered(200)))
	conf.Corpus.BadLines = "skip"
	k := made(t, conf, env)
	train, held := k.texts("train"), k.texts("validation")
	if len(held) < 15 || len(held) > 45 { // 20 % of 146
		t.Errorf("%d of %d held out", len(held), len(held)+len(train))
	}
	all := slices.Sorted(slices.Values(append(slices.Clone(train), held...)))
	var want []string
	for line := range strings.Lines(numbered(200)) {
		if text, _, _ := strings.Cut(line, ","); strings.HasPrefix(text, "row ") {
			want = append(want, text)
		}
	}
	slices.Sort(want)
	if !slices.Equal(all, want) {
		t.Errorf("the parts hold\n%q\nwant\n%q", all, want)
	}
	if len(said) == 0 || !strings.Contains(said[0], "bad lines skipped:\n  ") || !strings.Contains(said[0], "data.csv:") {
		t.Errorf("said %q", said)
	}

	for split, texts := range map[string][]string{"train": train, "validation": held} {
		examples, err := k.source.Texts(t.Context(), split)
		if err != nil || len(examples) != len(texts) {
			t.Fatalf("%s: the bag of words has %d texts, the model %d, %v", split, len(examples), len(texts), err)
		}
		for i, e := range examples {
			if e.A != texts[i] || len(e.Labels) != 1 || float32(e.Labels[0]) != k.sets[split].Labels(i)[0] {
				t.Errorf("%s: %q, %v, the model has %q, %v", split, e.A, e.Labels, texts[i], k.sets[split].Labels(i))
			}
		}
	}

	other, err := New(t.Context(), &conf, 99, task.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Prepare(t.Context(), nothing); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(other.texts("validation"), held) {
		t.Error("another seed holds out other texts")
	}
}

// TestSplits: files of their own for validation and test leave all of the data
// to training.
func TestSplits(t *testing.T) {
	dir := t.TempDir()
	conf := settings(t, put(t, dir, "train.csv", csvOfClasses(60)))
	conf.EvalData, conf.TestData = []string{put(t, dir, "dev.csv", csvOfClasses(30))}, []string{put(t, dir, "test.csv", csvOfClasses(12))}
	conf.Holdout = 0
	k := made(t, conf, task.Env{})
	if s := k.Splits(); !slices.Equal(s, []string{"validation", "test", "train"}) || k.sets["test"] != nil {
		t.Errorf("splits %v; test open: %v", s, k.sets["test"] != nil)
	}
	if n := k.sets["train"].Len(); n != 60 {
		t.Errorf("%d texts to train", n)
	}
	for split, n := range map[string]int{"validation": 30, "test": 12} {
		if m := evaluate(t, k, split); m["majority"] != 1/3.0 || k.sets[split].Len() != n {
			t.Errorf("%s: %v", split, m)
		}
	}
}

// TestApart: a file that is trained on is neither validation nor test, whatever its
// path is; its texts can be scored as those of the training.
func TestApart(t *testing.T) {
	dir := t.TempDir()
	data := put(t, dir, "train.csv", csvOfClasses(30))
	for key, change := range map[string]func(c *Config){
		"eval-data": func(c *Config) { c.EvalData = []string{dir + "/../" + filepath.Base(dir) + "/train.csv"} },
		"test-data": func(c *Config) { c.TestData = []string{dir} },
	} {
		conf := settings(t, data)
		change(&conf)
		k, err := New(t.Context(), &conf, 1, task.Env{})
		if err != nil {
			t.Fatal(err)
		}
		split := map[string]string{"eval-data": "validation", "test-data": "test"}[key]
		if err := k.Prepare(t.Context(), nothing); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: training begins: %v", key, err)
		}
		if _, err := k.Evaluate(t.Context(), split, nothing); err == nil || !strings.Contains(err.Error(), "train.csv: "+key+" and data both name it") {
			t.Errorf("%s: %v", key, err)
		}
		evaluate(t, k, "train")

		// Once there is a model, the file may be another of that name.
		note, folder := "", t.TempDir()
		if err := k.WriteFiles(folder); err != nil {
			t.Fatal(err)
		}
		conf.Classes = []string{"bad", "good", "so-so"}
		if k, err = New(t.Context(), &conf, 1, task.Env{Folder: folder, Note: func(text string) { note += text }}); err != nil {
			t.Fatal(err)
		}
		if evaluate(t, k, split); !strings.Contains(note, "train.csv: data names it too: if the model was trained with it") {
			t.Errorf("%s: %q", key, note)
		}
	}
}

// TestFingerprint changes with the texts, their labels, what is held out, the
// settings and the seed, but not with the place of the files.
func TestFingerprint(t *testing.T) {
	text := csvOfClasses(40)
	fingerprint := func(text string, change func(c *Config)) string {
		c := settings(t, put(t, t.TempDir(), "data.csv", text))
		if change != nil {
			change(&c)
		}
		return made(t, c, task.Env{}).Fingerprint()
	}
	first := fingerprint(text, nil)
	if fingerprint(text, nil) != first {
		t.Error("the same data elsewhere has another fingerprint")
	}
	seen := map[string]string{first: "first"}
	for name, f := range map[string]string{
		"text":      fingerprint(strings.Replace(text, "aaa", "aab", 1), nil),
		"label":     fingerprint(strings.Replace(text, "good,", "bad,", 1), nil),
		"order":     fingerprint(text+"good,x\nbad,y\n", nil),
		"holdout":   fingerprint(text, func(c *Config) { c.Holdout = 0.5 }),
		"eval-data": fingerprint(text, func(c *Config) { c.EvalData = []string{put(t, t.TempDir(), "data.csv", text)} }), // all of the data is left to training
		"batch":     fingerprint(text, func(c *Config) { c.Fit.Batch = 3 }),
	} {
		if seen[f] != "" {
			t.Errorf("%s: the fingerprint of %s", name, seen[f])
		}
		seen[f] = name
	}
}

// TestDescribe: the classes with their shares, and the lengths, are shown.
func TestDescribe(t *testing.T) {
	dir := t.TempDir()
	conf := settings(t, put(t, dir, "a.csv", "text,label\n"+strings.Repeat("four,b\n", 3)+strings.Repeat("x,a\n", 1)+strings.Repeat("y", 100)+",b\n"))
	conf.EvalData, conf.Corpus.Truncate = []string{put(t, dir, "b.csv", "text,label\nzz,a\n")}, true
	k := made(t, conf, task.Env{})
	d := k.Describe()
	for _, want := range []string{
		"text, single label: " + dir,
		"train: 5 texts, 85 words; length 3 to 64, half of them at most 6; 1 were cut; a 20.0 %, b 80.0 %",
		"validation: 1 texts, 4 words; length 4 to 4",
		"a 100.0 %, b 0.0 %",
		"score without a look at the text 0.0000, of a bag of words 0.0000",
	} {
		if !strings.Contains(d, want) {
			t.Errorf("%q is not said:\n%s", want, d)
		}
	}
	conf.Fit.Baseline = false
	k = made(t, conf, task.Env{})
	if d := k.Describe(); strings.Contains(d, "bag of words") {
		t.Errorf("%s", d)
	}
	m := evaluate(t, k, "validation")
	for _, name := range []string{"bag_of_words", "majority"} {
		if _, ok := m[name]; ok {
			t.Errorf("baseline=false: %v", m)
		}
	}
}

// TestTrainingDataIsGone: other data can be scored all the same.
func TestTrainingDataIsGone(t *testing.T) {
	dir := t.TempDir()
	conf := settings(t, dir+"/none.csv")
	conf.Classes, conf.EvalData = []string{"bad", "good", "so-so"}, []string{put(t, dir, "b.csv", csvOfClasses(9))}
	var said []string
	k, err := New(t.Context(), &conf, 1, task.Env{Note: func(s string) { said = append(said, s) }})
	if err != nil {
		t.Fatal(err)
	}
	m := evaluate(t, k, "validation")
	if _, ok := m["majority"]; ok || m["loss"] == 0 {
		t.Errorf("%v", m)
	}
	if len(said) != 1 || !strings.Contains(said[0], "none.csv: no such file") {
		t.Errorf("said %q", said)
	}
}
