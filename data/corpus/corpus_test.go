package corpus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/orchid-seq/orchid/data/store"
	"github.com/orchid-seq/orchid/data/text"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/tokenize"
)

// settings reads one file of the given name and content, with a cache of its own.
func settings(t testing.TB, name, content string) Config {
	t.Helper()
	c := Default()
	c.Data, c.Cache = []string{filepath.Join(t.TempDir(), name)}, t.TempDir()
	put(t, c.Data[0], content)
	return c
}

func put(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, c Config, o Options) *store.Store {
	t.Helper()
	s, _, err := Open(context.Background(), c, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// show writes a store as "text|second|labels" lines.
func show(s *store.Store, t *tokenize.Tokenizer) (all []string) {
	for i := range s.Documents() {
		var words []string
		for _, id := range s.AppendIDs(nil, i, 0, s.Len(i)) {
			words = append(words, t.Word(id))
		}
		all = append(all, fmt.Sprint(strings.Join(words, ""), " ", s.Second(i), " ", s.Labels(i)))
	}
	return all
}

func letters(t testing.TB) *tokenize.Tokenizer {
	t.Helper()
	k, err := tokenize.Characters("abcdefghij\n", false)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestOpen(t *testing.T) {
	k := letters(t)
	const rows = "text,other,label\nab,cd,10\nc,\"\",9\n,abc,10\n"
	for _, c := range []struct {
		change func(*Config)
		o      Options
		want   []string
		names  []string
	}{
		{func(c *Config) { c.Data[0] += ".txt"; put(t, c.Data[0], "ab\nc") }, Options{}, []string{"ab\nc 0 []"}, nil},
		{func(*Config) {}, Options{}, []string{"ab 0 []", "c 0 []"}, nil},
		{func(*Config) {}, Options{Specials: true, Labels: Single}, []string{"[CLS]ab[SEP] 0 [1]", "[CLS]c[SEP] 0 [0]", "[CLS][SEP] 0 [1]"}, []string{"9", "10"}},
		{func(*Config) {}, Options{Specials: true, Labels: Number}, []string{"[CLS]ab[SEP] 0 [10]", "[CLS]c[SEP] 0 [9]", "[CLS][SEP] 0 [10]"}, nil},
		{func(*Config) {}, Options{Labels: Single, Names: []string{"8", "10", "9"}}, []string{"ab 0 [1]", "c 0 [2]"}, []string{"8", "10", "9"}},
		{func(c *Config) { c.PairColumn = "other" }, Options{Specials: true}, []string{"[CLS]ab[SEP]cd[SEP] 4 []", "[CLS]c[SEP] 0 []", "[CLS][SEP]abc[SEP] 2 []"}, nil},
		{func(c *Config) { c.PairColumn = "other" }, Options{}, []string{"abcd 2 []", "c 0 []", "abc 0 []"}, nil},
		{func(c *Config) { c.PairColumn, c.Truncate = "other", true }, Options{Specials: true, MaxLength: 5}, []string{"[CLS]a[SEP]c[SEP] 3 []", "[CLS]c[SEP] 0 []", "[CLS][SEP]ab[SEP] 2 []"}, nil},
		{func(c *Config) { c.Truncate = true }, Options{Specials: true, MaxLength: 3}, []string{"[CLS]a[SEP] 0 []", "[CLS]c[SEP] 0 []", "[CLS][SEP] 0 []"}, nil},
		{func(c *Config) {
			c.Separator = " "
			put(t, c.Data[0], "text,label\na,x b\nc,\nd,b a b\n")
		}, Options{Labels: Multi}, []string{"a 0 [1 2]", "c 0 []", "d 0 [0 1]"}, []string{"a", "b", "x"}},
	} {
		conf := settings(t, "rows.csv", rows)
		c.change(&conf)
		o := c.o
		o.Tokenizer = k
		s := open(t, conf, o)
		if got := show(s, k); !slices.Equal(got, c.want) || !slices.Equal(s.Meta().Labels, c.names) {
			t.Errorf("%+v: %q, names %q, want %q, %q", c.o, got, s.Meta().Labels, c.want, c.names)
		}
		if s.Meta().Vocabulary != k.Size() || s.Meta().Tokenizer != k.Fingerprint() {
			t.Errorf("meta %+v", s.Meta())
		}
	}
}

func TestFaults(t *testing.T) {
	k := letters(t)
	const skip = "; bad-lines=skip leaves it out"
	for _, c := range []struct {
		content string
		o       Options
		fault   string
		left    int
	}{
		{"text,label\nab,x\nabcdef,x\nc,x\n", Options{MaxLength: 3}, ":3: 6 tokens where the model takes 3: truncate=true cuts it", 2},
		{"text,label\nab,x\n\"abc\ndef\",x\n", Options{MaxLength: 4, Specials: true}, ":3: 9 tokens where the model takes 4: truncate=true cuts it", 1},
		{"text,label\nab,x\nc,y\n", Options{Labels: Single, Names: []string{"x", "z"}}, `:3: the label "y" is not among those of the model, "x", "z"`, 1},
		{"text,label\nab,x\nc, \n", Options{Labels: Single}, ":3: the label is empty", 1},
		{"text,label\nab,1e3\nc,one\n", Options{Labels: Number}, `:3: the label "one" is not a number`, 1},
		{"text,label\nab,1e3\nc,NaN\n", Options{Labels: Number}, `:3: the label "NaN" is not a number`, 1},
		{"text,label\nab,1e3\nc,1e300\n", Options{Labels: Number}, `:3: the label "1e300" is beyond the largest number of 32 bits, 3.4e38`, 1},
		{"text,label\nab,x\nc\n", Options{}, `:3: 1 fields where the file has 2 columns ("text", "label")`, 1},
	} {
		conf := settings(t, "rows.csv", c.content)
		c.o.Tokenizer = k
		want := conf.Data[0] + c.fault + skip
		_, _, err := Open(context.Background(), conf, c.o, nil)
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if left, _ := os.ReadDir(conf.Cache); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		conf.BadLines = "skip"
		for range 2 { // made, then from the cache
			s, r, err := Open(context.Background(), conf, c.o, nil)
			if err != nil || s.Documents() != c.left || s.Row(0) != 0 || c.left == 2 && s.Row(1) != 2 || s.Meta().Skipped != 1 || r.Skipped != 1 || r.Rows != c.left || len(r.Faults) != 1 || r.Faults[0].Error() != want {
				t.Fatalf("skipping gives %+v, %v", r, err)
			}
			s.Close()
		}
	}
}

// TestForeignBases: records with letters that are no bases are named, all together,
// or left out; each has its line.
func TestForeignBases(t *testing.T) {
	dna, err := tokenize.Characters("ACGTN", true)
	if err != nil {
		t.Fatal(err)
	}
	bad := ">good\nACGTRY\nN-U\n"
	for i := range 12 {
		bad += fmt.Sprintf(">%d\nACGT\nJJ!\n", i)
	}
	conf := settings(t, "a.fasta", bad+">good too\nac gt\n")
	_, _, err = Open(t.Context(), conf, Options{Tokenizer: dna}, nil)
	at := func(line int) string {
		return fmt.Sprintf("%s:%d: 3 of 7 letters are no codes of nucleotides, the first of them letter 5: \"J\", \"!\"", conf.Data[0], line)
	}
	if err == nil || !strings.HasPrefix(err.Error(), at(4)+"; "+at(7)+"; ") || !strings.Contains(err.Error(), at(31)+"; and 2 more. Mend these texts, leave them out by bad-lines=skip") {
		t.Errorf("%v", err)
	}
	conf.BadLines = "skip"
	note := ""
	s, r, err := Open(t.Context(), conf, Options{Tokenizer: dna, Note: func(text string) { note += text }}, nil)
	if err != nil || s.Documents() != 2 || s.Row(1) != 13 || r.Skipped != 12 || !strings.Contains(note, "12 bad lines skipped:\n  "+at(4)+"\n") || strings.Count(note, "\n") != 12 {
		t.Fatalf("%+v, %v, %q", r, err, note)
	}
	s.Close()
	put(t, conf.Data[0], ">protein\nMKLVING\n")
	if _, _, err := Open(t.Context(), conf, Options{Tokenizer: dna}, nil); err == nil || !strings.Contains(err.Error(), "(1 bad lines, 0 without a token); the first bad one: "+conf.Data[0]+":1: 2 of 7 letters") {
		t.Errorf("%v", err)
	}
	conf.LabelColumn = "name"
	part := Part{Column: "name", Share: 0, Held: false}
	if _, _, err := Open(t.Context(), conf, Options{Tokenizer: dna, Labels: Single, Part: part}, nil); err == nil || !strings.Contains(err.Error(), "(1 bad lines, 0 without a token); the first bad one: "+conf.Data[0]+":1: 2 of 7 letters") {
		t.Errorf("%v", err)
	}
	pairs := settings(t, "pairs.csv", "text,other\nACG,ACG\nACG,EEE\n")
	pairs.PairColumn = "other"
	if _, _, err := Open(t.Context(), pairs, Options{Tokenizer: dna, Specials: true}, nil); err == nil || !strings.Contains(err.Error(), "pairs.csv:3: 3 of 3 letters") {
		t.Errorf("%v", err)
	}
}

func TestRefusals(t *testing.T) {
	k := letters(t)
	good := settings(t, "a.txt", "abc")
	for _, c := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Data = nil; c.Document = "word" }, "data: name files, folders or globs, as in data=corpus/*.txt\ndocument=word"},
		{func(c *Config) { c.Data = []string{"absent"} }, "absent: no such file"},
		{func(c *Config) { c.Cache = filepath.Join(c.Data[0], "below") }, "name another folder for tokenised texts by cache=DIR"},
		{func(c *Config) { put(t, c.Data[0], " \n") }, "holds no text"},
		{func(c *Config) { put(t, c.Data[0], " \n"); c.BadLines = "skip" }, "no document is left of 1 (1 bad lines, 0 without a token)"},
	} {
		conf := good
		conf.Data = slices.Clone(good.Data)
		c.change(&conf)
		if _, _, err := Open(context.Background(), conf, Options{Tokenizer: k}, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	put(t, good.Data[0], "abc")
	pair := good
	pair.PairColumn = "file"
	for c, o := range map[*Config]Options{&good: {MaxLength: 1}, &pair: {MaxLength: 2}} {
		o.Tokenizer, o.Specials = k, true
		if _, _, err := Open(context.Background(), *c, o, nil); err == nil || !strings.Contains(err.Error(), ": the special words around a text are") {
			t.Errorf("no room for words: %v", err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Open(ctx, good, Options{Tokenizer: k}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestCache counts how often texts are read, by the calls of report.
func TestCache(t *testing.T) {
	k := letters(t)
	c := settings(t, "a.txt", "abc\nd")
	var notes []string
	o := Options{Tokenizer: k, Note: func(s string) { notes = append(notes, s) }}
	made := func() bool {
		t.Helper()
		n := 0
		s, _, err := Open(context.Background(), c, o, func(done, total int64) { n++ })
		if err != nil {
			t.Fatal(err)
		}
		if got := show(s, k); got[0] != "abc\nd 0 []" && c.Document == "file" {
			t.Errorf("%q", got)
		}
		s.Close()
		return n > 0
	}
	stored := func() string {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(c.Cache, "*.tokens"))
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		return files[0]
	}
	if !made() || made() {
		t.Fatal("the second run does not open what the first made")
	}
	whole, err := os.ReadFile(stored())
	if err != nil {
		t.Fatal(err)
	}
	for i, damage := range [][]byte{whole[:40], append(slices.Clone(whole), 0), slices.Concat(whole[:80], []byte{9}, whole[81:]), nil} {
		put(t, stored(), string(damage))
		notes = nil
		if !made() || made() || len(notes) != 1 || !strings.HasSuffix(notes[0], "; it is made again") {
			t.Errorf("damage %d: notes %q", i, notes)
		}
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(c.Data[0], later, later); err != nil {
		t.Fatal(err)
	}
	if !made() || made() {
		t.Error("a changed file is not read again")
	}
	c.Document = "line"
	if !made() || made() {
		t.Error("another setting does not count")
	}
	o.Tokenizer = k.Literal()
	if !made() || made() {
		t.Error("another tokenizer does not count")
	}
	o.MaxLength = 100
	if !made() || made() {
		t.Error("another length does not count")
	}
}

// TestTwoProcesses opens the same corpus many times at once.
func TestTwoProcesses(t *testing.T) {
	k := letters(t)
	c := settings(t, "a.txt", strings.Repeat("abcdefghij\n", 1000))
	c.Document = "line"
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			s, _, err := Open(context.Background(), c, Options{Tokenizer: k}, nil)
			if err != nil || s.Documents() != 1000 || s.Verify() != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	all.Wait()
	if left, err := os.ReadDir(c.Cache); len(left) != 1 || err != nil {
		t.Errorf("%v, %v", left, err)
	}
}

// TestThreads holds that neither threads nor pieces change the tokens.
func TestThreads(t *testing.T) {
	vocabulary := strings.Fields("[PAD] [UNK] [CLS] [SEP] [MASK] a b ab ##a ##b , .")
	k, err := tokenize.WordPiece(vocabulary, tokenize.Options{})
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("abba, ab\u0301 \nb.ab\r\n\n", 80_000)
	var want []int
	for _, token := range k.Append(nil, strings.ReplaceAll(long, "\r", "")) {
		want = append(want, token.ID)
	}
	for _, threads := range []int{1, 2, 4} {
		func() {
			defer par.SetThreads(par.SetThreads(threads))
			s := open(t, settings(t, "a.txt", long), Options{Tokenizer: k})
			if got := s.AppendIDs(nil, 0, 0, s.Len(0)); !slices.Equal(got, want) {
				t.Errorf("%d threads: %d tokens, want %d, or others", threads, len(got), len(want))
			}
		}()
	}
}

// TestSST2 tokenises real data.
func TestSST2(t *testing.T) {
	k, err := tokenize.Open(numtest.Shared(t, "data", "bert-base-uncased", "vocab.txt"))
	if err != nil {
		t.Fatal(err)
	}
	c := Default()
	c.Data, c.TextColumn, c.Quotes, c.Cache = []string{numtest.Shared(t, "data", "glue", "SST-2", "dev.tsv")}, "sentence", false, t.TempDir()
	s, r, err := Open(context.Background(), c, Options{Tokenizer: k, Specials: true, MaxLength: 128, Labels: Single, Formats: text.Formats{}}, nil)
	if err != nil || s.Documents() != 872 || r.Rows != 872 || !slices.Equal(s.Meta().Labels, []string{"0", "1"}) {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := show(s, k)[0]; got != "[CLS]it'sacharmingandoftenaffectingjourney.[SEP] 0 [1]" {
		t.Error(got)
	}
}

// TestElsewhere: a cache that cannot be written to, as on a full disk, can be put
// elsewhere.
func TestElsewhere(t *testing.T) {
	if err := elsewhere(nil); err != nil {
		t.Error(err)
	}
	err := elsewhere(fmt.Errorf("x.tokens: %w", os.ErrPermission))
	if !errors.Is(err, os.ErrPermission) || !strings.HasSuffix(err.Error(), "by cache=DIR") {
		t.Error(err)
	}
}

// TestKnownNames: texts are tokenised once, whether their labels are found or
// then given; other names make a store of their own.
func TestKnownNames(t *testing.T) {
	c := settings(t, "rows.csv", "text,label\nab,10\nc,9\n")
	o := Options{Tokenizer: letters(t), Labels: Single}
	found := open(t, c, o)
	for _, names := range [][]string{found.Meta().Labels, {"10", "9"}} {
		o.Names = names
		s := open(t, c, o)
		if !slices.Equal(s.Meta().Labels, names) {
			t.Errorf("names %q, want %q", s.Meta().Labels, names)
		}
		files, err := filepath.Glob(filepath.Join(c.Cache, "*.tokens"))
		want := 1
		if names[0] != "9" {
			want = 2
		}
		if err != nil || len(files) != want {
			t.Errorf("names %q: %d stores, want %d, %v", names, len(files), want, err)
		}
	}
}
