package tokenize

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenVocabulary(t *testing.T) {
	path := write(t, "vocab.txt", "\uFEFF[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\nnaïve\r\nnaive\r\nA\r\n\r\n")
	for _, path := range []string{path, filepath.Dir(path)} {
		tok, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := ids(tok.Append(nil, "Naïve A")); tok.Size() != 7 || !slices.Equal(got, []int{5, 1}) {
			t.Errorf("%s: %d words, %v", path, tok.Size(), got)
		}
	}
	config := filepath.Join(filepath.Dir(path), "tokenizer_config.json")
	for content, want := range map[string][]int{
		`{"do_lower_case": false}`:                        {4, 6},
		`{"do_lower_case": false, "strip_accents": true}`: {5, 6},
		`{"strip_accents": false}`:                        {4, 1},
		`{"other": [1, {}]}`:                              {5, 1},
	} {
		if err := os.WriteFile(config, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		tok, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := ids(tok.Append(nil, "naïve A")); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", content, got, want)
		}
	}
	if err := os.WriteFile(config, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), config) {
		t.Errorf("a broken tokenizer_config.json: %v", err)
	}
}

func TestOpenNames(t *testing.T) {
	for name, size := range map[string]int{"bytes": 261, "dna": 10, "characters:ACGTN": 10, "characters:aAb": 8} {
		tok, err := Open(name)
		if err != nil || tok.Size() != size {
			t.Errorf("%s: %v, %v", name, tok, err)
		}
	}
	dna, err := Open("dna")
	if err != nil {
		t.Fatal(err)
	}
	if got := ids(dna.Append(nil, "aCgtN-")); !slices.Equal(got, []int{5, 6, 7, 8, 9, 1}) {
		t.Errorf("dna: %v", got)
	}
}

// Each fault is one line that names the file, and the line where there is one.
func TestOpenFaults(t *testing.T) {
	model := func(s string) string {
		return `{"normalizer": {"type": "BertNormalizer"}, "pre_tokenizer": {"type": "BertPreTokenizer"}, "model": {"type": "WordPiece", ` + s + `}`
	}
	for _, c := range []struct{ name, content, want string }{
		{"vocab.txt", "", ": no words: want one a line, the first of id 0"},
		{"vocab.txt", "[UNK]\na\n\nb\n", ":3: an empty word: every id needs a word of its own"},
		{"vocab.txt", "[UNK]\na\nb\na\n", `:4: the word "a" has the id 1 already: rename one of the two, so that both keep their ids`},
		{"vocab.txt", "[UNK]\n\xff\n", `:2: "\xff" is not UTF-8: want text in UTF-8`},
		{"vocab.txt", "a\nb\n", `: the vocabulary of 2 words has no "[UNK]", the word for what it does not have: add it, or name another`},
		{"vocab.txt", "[UNK]\n" + strings.Repeat("x", 5000), ":2: a word of 5000 bytes: no word may have more than 4096"},
		{"tokenizer.json", "", ": not a tokenizer.json: unexpected end of JSON input"},
		{"tokenizer.json", "{}", ": not a tokenizer.json: it has no model"},
		{"tokenizer.json", `{"model": {"type": "BPE", "vocab": {}, "merges": []}}`, ": a tokenizer of kind BPE (byte-pair encoding, as of GPT-2 and RoBERTa): only WordPiece (as of BERT), Bytes and Characters can be read"},
		{"tokenizer.json", `{"model": {"type": "Unigram", "vocab": [["a", 1]]}}`, ": a tokenizer of kind Unigram (SentencePiece, as of T5 and ALBERT): only WordPiece (as of BERT), Bytes and Characters can be read"},
		{"tokenizer.json", `{"model": {"vocab": {}}}`, ": a tokenizer of kind unknown: only WordPiece (as of BERT), Bytes and Characters can be read"},
		{"tokenizer.json", `{"model": {"type": "Characters", "alphabet": "aa"}}`, `: the alphabet "aa": 'a' is the same character as "a" before it: leave one out`},
		{"tokenizer.json", `{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0}}}`, ": normalizer: none, want a BertNormalizer, as BERT has it"},
		{"tokenizer.json", `{"normalizer": {"type": "BertNormalizer"}, "model": {"type": "WordPiece", "vocab": {"[UNK]": 0}}}`, ": pre_tokenizer: none, want a BertPreTokenizer, as BERT has it"},
		{"tokenizer.json", `{"normalizer": {"type": "NFC"}, "model": {"type": "WordPiece", "vocab": {"[UNK]": 0}}}`, `: normalizer: "NFC", want a BertNormalizer, as BERT has it`},
		{"tokenizer.json", model(`"vocab": {"[UNK]": 0, "a": 2}}`), `: not a tokenizer.json: vocab: the word "a" has id 2: want the ids 0 to 1, each once, and no empty word`},
		{"tokenizer.json", model(`"vocab": {"a": 0}}`), `: the vocabulary of 1 words has no "[UNK]", the word for what it does not have: add it, or name another`},
		{"tokenizer.json", model(`"vocab": {"[UNK]": 0}, "continuing_subword_prefix": ""}`), ": model: continuing_subword_prefix is empty: want one, such as ##"},
		{"tokenizer.json", model(`"vocab": {"[UNK]": 0}, "max_input_chars_per_word": -1}`), ": words of at most -1 characters: want 1 or more, or 0 for 100"},
		{"tokenizer.json", model(`"vocab": {"[UNK]": 0}}, "added_tokens": [{"id": 0, "content": "[UNK]", "normalized": true}]`), `: added_tokens: "[UNK]": single_word and normalized are not supported: set them to false, or add the word to the vocabulary`},
		{"tokenizer.json", model(`"vocab": {"[UNK]": 0}}, "added_tokens": [{"id": 7, "content": "x"}]`), `: added_tokens: "x" has id 7: want that of the vocabulary, or the next id behind it (1)`},
		{"tokenizer.json", model(`"vocab": {"[UNK]": 0}}, "added_tokens": [{"id": 1, "content": ""}]`), `: added_tokens: "" of id 1: want a word`},
		{"tokenizer.json", model(`"vocab": {"[UNK]": 0}}, "post_processor": {"type": "RobertaProcessing"}`), ": post_processor: want BERT's: [CLS] A [SEP], and [CLS] A [SEP] B [SEP] with B of type 1"},
		{"tokenizer.json", model(`"vocab": {"[UNK]": 0}}, "post_processor": {"type": "BertProcessing", "cls": ["<s>", 1], "sep": ["</s>", 2]}`), `: post_processor: "<s>" or "</s>" is not in the vocabulary`},
	} {
		path := write(t, c.name, c.content)
		tok, err := Open(path)
		if err == nil {
			t.Errorf("%.80q: a tokenizer of %d words and no error", c.content, tok.Size())
		} else if got := strings.TrimPrefix(err.Error(), path); got != c.want {
			t.Errorf("%.80q:\n got FILE%s\nwant FILE%s", c.content, got, c.want)
		}
	}
}

func TestOpenNothing(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		dir:                          dir + ": no tokenizer: want a tokenizer.json or a vocab.txt in it",
		filepath.Join(dir, "absent"): "tokenizer: stat " + filepath.Join(dir, "absent") + ": no such file or directory: want a file, a folder, or one of the names bytes, dna, characters:ALPHABET",
		"characters:":                `tokenize: the alphabet "": want one or more characters in UTF-8, such as ACGTN`,
		"characters:abca":            `tokenize: the alphabet "abca": 'a' is the same character as "a" before it: leave one out`,
	} {
		if _, err := Open(path); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
	huge := filepath.Join(dir, "vocab.txt")
	f, err := os.Create(huge)
	if err == nil {
		err = f.Truncate(200 << 20)
	}
	if err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	if _, err := Open(huge); err == nil || !strings.HasPrefix(err.Error(), huge+": 200 MB") {
		t.Errorf("a file of 200 MB: %v", err)
	}
}
