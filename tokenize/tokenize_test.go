package tokenize

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

func characterTokenizer(t testing.TB, alphabet string, fold bool) *Tokenizer {
	t.Helper()
	tok, err := Characters(alphabet, fold)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestBytes(t *testing.T) {
	tok := Bytes()
	if want := (Special{0, 1, 2, 3, 4}); tok.Size() != 261 || tok.Special() != want {
		t.Errorf("%d words, %+v", tok.Size(), tok.Special())
	}
	text := "a\x00\xffé[MASK]\n"
	want := []Token{{102, 0, 1}, {5, 1, 2}, {260, 2, 3}, {200, 3, 4}, {174, 4, 5}, {4, 5, 11}, {15, 11, 12}}
	got := tok.Append(nil, text)
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if back := tok.Decode(ids(got)); back != text {
		t.Errorf("decoded %q, want %q", back, text)
	}
	var starts []bool
	for _, g := range got {
		starts = append(starts, tok.Starts(g.ID))
	}
	if want := []bool{true, true, true, true, false, true, true}; !slices.Equal(starts, want) {
		t.Errorf("starts %v, want %v", starts, want)
	}
	if literal := tok.Literal().Append(nil, "[MASK]"); len(literal) != 6 || literal[0].ID != 5+'[' {
		t.Errorf("[MASK] taken literally: %v", literal)
	}
	if id, ok := tok.ID("<0x0A>"); !ok || id != 15 || tok.Word(15) != "<0x0A>" {
		t.Errorf("the word of a line feed: id %d, %q", id, tok.Word(15))
	}
}

func TestCharacters(t *testing.T) {
	tok := characterTokenizer(t, "ACGTN", true)
	got := tok.Append(nil, "acGX\xff中[SEP]N")
	want := []Token{{5, 0, 1}, {6, 1, 2}, {7, 2, 3}, {1, 3, 4}, {1, 4, 5}, {1, 5, 8}, {3, 8, 13}, {9, 13, 14}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if s := tok.Decode(ids(got)); s != "ACG[UNK][UNK][UNK][SEP]N" || tok.Size() != 10 || !tok.Starts(5) {
		t.Errorf("decoded %q, %d words", s, tok.Size())
	}
	exact := characterTokenizer(t, "aAé", false)
	if got := ids(exact.Append(nil, "Aaéb")); !slices.Equal(got, []int{6, 5, 7, 1}) {
		t.Errorf("case kept: %v", got)
	}
	if got := ids(characterTokenizer(t, "éK\uFFFD", true).Append(nil, "Ék\u212A\uFFFD\xff")); !slices.Equal(got, []int{5, 6, 6, 7, 1}) {
		t.Errorf("case folded beyond ASCII: %v", got)
	}
}

// Lengths change in lower case and in decomposition; offsets are the text's.
func TestOffsets(t *testing.T) {
	tok, err := WordPiece([]string{"[UNK]", "i", "##s", "##st", "ﬀ", "##e", "가"[:0] + "\u1100\u1161", "x"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]Token{
		"İSTe":               {{1, 0, 2}, {3, 2, 4}, {5, 4, 5}},
		"x\u0301 ﬀE\u0300":   {{7, 0, 1}, {4, 4, 7}, {5, 7, 8}},
		"가 \xff x\u200b\xc3": {{6, 0, 3}, {7, 6, 7}},
		"i\u200bs":           {{1, 0, 1}, {2, 4, 5}},
	} {
		if got := tok.Append(nil, text); !slices.Equal(got, want) {
			t.Errorf("%+q: %v, want %v", text, got, want)
		}
	}
}

func TestLiteral(t *testing.T) {
	tok := small(t, Options{})
	text := "hello [SEP]"
	if got := tok.Append(nil, text); len(got) != 2 || got[1] != (Token{tok.Special().Separator, 6, 11}) {
		t.Errorf("%v", got)
	}
	for _, g := range tok.Literal().Append(nil, text+"[MASK][CLS]") {
		if s := tok.Special(); g.ID == s.Separator || g.ID == s.Mask || g.ID == s.Class {
			t.Errorf("taken literally, %v is a special word", g)
		}
	}
}

func TestStarts(t *testing.T) {
	tok := small(t, Options{})
	for _, w := range []string{"[CLS]", "[UNK]", "walk", ".", "##ing", "##s"} {
		id, ok := tok.ID(w)
		if want := !strings.HasPrefix(w, "##"); !ok || tok.Starts(id) != want || tok.Word(id) != w {
			t.Errorf("%s (%d, %v): starts %v, want %v", w, id, ok, tok.Starts(id), want)
		}
	}
}

func TestSpecialsMissing(t *testing.T) {
	tok, err := WordPiece([]string{"[UNK]", "a", "[MASK]"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := (Special{-1, 0, -1, -1, 2}); tok.Special() != want {
		t.Errorf("%+v, want %+v", tok.Special(), want)
	}
	if _, err := tok.Encode(Layout{}, "a"); err == nil || !strings.Contains(err.Error(), "[CLS]") {
		t.Errorf("no [CLS]: %v", err)
	}
	if e, err := tok.Encode(Layout{Bare: true}, "a [MASK]", "b"); err != nil || !slices.Equal(e.IDs, []int{1, 2, 0}) || !slices.Equal(e.Types, []int{0, 0, 1}) {
		t.Errorf("bare: %+v, %v", e, err)
	}
	if got := ids(tok.Append(nil, "[CLS]")); !slices.Equal(got, []int{0, 0, 0}) {
		t.Errorf("a special word that the vocabulary does not have: %v", got)
	}
	for want, words := range map[string][]string{
		"tokenize: word 1: an empty word: every id needs a word of its own":                                               {"[UNK]", ""},
		`tokenize: the vocabulary of 1 words has no "[UNK]", the word for what it does not have: add it, or name another`: {"a"},
	} {
		if _, err := WordPiece(words, Options{}); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", words, err, want)
		}
	}
}

func TestEncodeTooLong(t *testing.T) {
	tok := Bytes()
	e, err := tok.Encode(Layout{MaxLength: 8, Truncate: true}, "abcdefghij", "xy")
	if err != nil || e.Cut != 7 || tok.Decode(e.IDs) != "[CLS]abc[SEP]xy[SEP]" {
		t.Errorf("%+v, %v: %q", e, err, tok.Decode(e.IDs))
	}
	if e, err := tok.Encode(Layout{MaxLength: 3, Truncate: true}, "abc", "x"); err != nil || len(e.IDs) != 3 || e.Cut != 4 {
		t.Errorf("room for the special words alone: %+v, %v", e, err)
	}
	_, err = tok.Encode(Layout{MaxLength: 8}, "abcdefghij")
	if want := "tokenize: 12 tokens, 2 of them special words, where at most 8 may be: shorten the text, allow more, or allow it to be cut (truncate)"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if _, err = tok.Encode(Layout{MaxLength: 2, Truncate: true}, "a", "b"); err == nil {
		t.Error("no room for the special words, and no error")
	}
	if e, err := tok.Encode(Layout{MaxLength: 12}, "abcdefghij"); err != nil || e.Cut != 0 || len(e.IDs) != 12 {
		t.Errorf("just right: %+v, %v", e, err)
	}
}

func TestAppendAllocates(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes pools forget")
	}
	text := strings.Repeat("Hello, Wörld! 漢字 [MASK] e\u0301 İ unaffable\n", 50)
	for name, tok := range map[string]*Tokenizer{"WordPiece": small(t, Options{}), "bytes": Bytes(), "characters": characterTokenizer(t, "ACGTN", true)} {
		dst := tok.Append(nil, text)
		if n := testing.AllocsPerRun(20, func() { dst = tok.Append(dst[:0], text) }); n > 0 {
			t.Errorf("%s: %v allocations a text", name, n)
		}
	}
}

// Any number of goroutines get the same tokens from one tokenizer.
func TestConcurrent(t *testing.T) {
	tok := small(t, Options{})
	texts := []string{"hello wörld", "naïve 漢字 walking", strings.Repeat("é", 300), "\u0301\u0323x"}
	var wg sync.WaitGroup
	for _, text := range texts {
		want := tok.Append(nil, text)
		for range 4 {
			wg.Go(func() {
				for range 100 {
					if got := tok.Append(nil, text); !slices.Equal(got, want) {
						t.Errorf("%q: %v, want %v", text, got, want)
						return
					}
				}
			})
		}
	}
	wg.Wait()
}
