package tokenize

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Any text has tokens in order, within bounds and between runes, the same
// after saving and opening.
func FuzzAppend(f *testing.F) {
	for _, s := range []string{"", "Hello, [MASK]!", "İﬀ漢字\u200b", "e\u0301\u0323", "\xff\xc3", strings.Repeat("é", 101), "\u302e\u0f73 \u0344\u0334", "[MASK", "<l> <b>"} {
		f.Add(s, uint8(len(s)))
	}
	hugging, err := Open("testdata/added.json")
	if err != nil {
		f.Fatal(err)
	}
	toks := []*Tokenizer{hugging, hugging.Literal(), Bytes(), characterTokenizer(f, "ACGTNé", true)}
	for _, o := range settings {
		toks = append(toks, small(f, o))
	}
	for _, tok := range slices.Clone(toks) {
		dir := f.TempDir()
		if err := tok.Save(dir); err != nil {
			f.Fatal(err)
		}
		again, err := Open(dir)
		if err != nil {
			f.Fatal(err)
		}
		if tok.literal {
			again = again.Literal()
		}
		toks = append(toks, again)
	}
	f.Fuzz(func(t *testing.T, text string, which uint8) {
		n := int(which) % (len(toks) / 2)
		tok := toks[n]
		got := tok.Append([]Token{{-7, 0, 0}}, text)
		if got[0].ID != -7 {
			t.Fatalf("%+q: what stood before is gone", text)
		}
		got = got[1:]
		valid := utf8.ValidString(text)
		last := Token{}
		for i, g := range got {
			if g.ID < 0 || g.ID >= tok.Size() || g.Start < 0 || g.End <= g.Start || g.End > len(text) || g.Start < last.Start || g.End < last.End {
				t.Fatalf("%+q: token %d is %v, before it %v", text, i, g, last)
			}
			if _, isBytes := tok.model.(byteLevel); valid && !isBytes && (!utf8.RuneStart(text[g.Start]) || g.End < len(text) && !utf8.RuneStart(text[g.End])) {
				t.Fatalf("%+q: token %v does not stand between runes", text, g)
			}
			last = g
		}
		if again := toks[n+len(toks)/2].Append(nil, text); !slices.Equal(got, again) {
			t.Fatalf("%+q: %v, after saving %v", text, got, again)
		}
		tok.Decode(ids(got))
	})
}

// Any file is a tokenizer or an error, and a tokenizer is the same after saving.
func FuzzOpen(f *testing.F) {
	for _, s := range []string{
		"[UNK]\na\n##b\n",
		"[UNK]\r\n\xff",
		`{"model": {"type": "Characters", "alphabet": "ACGT", "fold": true}}`,
		`{"model": {"type": "Bytes"}}`,
		`{"added_tokens": [{"id": 0, "content": "[UNK]", "lstrip": true}, {"id": 2, "content": "b", "special": true}], "normalizer": {"type": "BertNormalizer", "lowercase": false},
		"pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": {"type": "BertProcessing", "cls": ["a", 1], "sep": ["[UNK]", 0]},
		"model": {"type": "WordPiece", "max_input_chars_per_word": 3, "vocab": {"[UNK]": 0, "a": 1}}}`,
	} {
		f.Add([]byte(s), "a [UNK]b\u0301")
	}
	if b, err := os.ReadFile("testdata/saved.json"); err == nil {
		f.Add(append(bytes.Replace(b[:600], []byte("\n"), nil, -1), "}}}"...), "the")
	}
	f.Fuzz(func(t *testing.T, b []byte, text string) {
		for _, parse := range []func() (*Tokenizer, error){
			func() (*Tokenizer, error) { return parseVocab("vocab.txt", b, Options{}) },
			func() (*Tokenizer, error) { return parseFile("tokenizer.json", b) },
		} {
			tok, err := parse()
			if err != nil {
				if strings.Contains(err.Error(), "\n") {
					t.Fatalf("an error of several lines: %v", err)
				}
				continue
			}
			saved, err := plainJSON(tok.file())
			if err != nil {
				t.Fatal(err)
			}
			again, err := parseFile("saved", saved)
			if err != nil {
				t.Fatalf("%q: saved as %s: %v", b, saved, err)
			}
			if got, want := again.Append(nil, text), tok.Append(nil, text); !slices.Equal(got, want) || again.Fingerprint() != tok.Fingerprint() {
				t.Fatalf("%q: %q gives %v, after saving %v", b, text, want, got)
			}
			tok.Decode(ids(tok.Append(nil, text)))
			_, _ = tok.Encode(Layout{MaxLength: 3, Truncate: true}, text, text)
		}
	})
}
