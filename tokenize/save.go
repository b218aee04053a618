package tokenize

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
)

// Save writes tokenizer.json into a folder, which it makes if it is not there.
// That of WordPiece is also Hugging Face's, and with it tokenizer_config.json and
// special_tokens_map.json are written: AutoTokenizer.from_pretrained(dir) of
// transformers gives the same ids. That a tokenizer is literal (see
// [Tokenizer.Literal]) is not kept. A file appears under its name only when it is
// whole and on disk.
func (t *Tokenizer) Save(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(dir, fileName), t.file()); err != nil {
		return err
	}
	return t.saveHub(dir)
}

// Fingerprint returns the SHA-256, in hexadecimal, of everything that decides
// the ids of a text. It is the same after Save and Open, but for that of a
// literal tokenizer.
func (t *Tokenizer) Fingerprint() string {
	b, err := plainJSON(t.file())
	if err != nil {
		panic(err) // strings and numbers
	}
	if t.literal {
		b = append(b, " literal"...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func (t *Tokenizer) file() file {
	f := t.model.file(&t.vocabulary)
	f.Version = "1.0"
	for _, w := range t.added.words {
		f.Added = append(f.Added, fileAdded{ID: w.ID, Content: w.Content, Left: w.Left, Right: w.Right, Special: w.Special})
	}
	slices.SortFunc(f.Added, func(a, b fileAdded) int { return cmp.Compare(a.ID, b.ID) })
	return f
}

func (w *wordPiece) file(v *vocabulary) file {
	not := func(b bool) *bool { b = !b; return &b }
	f := file{
		Normalizer:   &fileNormalizer{"BertNormalizer", not(w.KeepControls), not(w.KeepChinese), not(w.KeepAccents), not(w.KeepCase)},
		PreTokenizer: &fileKind{"BertPreTokenizer"},
		Decoder:      &fileDecoder{"WordPiece", w.Prefix, w.tidy},
		Model:        fileModel{Type: "WordPiece", Unknown: w.Unknown, Prefix: &w.Prefix, MaxWord: w.MaxWord, Vocab: v.words[:w.known]},
	}
	if s := v.special; s.Class >= 0 && s.Separator >= 0 {
		f.PostProcessor = bertTemplate(v.words[s.Class], v.words[s.Separator], s)
	}
	return f
}

func (byteLevel) file(*vocabulary) file { return file{Model: fileModel{Type: "Bytes"}} }

func (c *characters) file(*vocabulary) file {
	return file{Model: fileModel{Type: "Characters", Alphabet: c.alphabet, Fold: c.fold}}
}
