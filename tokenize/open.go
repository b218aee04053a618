package tokenize

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	fileName   = "tokenizer.json"
	vocabName  = "vocab.txt"
	configName = "tokenizer_config.json"

	maxFile = 64 << 20 // a larger one is not a vocabulary
)

// Open returns the tokenizer of a name or of a file:
//
//	bytes               see Bytes
//	dna                 characters:ACGTN
//	characters:ALPHABET see Characters; upper and lower case are the same
//	                    unless the alphabet has both of some letter
//	tokenizer.json      as Save writes it, or Hugging Face for WordPiece
//	vocab.txt           WordPiece, one word a line; lower case and other Options
//	                    as the tokenizer_config.json beside it says, if there is one
//	a folder            its tokenizer.json, or else its vocab.txt
//
// An error names the file, and the line where there is one.
func Open(path string) (*Tokenizer, error) {
	if t, ok, err := named(path); ok {
		return t, err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		dir := path
		path = filepath.Join(dir, fileName)
		if _, err := os.Stat(path); err != nil {
			path = filepath.Join(dir, vocabName)
		}
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("%s: no tokenizer: want a %s or a %s in it", dir, fileName, vocabName)
		}
	}
	b, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("tokenizer: %w: want a file, a folder, or one of the names bytes, dna, characters:ALPHABET", err)
	}
	if err != nil {
		return nil, err
	}
	if filepath.Ext(path) == ".json" {
		return parseFile(path, b)
	}
	o, err := configured(filepath.Join(filepath.Dir(path), configName))
	if err != nil {
		return nil, err
	}
	return parseVocab(path, b, o)
}

func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s: %d MB: a vocabulary has at most %d", path, info.Size()>>20, maxFile>>20)
	}
	return os.ReadFile(path)
}

// parseVocab reads a vocab.txt.
func parseVocab(path string, b []byte, o Options) (*Tokenizer, error) {
	text := strings.ReplaceAll(strings.TrimPrefix(string(b), "\uFEFF"), "\r\n", "\n")
	words := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if words[0] == "" && len(words) == 1 {
		return nil, fmt.Errorf("%s: no words: want one a line, the first of id 0", path)
	}
	at := func(i int) string { return fmt.Sprintf("%s:%d", path, i+1) }
	v, err := newVocabulary(words, at)
	if err != nil {
		return nil, err
	}
	t, err := newWordPiece(v, o, v.recognised(), len(words), true)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// configured returns the options of a Hugging Face tokenizer_config.json, those
// of bert-base-uncased if there is no such file.
func configured(path string) (Options, error) {
	c := struct {
		Lowercase *bool `json:"do_lower_case"`
		Accents   *bool `json:"strip_accents"`
		Chinese   *bool `json:"tokenize_chinese_chars"`
	}{}
	b, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Options{}, nil
	}
	if err == nil {
		if err = json.Unmarshal(b, &c); err != nil {
			err = fmt.Errorf("%s: %w", path, err)
		}
	}
	return bertOptions(nil, c.Chinese, c.Accents, c.Lowercase), err
}

// bertOptions turns Hugging Face's settings into ours; nil is the default, which
// for accents is that of the case.
func bertOptions(clean, chinese, strip, lower *bool) Options {
	is := func(b *bool, otherwise bool) bool {
		if b == nil {
			return otherwise
		}
		return *b
	}
	lowercase := is(lower, true)
	return Options{
		KeepControls: !is(clean, true), KeepChinese: !is(chinese, true),
		KeepAccents: !is(strip, lowercase), KeepCase: !lowercase,
	}
}
