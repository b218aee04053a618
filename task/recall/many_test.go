package recall

import (
	"cmp"
	"context"
	"math"
	"slices"
	"testing"

	"github.com/orchid-seq/orchid/internal/random"
)

// TestMany checks every promise about a sequence of many queries.
func TestMany(t *testing.T) {
	const V, pairs, L = 64, 8, 48
	m := many{V, pairs, 0.5}
	first, n := 0, 3000
	for i := range n {
		s := random.New(1, "test", i)
		ids := make([]int, L)
		rows, labels := m.generate(&s, ids)
		keys, values, asked := map[int]int{}, map[int]bool{}, map[int]bool{}
		for j := range pairs {
			key, value := ids[2*j], ids[2*j+1]
			if key < 1 || key >= V/2 || value < V/2 || value >= V || values[value] || keys[key] != 0 {
				t.Fatalf("pair %d: %d %d", j, key, value)
			}
			keys[key], values[value] = value, true
		}
		for j, r := range rows {
			if r < 2*pairs || r >= L || r%2 != 0 || asked[r] || keys[ids[r]] != labels[j] {
				t.Fatalf("row %d holds %d, label %d", r, ids[r], labels[j])
			}
			asked[r] = true
			if r == 2*pairs && j == 0 {
				first++
			}
		}
		if len(rows) != pairs {
			t.Fatalf("%d questions", len(rows))
		}
	}
	// The first pair draws its place g of 16 with a chance like (g+1)^-0.5.
	sum := 0.0
	for g := range (L - 2*pairs) / 2 {
		sum += math.Pow(float64(g+1), -0.5)
	}
	if p := 1 / sum; math.Abs(float64(first)/float64(n)-p) > 5*math.Sqrt(p*(1-p)/float64(n)) {
		t.Errorf("the first place is drawn first in %d of %d, want a share of %.3f", first, n, p)
	}
}

// TestDraw: what is drawn are the first of all numbers, sorted by their times.
func TestDraw(t *testing.T) {
	one := func(int) float64 { return 1 }
	skewed := func(i int) float64 { return math.Pow(float64(i+1), -0.99) }
	for seed := range uint64(50) {
		for i, rate := range []func(int) float64{one, one, skewed} {
			weight := rate
			if i == 0 {
				weight = nil
			}
			m, s := many{pairs: 1 + int(seed%16)}, random.New(seed, "test")
			n := m.pairs + int(seed*seed)
			all, times, list := s, make([]float64, n), make([]int, n)
			for i := range n {
				times[i], list[i] = -math.Log1p(-all.Float64())/rate(i), i
			}
			slices.SortFunc(list, func(a, b int) int { return cmp.Compare(times[a], times[b]) })
			if got, want := m.draw(&s, n, weight), list[:m.pairs]; !slices.Equal(got, want) || all != s {
				t.Fatalf("%d of %d: %v, want %v", m.pairs, n, got, want)
			}
		}
	}
}

func TestManyEvaluates(t *testing.T) {
	c := tiny()
	c.Form, c.Vocabulary, c.Length, c.Pairs = FormMany, 32, 24, 4
	k, err := New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	b := k.batch(0)
	if b.seq.Count() != 4 || len(b.ids) != 4*24 || len(b.rows) != 16 {
		t.Fatalf("%d sequences, %d words, %d questions", b.seq.Count(), len(b.ids), len(b.rows))
	}
	m, err := k.Evaluate(context.Background(), "test", func(int, int) {})
	if err != nil || m["chance"] != 1.0/16 || m["context_chance"] != 0.25 || m["accuracy"] > 0.35 {
		t.Errorf("%v %v", m, err)
	}
	c.Pairs = 7
	if c.Validate() == nil {
		t.Error("7 pairs in 24 words were accepted")
	}
}

// TestStretch: one model of relative positions takes any length.
func TestStretch(t *testing.T) {
	for _, mixer := range []string{"orchid", "hyena", "attention"} {
		c := tiny()
		c.Model.Mixer.Mixer, c.Model.Mixer.Filter.Positions, c.Positions = mixer, "relative", "auto"
		if mixer == "attention" {
			c.Positions = "sinusoidal"
		}
		short, err := New(c, 1)
		if err != nil {
			t.Fatal(err)
		}
		c.Length = 301
		long, err := New(c, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range short.Params() {
			q := long.Params()[i]
			if p.Name != q.Name || len(p.Data) != len(q.Data) {
				t.Errorf("%s: %s has %d values at length 12, %s %d at 301", mixer, p.Name, len(p.Data), q.Name, len(q.Data))
			}
		}
		if _, err := long.Evaluate(context.Background(), "test", func(int, int) {}); err != nil {
			t.Error(mixer, err)
		}
	}
}
