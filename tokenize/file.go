package tokenize

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

// file is a tokenizer.json. Truncation and padding are the caller's affair
// and not read.
type file struct {
	Version       string          `json:"version"`
	Truncation    *struct{}       `json:"truncation"`
	Padding       *struct{}       `json:"padding"`
	Added         []fileAdded     `json:"added_tokens"`
	Normalizer    *fileNormalizer `json:"normalizer"`
	PreTokenizer  *fileKind       `json:"pre_tokenizer"`
	PostProcessor *fileTemplate   `json:"post_processor"`
	Decoder       *fileDecoder    `json:"decoder"`
	Model         fileModel       `json:"model"`
}

type fileKind struct {
	Type string `json:"type"`
}

type fileAdded struct {
	ID         int    `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	Left       bool   `json:"lstrip"`
	Right      bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

type fileNormalizer struct {
	Type         string `json:"type"`
	CleanText    *bool  `json:"clean_text"`
	ChineseChars *bool  `json:"handle_chinese_chars"`
	StripAccents *bool  `json:"strip_accents"`
	Lowercase    *bool  `json:"lowercase"`
}

type fileDecoder struct {
	Type    string `json:"type"`
	Prefix  string `json:"prefix"`
	Cleanup bool   `json:"cleanup"`
}

// fileModel is the union of the models' fields.
type fileModel struct {
	Type     string    `json:"type"`
	Unknown  string    `json:"unk_token,omitempty"`
	Prefix   *string   `json:"continuing_subword_prefix,omitempty"`
	MaxWord  int       `json:"max_input_chars_per_word,omitempty"`
	Alphabet string    `json:"alphabet,omitempty"`
	Fold     bool      `json:"fold,omitempty"`
	Vocab    fileVocab `json:"vocab,omitempty"`
}

// fileVocab is the words as an object of word: id, in the order of the ids.
type fileVocab []string

// MarshalJSON writes the words with their ids.
func (v fileVocab) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, w := range v {
		if i > 0 {
			b = append(b, ',')
		}
		word, err := plainJSON(w)
		if err != nil {
			return nil, err
		}
		b = fmt.Appendf(append(b, word...), ":%d", i)
	}
	return append(b, '}'), nil
}

// UnmarshalJSON reads words whose ids are 0 to their number less one.
func (v *fileVocab) UnmarshalJSON(b []byte) error {
	var ids map[string]int
	if err := json.Unmarshal(b, &ids); err != nil {
		return err
	}
	words := make([]string, len(ids))
	for w, id := range ids {
		if id < 0 || id >= len(words) || words[id] != "" || w == "" {
			return fmt.Errorf("vocab: the word %q has id %d: want the ids 0 to %d, each once, and no empty word", w, id, len(words)-1)
		}
		words[id] = w
	}
	*v = words
	return nil
}

// plainJSON writes < and > as they are.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// parseFile reads a tokenizer.json.
func parseFile(path string, b []byte) (*Tokenizer, error) {
	t, err := decodeFile(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// otherKinds are the models that only other programs read.
var otherKinds = map[string]string{
	"BPE":       "byte-pair encoding, as of GPT-2 and RoBERTa",
	"Unigram":   "SentencePiece, as of T5 and ALBERT",
	"WordLevel": "whole words",
}

func decodeFile(b []byte) (*Tokenizer, error) {
	var kind struct {
		Model *fileKind `json:"model"`
	}
	if err := json.Unmarshal(b, &kind); err != nil {
		return nil, fmt.Errorf("not a tokenizer.json: %w", err)
	}
	if kind.Model == nil {
		return nil, fmt.Errorf("not a tokenizer.json: it has no model")
	}
	switch k := kind.Model.Type; k {
	case "WordPiece", "Bytes", "Characters":
	default:
		if what, ok := otherKinds[k]; ok {
			k += " (" + what + ")"
		}
		return nil, fmt.Errorf("a tokenizer of kind %s: only WordPiece (as of BERT), Bytes and Characters can be read", cmp.Or(k, "unknown"))
	}
	var f file
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("not a tokenizer.json: %w", err)
	}
	switch f.Model.Type {
	case "Bytes":
		return Bytes(), nil
	case "Characters":
		return newCharacters(f.Model.Alphabet, f.Model.Fold)
	}
	return f.wordPiece()
}

func (f *file) wordPiece() (*Tokenizer, error) {
	if n := f.Normalizer; n == nil {
		return nil, fmt.Errorf("normalizer: none, want a BertNormalizer, as BERT has it")
	} else if n.Type != "BertNormalizer" {
		return nil, fmt.Errorf("normalizer: %q, want a BertNormalizer, as BERT has it", n.Type)
	}
	if p := f.PreTokenizer; p == nil {
		return nil, fmt.Errorf("pre_tokenizer: none, want a BertPreTokenizer, as BERT has it")
	} else if p.Type != "BertPreTokenizer" {
		return nil, fmt.Errorf("pre_tokenizer: %q, want a BertPreTokenizer, as BERT has it", p.Type)
	}
	if p := f.Model.Prefix; p != nil && *p == "" {
		return nil, fmt.Errorf("model: continuing_subword_prefix is empty: want one, such as ##")
	}
	words := slices.Clone([]string(f.Model.Vocab))
	recognised, err := f.recognised(&words)
	if err != nil {
		return nil, err
	}
	v, err := newVocabulary(words, func(i int) string { return fmt.Sprintf("id %d", i) })
	if err != nil {
		return nil, err
	}
	if v.special, err = f.special(&v); err != nil {
		return nil, err
	}
	n := f.Normalizer
	o := bertOptions(n.CleanText, n.ChineseChars, n.StripAccents, n.Lowercase)
	o.MaxWord, o.Unknown = f.Model.MaxWord, f.Model.Unknown
	if f.Model.Prefix != nil {
		o.Prefix = *f.Model.Prefix
	}
	tidy := f.Decoder != nil && f.Decoder.Cleanup
	return newWordPiece(v, o, recognised, len(f.Model.Vocab), tidy)
}

// recognised returns the added words, and appends to words those that the
// model does not have.
func (f *file) recognised(words *[]string) ([]addedWord, error) {
	ids := make(map[string]int)
	for id, w := range *words {
		ids[w] = id
	}
	added := slices.Clone(f.Added)
	slices.SortStableFunc(added, func(a, b fileAdded) int { return cmp.Compare(a.ID, b.ID) })
	var out []addedWord
	for _, a := range added {
		switch id, known := ids[a.Content]; {
		case a.Content == "" || !utf8.ValidString(a.Content):
			return nil, fmt.Errorf("added_tokens: %q of id %d: want a word", a.Content, a.ID)
		case a.SingleWord || a.Normalized:
			return nil, fmt.Errorf("added_tokens: %q: single_word and normalized are not supported: set them to false, or add the word to the vocabulary", a.Content)
		case !known && a.ID == len(*words):
			*words = append(*words, a.Content)
			ids[a.Content] = a.ID
		case !known || id != a.ID:
			return nil, fmt.Errorf("added_tokens: %q has id %d: want that of the vocabulary, or the next id behind it (%d)", a.Content, a.ID, len(*words))
		}
		out = append(out, addedWord{ID: a.ID, Content: a.Content, Left: a.Left, Right: a.Right, Special: a.Special})
	}
	return out, nil
}
