package bagofwords

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/task"
)

// golden is testdata/golden.json, which testdata/golden.py wrote.
type golden struct {
	Cases []struct {
		Kind        task.Kind
		Classes     int
		C           float64
		Texts       []string
		Labels      [][]float64
		Features    int
		Objective   float64
		Predictions [][]float64
	}
	Cola struct {
		C, Objective float64
		Features     int
		Dev          float64 `json:"dev_loss"`
	}
}

func readGolden(t *testing.T) (g golden) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// value returns what the fit of a model minimised.
func (m *Model) value(train []task.Example, kind task.Kind) float64 {
	_, x, err := learn(context.Background(), train, 0, maxFeatures)
	if err != nil {
		panic(err) // none but the context's
	}
	o := &objective{x: x, targets: m.targets(train, kind), outputs: m.outputs, link: m.link, decay: 1 / (m.c * float64(len(train)))}
	o.residual = make([]float64, len(o.targets))
	return o.value(m.weights, make([]float64, len(m.weights)))
}

// TestScikit compares features, minimum and predictions of every kind.
func TestScikit(t *testing.T) {
	g := readGolden(t)
	for i, c := range g.Cases {
		var examples []task.Example
		for j, text := range c.Texts {
			examples = append(examples, task.Example{A: text, Labels: c.Labels[j]})
		}
		n := len(examples) - len(c.Predictions)
		m, err := fit(t.Context(), examples[:n], c.Classes, c.Kind, 0, []float64{c.C}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if m.vocabulary.width() != c.Features {
			t.Errorf("case %d: %d features, want %d", i, m.vocabulary.width(), c.Features)
		}
		if f := m.value(examples[:n], c.Kind); !(math.Abs(f-c.Objective) < 2e-6) {
			t.Errorf("case %d: minimum %v, want %v", i, f, c.Objective)
		}
		for j, want := range c.Predictions {
			numtest.Close(t, "predictions", m.Predict(examples[n+j]), want, 3e-3)
		}
	}
}

// readCoLA reads lines of source, label, mark and sentence.
func readCoLA(t *testing.T, split string) (examples []task.Example) {
	text, err := os.ReadFile(numtest.Shared(t, "data", "glue", "CoLA", split+".tsv"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		examples = append(examples, task.Example{A: f[3], Labels: []float64{float64(f[1][0] - '0')}})
	}
	return examples
}

// TestScikitOnCoLA compares the loss on real sentences.
func TestScikitOnCoLA(t *testing.T) {
	train, dev, want := readCoLA(t, "train"), readCoLA(t, "dev"), readGolden(t).Cola
	m, err := fit(t.Context(), train, 2, task.Single, 0, []float64{want.C}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var loss float64
	for _, e := range dev {
		loss -= math.Log(m.Predict(e)[int(e.Labels[0])]) / float64(len(dev))
	}
	f := m.value(train, task.Single)
	t.Logf("%d features, objective %.7f (scikit-learn %.7f), loss on dev %.7f (%.7f)", m.vocabulary.width(), f, want.Objective, loss, want.Dev)
	if m.vocabulary.width() != want.Features || !(math.Abs(f-want.Objective) < 2e-6) || !(math.Abs(loss-want.Dev) < 1e-4) {
		t.Error("differs")
	}
}

// TestKinds fits each kind, pairs included, to what two words tell.
func TestKinds(t *testing.T) {
	var single, multi, number, pairs []task.Example
	for i := range 60 {
		x, y := i%2, i/2%2
		text := []string{"cold", "hot"}[x] + " and " + []string{"dry", "wet"}[y]
		single = append(single, task.Example{A: text, Labels: []float64{float64(x)}})
		number = append(number, task.Example{A: text, Labels: []float64{float64(1000*x - 3000*y)}})
		var both []float64
		if x == 1 {
			both = append(both, 0)
		}
		if y == 1 {
			both = append(both, 2)
		}
		multi = append(multi, task.Example{A: text, Labels: both})
		pairs = append(pairs, task.Example{A: "a b c d " + text, B: "x y z " + []string{"cold", "hot"}[y], Labels: []float64{float64((x + y) % 2)}})
	}
	for name, c := range map[string]struct {
		train   []task.Example
		classes int
		kind    task.Kind
	}{"single": {single, 2, task.Single}, "three classes": {single, 3, task.Single}, "multi": {multi, 3, task.Multi}, "number": {number, 0, task.Number}, "pairs": {pairs, 2, task.Single}} {
		m, err := Fit(t.Context(), c.train, c.classes, c.kind, 0, nil)
		if err != nil {
			t.Fatal(name, err)
		}
		for _, e := range c.train[:4] {
			p := m.Predict(e)
			switch c.kind {
			case task.Single:
				if task.Class(p) != int(e.Labels[0]) || len(p) != c.classes {
					t.Errorf("%s: %v gives %v", name, e, p)
				}
			case task.Number:
				if !(math.Abs(p[0]-e.Labels[0]) < 20) {
					t.Errorf("%s: %v gives %v", name, e, p)
				}
			case task.Multi:
				for k, v := range p {
					if (v > 0.5) != slices.Contains(e.Labels, float64(k)) {
						t.Errorf("%s: %v gives %v", name, e, p)
					}
				}
			}
		}
	}
}

// TestSameBitsOnAnyThreads covers learning, fitting and the choice of C.
func TestSameBitsOnAnyThreads(t *testing.T) {
	g := readGolden(t)
	for _, i := range []int{0, 1, 2, 3} {
		var examples []task.Example
		for j, text := range g.Cases[i].Texts {
			examples = append(examples, task.Example{A: text, Labels: g.Cases[i].Labels[j]})
		}
		var want *Model
		for _, threads := range []int{1, 2, 5} {
			func() {
				defer par.SetThreads(par.SetThreads(threads))
				m, err := Fit(t.Context(), examples, g.Cases[i].Classes, g.Cases[i].Kind, 0, nil)
				if err != nil {
					t.Fatal(err)
				}
				if want == nil {
					want = m
				}
				if !slices.Equal(m.weights, want.weights) || m.c != want.c || !reflect.DeepEqual(m.Predict(examples[3]), want.Predict(examples[3])) {
					t.Errorf("case %d: other bits on %d threads", i, threads)
				}
			}()
		}
	}
}

func TestWords(t *testing.T) {
	var got []string
	words("Don't stop: ÉCOLE_x2, naïve\u0301 हिन्दी\n \xff3.5", 0, func(w string) { got = append(got, w) })
	if want := []string{"don", "t", "stop", "école", "x2", "naïve\u0301", "हिन्दी", "3", "5"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestOverlap(t *testing.T) {
	v := &vocabulary{pair: true, words: map[string]uint32{}}
	all, overlap := v.features(v.numbers("a b a c", true), v.numbers("b a d", true))
	var texts [4]int
	for _, c := range all {
		texts[c.feature>>62] += c.n
	}
	// In A: c, "a b", "a c"; in B: d, "a d"; in both: a three times, b twice, "b a" twice.
	if want := [4]int{3, 2, 7, 0}; texts != want || overlap != [2]float64{0.5, 2.0 / 3} {
		t.Errorf("counts %v, want %v; overlap %v", texts, want, overlap)
	}
}

func TestConstant(t *testing.T) {
	x := []task.Example{{Labels: []float64{1}}, {Labels: []float64{0}}, {Labels: []float64{1}}, {Labels: []float64{1}}}
	for kind, want := range map[task.Kind][]float64{task.Single: {0.25, 0.75}, task.Multi: {0.25, 0.75}, task.Number: {0.75}} {
		if p, err := Constant(x, 2, kind); err != nil || !slices.Equal(p, want) {
			t.Errorf("%s: %v, %v", kind, p, err)
		}
	}
}

// TestNothingToLearn fits where there is no feature, one example or one class.
func TestNothingToLearn(t *testing.T) {
	for _, c := range []struct {
		a []string
		y []float64
	}{{[]string{"", "", "..."}, []float64{1, 1, 0}}, {[]string{"x"}, []float64{1}}, {[]string{"x y", "x y", "z"}, []float64{0, 0, 0}}} {
		var train []task.Example
		for i, a := range c.a {
			train = append(train, task.Example{A: a, Labels: c.y[i : i+1]})
		}
		for _, kind := range []task.Kind{task.Single, task.Multi, task.Number} {
			m, err := Fit(t.Context(), train, 2, kind, 0, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range m.Predict(task.Example{A: "new words", B: "x"}) {
				if math.IsNaN(p) || math.IsInf(p, 0) {
					t.Errorf("%v, %s: %v", c.a, kind, p)
				}
			}
		}
	}
}

func TestRefuses(t *testing.T) {
	good := task.Example{A: "x", Labels: []float64{0}}
	for _, c := range []struct {
		labels []float64
		kind   task.Kind
		want   string
	}{
		{nil, task.Single, "example 2 has 0 labels, want 1"},
		{[]float64{2}, task.Single, "example 2 has label 2, want a class from 0 to 1"},
		{[]float64{0.5}, task.Multi, "example 2 has label 0.5"},
		{[]float64{1, 0, 1}, task.Multi, "example 2 has class 1 twice"},
		{[]float64{math.NaN()}, task.Multi, "example 2 has label NaN"},
		{[]float64{math.NaN()}, task.Number, "the value of example 2 is NaN"},
		{[]float64{1}, "other", `labels of kind "other"`},
	} {
		train := []task.Example{good, {A: "y", Labels: c.labels}}
		if _, err := Fit(t.Context(), train, 2, c.kind, 0, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
		if _, err := Constant(train, 2, c.kind); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if _, err := Fit(t.Context(), nil, 2, task.Single, 0, nil); err == nil || !strings.Contains(err.Error(), "no training examples") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Fit(ctx, []task.Example{good, good}, 2, task.Single, 0, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestBounds: many classes mean fewer features, still more are refused; a search
// that is given up is noted; progress rises to the end.
func TestBounds(t *testing.T) {
	var train []task.Example
	for i := range 40 {
		train = append(train, task.Example{A: fmt.Sprint("a b w", i%7), Labels: []float64{float64(i % 2)}})
	}
	_, err := Fit(t.Context(), train, maxWeights/fewFeatures+1, task.Single, 0, nil)
	if !errors.Is(err, ErrTooManyClasses) || err.Error() != "too many classes: 10001 for 40 examples" {
		t.Errorf("%v", err)
	}
	v, _, err := learn(t.Context(), train, 0, 3)
	if err != nil || v.width() != 3 {
		t.Errorf("%d features of at most 3: %v", v.width(), err)
	}
	last, total := 0, 0
	m, err := Fit(t.Context(), train, 3, task.Single, 0, func(done, all int) {
		if done < last || done > all {
			t.Errorf("%d after %d, of %d", done, last, all)
		}
		last, total = done, all
	})
	if err != nil || m.Note() != "" || last < total*9/10 || total == 0 {
		t.Errorf("%v, %q, %d of %d", err, m.Note(), last, total)
	}
	_, x, err := learn(t.Context(), train, 0, maxFeatures)
	if err != nil {
		t.Fatal(err)
	}
	m = &Model{link: softmax, outputs: 2, size: 1, weights: make([]float64, 2*(len(x.columns)+1))}
	o := &objective{x: x, targets: m.targets(train, task.Single), outputs: 2, link: softmax, residual: make([]float64, 2*len(train)), most: 1}
	if err := m.search(t.Context(), o, []float64{1000}, nil); err != nil || !strings.HasPrefix(m.Note(), "the bag of words was not fitted to the end: its loss is up to ") {
		t.Errorf("%v, %q", err, m.Note())
	}
	all := func(int) bool { return true }
	if got, none := o.loss(m.weights, all), o.loss(make([]float64, len(m.weights)), all); !(got < none) {
		t.Errorf("the best found has the loss %v, nothing %v", got, none)
	}
	o = &objective{x: &matrix{}, outputs: 1, decay: 1}
	if n := o.rounds(); n != rounds {
		t.Errorf("%d rounds", n)
	}
	o.outputs = work
	if n := o.rounds(); n != fewRounds {
		t.Errorf("%d rounds", n)
	}
}
