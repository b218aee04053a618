package recall

import (
	"context"
	"slices"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/random"
)

// TestVocabulary holds the ids to those of Hyena's generator at V = 20.
func TestVocabulary(t *testing.T) {
	v := NewVocabulary(20)
	want := []string{".", "0", "1", "10", "11", "12", "13", "14", "15", "16", "17", "2", "3", "4", "5", "6", "7", "8", "9", "=>"}
	if !slices.Equal(v.Words, want) || v.Hidden != 0 || v.Query != 19 {
		t.Errorf("words %v", v.Words)
	}
	if !slices.Equal(v.Keys, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}) || !slices.Equal(v.Values, []int{10, 11, 12, 13, 14, 15, 16, 17, 18}) {
		t.Errorf("keys %v, values %v", v.Keys, v.Values)
	}
	for size, keys := range map[int]int{30: 14, 40: 19, 21: 9, 4: 1} {
		if v := NewVocabulary(size); len(v.Keys) != keys || len(v.Values) != keys {
			t.Errorf("vocabulary %d: %d keys, %d values, want %d", size, len(v.Keys), len(v.Values), keys)
		}
	}
}

// TestGenerate checks every promise about a sequence, and that nothing is
// favoured.
func TestGenerate(t *testing.T) {
	v := NewVocabulary(20)
	asked, answers := map[int]int{}, map[int]int{}
	const n = 5000
	for i := range n {
		s := random.New(1, "test", i)
		ids := make([]int, 34)
		answer := v.Generate(&s, ids)
		value := map[int]int{}
		for j := 0; j < 32; j += 2 {
			k := ids[j]
			if !slices.Contains(v.Keys, k) || !slices.Contains(v.Values, ids[j+1]) {
				t.Fatalf("pair %d %d", k, ids[j+1])
			}
			if w, ok := value[k]; ok && w != ids[j+1] {
				t.Fatalf("key %d has the values %d and %d", k, w, ids[j+1])
			}
			value[k] = ids[j+1]
		}
		if ids[32] != v.Query || value[ids[33]] != answer {
			t.Fatalf("query %v, answer %d", ids[32:], answer)
		}
		asked[ids[33]]++
		answers[answer]++
	}
	for _, k := range v.Keys { // n/9 = 556 each, deviation 22
		if asked[k] < 440 || asked[k] > 670 || answers[k+9] < 440 || answers[k+9] > 670 {
			t.Errorf("key %d asked %d times, value %d the answer %d times of %d", k, asked[k], k+9, answers[k+9], n)
		}
	}
}

func tiny() Config {
	c := Default()
	c.Vocabulary, c.Length, c.Batch, c.Tests = 8, 12, 4, 10
	c.Model.Width, c.Model.Mixer.Filter.Width = 16, 8
	return c
}

func TestBatchesAreFreshUnlessFixed(t *testing.T) {
	c := tiny()
	k, err := New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	a, b := k.batch(0), k.batch(1)
	if slices.Equal(a.ids, b.ids) {
		t.Error("two steps have the same sequences")
	}
	if again := k.batch(0); !slices.Equal(a.ids, again.ids) {
		t.Error("a step is not a function of its number")
	}
	if k.StepsPerEpoch() != 0 || len(a.ids) != 4*14 || a.seq.Count() != 4 || a.rows[1] != 27 {
		t.Errorf("%+v", a)
	}
	c.Examples = 8
	if k, err = New(c, 1); err != nil {
		t.Fatal(err)
	}
	seen := map[int]int{}
	for step := range 4 { // two epochs
		b := k.batch(step)
		for i := range b.seq.Count() {
			key := 0
			for _, id := range b.ids[b.seq[i]:b.seq[i+1]] {
				key = key*8 + id
			}
			seen[key]++
		}
	}
	if k.StepsPerEpoch() != 2 || len(seen) != 8 {
		t.Errorf("%d different sequences in two epochs, want 8", len(seen))
	}
}

func TestHiddenObjective(t *testing.T) {
	c := tiny()
	c.Objective = "hidden"
	k, err := New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	b := k.batch(0)
	if len(b.rows) <= 4 {
		t.Fatalf("only %d rows to predict", len(b.rows))
	}
	answers := 0
	for i, r := range b.rows {
		if slices.Contains(k.vocab.Values, b.ids[r]) || !slices.Contains(k.vocab.Values, b.labels[i]) {
			t.Errorf("row %d holds %d, label %d", r, b.ids[r], b.labels[i])
		}
		if b.ids[r] != k.vocab.Hidden {
			answers++ // the query's key
		}
	}
	if answers != 4 {
		t.Errorf("%d answers, want 4", answers)
	}
}

func TestMostShared(t *testing.T) {
	v := NewVocabulary(8) // keys 1 2 3, values 4 5 6
	for _, c := range []struct {
		ids  []int
		want int
	}{
		{[]int{1, 5, 2, 6, 1, 5, 1, 5, 3, 6, v.Query, 1}, 6}, // two keys have 6, one has 5
		{[]int{1, 6, 2, 4, v.Query, 1}, 4},                   // equals
	} {
		if got := v.mostShared(c.ids); got != c.want {
			t.Errorf("%v: %d, want %d", c.ids, got, c.want)
		}
	}
}

// TestUntrainedIsNearChance guards against a test that leaks its answers.
func TestUntrainedIsNearChance(t *testing.T) {
	c := tiny()
	c.Vocabulary, c.Tests = 20, 1000
	k, err := New(c, 2)
	if err != nil {
		t.Fatal(err)
	}
	m, err := k.Evaluate(context.Background(), "test", func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	if m["accuracy"] > 0.2 || m["chance"] != 1.0/9 || m["majority"] < 1.0/9 || m["majority"] > 0.2 {
		t.Errorf("%v", m)
	}
}

// TestEveryMixerTrains takes a few steps down for every mixer.
func TestEveryMixerTrains(t *testing.T) {
	for _, name := range []string{"orchid", "attention", "hyena"} {
		c := tiny()
		c.Model.Mixer.Mixer = name
		k, err := New(c, 3)
		if err != nil {
			t.Fatal(err)
		}
		var tape autograd.Tape
		var first, last float32
		for step := range 30 {
			tape.Reset()
			loss, _, _ := k.Loss(&tape, 0)
			if last = loss.Data[0]; step == 0 {
				first = last
			}
			tape.Backward(loss, nil, 1)
			for _, p := range k.Params() {
				if !p.Frozen {
					for i, g := range p.Grad {
						p.Data[i] -= 0.05 * g
					}
				}
				clear(p.Grad)
			}
		}
		if !(last < 0.9*first) {
			t.Errorf("%s: loss %v after 30 steps, %v at first", name, last, first)
		}
	}
}
