package tokenize

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
)

// settings are those of testdata/golden.py.
var settings = map[string]Options{
	"uncased": {},
	"cased":   {KeepCase: true, KeepAccents: true},
	"lower":   {KeepAccents: true},
	"strip":   {KeepCase: true, KeepChinese: true},
	"raw":     {KeepControls: true},
	"rawest":  {KeepCase: true, KeepAccents: true, KeepControls: true, KeepChinese: true},
}

type golden struct {
	Tokenizers string
	Cases      []struct {
		Text, Decoded                                      string
		Uncased, Cased, Lower, Strip, Raw, Rawest, Literal []int
	}
	Added []struct {
		Text   string
		Tokens []int
	}
	Pairs []struct {
		A          string
		B          *string
		Max        int
		IDs, Types []int
		Spans      [][2]int
	}
}

func readGolden(t *testing.T, name string) (g golden) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err == nil {
		err = json.NewDecoder(z).Decode(&g)
	}
	if err != nil || len(g.Cases) < 2000 {
		t.Fatalf("%s: %d strings, want 2,000 or more: %v", name, len(g.Cases), err)
	}
	return g
}

func vocabularyOf(t testing.TB, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

func small(t testing.TB, o Options) *Tokenizer {
	t.Helper()
	tok, err := WordPiece(vocabularyOf(t, "testdata/vocab.txt"), o)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// The ids and offsets of every string are those of Hugging Face's library.
func TestGolden(t *testing.T) {
	testGolden(t, readGolden(t, "small.json.gz"), "testdata/vocab.txt")
}

func TestGoldenOfficial(t *testing.T) {
	testGolden(t, readGolden(t, "official.json.gz"), numtest.Shared(t, "data", "bert-base-uncased", "vocab.txt"))
}

func testGolden(t *testing.T, g golden, path string) {
	words := vocabularyOf(t, path)
	for name, o := range settings {
		tok, err := WordPiece(words, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range g.Cases {
			want := map[string][]int{"uncased": c.Uncased, "cased": c.Cased, "lower": c.Lower, "strip": c.Strip, "raw": c.Raw, "rawest": c.Rawest}[name]
			if want != nil {
				sameTokens(t, name, tok, c.Text, want)
			}
			if name != "uncased" {
				continue
			}
			if c.Literal != nil {
				sameTokens(t, "literal", tok.Literal(), c.Text, c.Literal)
			}
			if got := tok.Decode(ids(tok.Append(nil, c.Text))); got != c.Decoded {
				t.Errorf("decode of the ids of %+q: %+q, want %+q", short(c.Text), short(got), short(c.Decoded))
			}
		}
	}
	tok, err := WordPiece(words, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range g.Pairs {
		var b []string
		if p.B != nil {
			b = []string{*p.B}
		}
		e, err := tok.Encode(Layout{MaxLength: p.Max, Truncate: true}, p.A, b...)
		if err != nil {
			if special := 2 + len(b); p.Max >= special {
				t.Errorf("pair %d: %v", i, err)
			}
			continue
		}
		var spans [][2]int
		for _, s := range e.Spans {
			spans = append(spans, [2]int{s.Start, s.End})
		}
		if !slices.Equal(e.IDs, p.IDs) || !slices.Equal(e.Types, p.Types) || !slices.Equal(spans, p.Spans) {
			t.Errorf("pair %d, %+q and %+q to %d: %v %v %v, want %v %v %v", i, p.A, b, p.Max, e.IDs, e.Types, spans, p.IDs, p.Types, p.Spans)
		}
	}
}

func ids(tokens []Token) (ids []int) {
	for _, t := range tokens {
		ids = append(ids, t.ID)
	}
	return ids
}

func sameTokens(t *testing.T, setting string, tok *Tokenizer, text string, want []int) {
	t.Helper()
	var got []int
	for _, w := range tok.Append(nil, text) {
		got = append(got, w.ID, w.Start, w.End)
	}
	if !slices.Equal(got, want) {
		n := 0
		for n < min(len(got), len(want)) && got[n] == want[n] {
			n++
		}
		n -= n % 3
		t.Errorf("%s: %+q: token %d (id, start, end): %v, want %v", setting, short(text), n/3, got[n:min(n+6, len(got))], want[n:min(n+6, len(want))])
	}
}

func short(s string) string { return s[:min(len(s), 300)] }

// Each code point is cleaned, decomposed and parted as by Hugging Face's
// library, whatever tables of Unicode Go has.
func TestRunes(t *testing.T) {
	b, err := os.ReadFile("testdata/runes.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]json.RawMessage
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	words := []string{"[UNK]", "a", "b"}
	for r, c := range classes() {
		if c&(isPunctuation|isChinese) != 0 {
			words = append(words, string(rune(r)))
		}
	}
	tok, err := WordPiece(words, Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := tok.model.(*wordPiece)
	for name, o := range settings {
		if testing.Short() && name != "uncased" {
			continue
		}
		o.MaxWord = w.MaxWord
		w.Options = o
		var hashes []string
		if err := json.Unmarshal(want[name], &hashes); err != nil {
			t.Fatal(err)
		}
		h, c := sha256.New(), &cleaner{w: w, class: classes()}
		for block, want := range hashes {
			h.Reset()
			for r := rune(block * 4096); r < rune(block+1)*4096; r++ {
				if r < 0xD800 || r >= 0xE000 {
					h.Write([]byte(strings.Join(wordsAround(c, tok, r), " ") + "\n"))
				}
			}
			if got := hex.EncodeToString(h.Sum(nil))[:16]; got != want {
				t.Errorf("%s: the runes from U+%04X: other words than in testdata/runes.json", name, block*4096)
			}
		}
	}
}

// wordsAround returns the clean words of "a", r, "b".
func wordsAround(c *cleaner, t *Tokenizer, r rune) (words []string) {
	for i, r := range []rune{'a', r, 'b'} {
		c.read(r, place{i, i + 1})
	}
	for _, w := range c.dst {
		words = append(words, t.Word(w.ID))
	}
	words = append(words, string(c.word))
	c.flush()
	c.dst = c.dst[:0]
	return words
}

// Added words of every kind are found as by Hugging Face's library, in a file
// that it wrote.
func TestGoldenAdded(t *testing.T) {
	tok, err := Open("testdata/added.json")
	if err != nil {
		t.Fatal(err)
	}
	g := readGolden(t, "small.json.gz")
	if len(g.Added) < 200 {
		t.Fatalf("%d strings with added words", len(g.Added))
	}
	for _, c := range g.Added {
		sameTokens(t, "added", tok, c.Text, c.Tokens)
	}
}
