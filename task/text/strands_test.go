package text

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
)

// genomes are short sequences of bases in FASTA, all of one length.
func genomes(class string, n int) string {
	var b strings.Builder
	for i := range n {
		s := random.New(7, "genome "+class, i)
		fmt.Fprintf(&b, ">%s_%d.1 of nobody\n", class, i)
		for range 40 {
			b.WriteByte("ACGTN"[s.IntN(5)])
		}
		b.WriteString("\n")
	}
	return b.String()
}

func dna(t *testing.T) Config {
	dir := t.TempDir()
	c := settings(t, put(t, dir, "a.fasta", genomes("A", 40)), put(t, dir, "b.fasta", genomes("B", 60)))
	c.Corpus.LabelColumn, c.Fit.Language.Tokenizer, c.Fit.Pool.Pool = "file", "dna", autograd.MeanPool
	c.Fit.Language.Model.Positions = "none"
	return c
}

// TestHoldoutBy: what is held out hangs on the column alone.
func TestHoldoutBy(t *testing.T) {
	c := dna(t)
	c.HoldoutBy, c.Holdout = "name", 51.0/256
	k := made(t, c, task.Env{})
	want := 0
	for class, n := range map[string]int{"A": 40, "B": 60} {
		for i := range n {
			if sha256.Sum256(fmt.Appendf(nil, "%s_%d.1", class, i))[0] < 51 {
				want++
			}
		}
	}
	if held, train := k.sets["validation"].Len(), k.sets["train"].Len(); held != want || held+train != 100 {
		t.Errorf("%d held out, want %d; %d in all", held, want, held+train)
	}
	if m := evaluate(t, k, "validation"); m["bag_of_words"] == 0 {
		t.Errorf("no baseline: %v", m)
	}
}

// TestStrands: the mean over strands is the same for a sequence and for its other
// strand; training takes both, and always the same ones.
func TestStrands(t *testing.T) {
	c := dna(t)
	c.Fit.ReverseComplement = meanStrand
	k := made(t, c, task.Env{})
	defer k.Close()
	scores := func(texts ...string) (all []float32) {
		var in []language.Input
		for _, s := range texts {
			in = append(in, language.Input{A: s})
		}
		tape := autograd.Tape{NoGrad: true}
		return append(all, k.use(&tape, packed(t, k, in...)).Data...)
	}
	const one, other = "ACGTTGNACCA", "TGGTNCAACGT"
	numtest.BitEqual(t, "other strand", scores(other), scores(one))
	numtest.BitEqual(t, "alone", scores(one), scores("GGA", one)[2:])
	tape := autograd.Tape{NoGrad: true}
	out := k.forward(&tape, packed(t, k, language.Input{A: one}, language.Input{A: other}))
	mean := make([]float32, out.Shape[1])
	for i := range mean { // a half of a sum is exact
		mean[i] = (out.Row(0)[i] + out.Row(1)[i]) / 2
	}
	numtest.BitEqual(t, "mean over strands", scores(one), mean)
	v := embedded(t, k, language.Input{A: one}, language.Input{A: other})
	numtest.BitEqual(t, "vectors", v.Row(0), v.Row(1))

	plain := k.batch(k.sets["train"], k.dealer.At(0))
	turned := k.turnSome(k.batch(k.sets["train"], k.dealer.At(0)), 0)
	again := k.turnSome(k.batch(k.sets["train"], k.dealer.At(0)), 0)
	differ := 0
	for i := range plain.Seq.Count() {
		lo, hi := plain.Seq.Span(i)
		w := slices.Clone(plain.Words[lo:hi])
		if !slices.Equal(w, turned.Words[lo:hi]) {
			differ++
			k.turn(w)
		}
		if !slices.Equal(w, turned.Words[lo:hi]) {
			t.Errorf("sequence %d is neither strand", i)
		}
	}
	if n := plain.Seq.Count(); differ == 0 || differ == n || !slices.Equal(turned.Words, again.Words) {
		t.Errorf("%d of %d turned", differ, n)
	}
}

func TestStrandsNeedBases(t *testing.T) {
	for name, change := range map[string]func(c *Config){
		"no tokenizer of single bases": func(c *Config) { c.Fit.Language.Tokenizer = "bytes" },
		"nothing in it pairs":          func(c *Config) { c.Fit.Language.Tokenizer = "characters:ACGX" },
		"pairs of texts": func(c *Config) {
			c.Corpus.PairColumn, c.Fit.Language.Model.Positions = "description", string(model.NoPositions)
		},
	} {
		c := dna(t)
		c.Fit.ReverseComplement = randomStrand
		change(&c)
		if _, err := New(t.Context(), &c, 1, task.Env{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestForeignLetters: codes that the alphabet lacks are noted if they are few, refused
// if many; other letters are refused in every part.
func TestForeignLetters(t *testing.T) {
	var said []string
	c := dna(t)
	c.Corpus.Data = []string{put(t, t.TempDir(), "rna.fasta", strings.ReplaceAll(genomes("A", 40), "T", "U")), c.Corpus.Data[1]}
	made(t, c, task.Env{Note: func(s string) { said = append(said, s) }}).Close()
	if len(said) == 0 || !strings.Contains(said[0], "letters are not in the alphabet of dna and are all the same") {
		t.Errorf("%q", said)
	}
	c.Corpus.LabelColumn = "stem"
	prepare := func(letters ...string) error {
		t.Helper()
		r, dir := strings.NewReplacer(letters...), t.TempDir()
		c := c
		c.Corpus.Data = []string{put(t, dir, "a.fasta", r.Replace(genomes("A", 40))), put(t, dir, "b.fasta", r.Replace(genomes("B", 40)))}
		k, err := New(t.Context(), &c, 1, task.Env{})
		if err == nil {
			err = k.Prepare(t.Context(), nothing)
		}
		return err
	}
	if err := prepare("A", "K", "C", "R", "G", "M", "T", "Y"); err == nil || !strings.Contains(err.Error(), "tokenizer=characters:ACGUN") {
		t.Error(err)
	}
	if err := prepare("A", "L"); err == nil || !strings.Contains(err.Error(), `a.fasta:1: `) || !strings.Contains(err.Error(), `letters are no codes of nucleotides`) {
		t.Error(err)
	}
	c.EvalData = []string{put(t, t.TempDir(), "a.fasta", ">x\nACGT\n>y\nACJT\n")}
	if err := prepare(); err == nil || !strings.Contains(err.Error(), `a.fasta:3: 1 of 4 letters are no codes of nucleotides, the first of them letter 3: "J"`) {
		t.Error(err)
	}
}
