// Package corpus turns files of text into a store of tokenised documents, once:
// a second run with the same files and settings opens what the first has made.
package corpus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/orchid-seq/orchid/data/store"
	"github.com/orchid-seq/orchid/data/text"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/internal/whole"
	"github.com/orchid-seq/orchid/tokenize"
)

// Config says where texts are and how they are read; see text.Options. Start
// from Default.
type Config struct {
	Data        []string `yaml:"data"`         // files, folders, globs
	Format      string   `yaml:"format"`       // "" by the files' names
	TextColumn  string   `yaml:"text-column"`  // plain text has "text"
	PairColumn  string   `yaml:"pair-column"`  // second text of a pair, "" for none
	LabelColumn string   `yaml:"label-column"` // "folder" is the name of a file's folder, "stem" its own without ending
	Separator   string   `yaml:"separator"`    // between the labels of a text
	Document    string   `yaml:"document"`     // plain text: file, paragraph or line
	Quotes      bool     `yaml:"quotes"`       // CSV and TSV: fields may be quoted
	Header      bool     `yaml:"header"`       // CSV and TSV: the first line names the columns; else they are 1, 2, ...
	BadLines    string   `yaml:"bad-lines"`    // stop or skip
	Truncate    bool     `yaml:"truncate"`     // cut texts that are too long
	Cache       string   `yaml:"cache"`        // folder of tokenised texts, "" for orchid in the user's cache folder
}

// Default reads the columns text and label and stops at a bad line.
func Default() Config {
	return Config{
		TextColumn: "text", LabelColumn: "label", Separator: ",", Document: "file",
		Quotes: true, Header: true, BadLines: "stop",
	}
}

// Validate returns every fault that can be seen without the data.
func (c Config) Validate() error {
	var f fault.List
	f.Check(len(c.Data) > 0, "data: name files, folders or globs, as in data=corpus/*.txt")
	f.Check(c.TextColumn != "", "text-column: name the column of the text")
	f.Check(c.Separator != "", "separator: give what separates the labels of a text, as in separator=,")
	f.OneOf("document", c.Document, "file", "paragraph", "line")
	f.OneOf("bad-lines", c.BadLines, "stop", "skip")
	return f.Err()
}

// Options say what a model wants of the texts.
type Options struct {
	Tokenizer *tokenize.Tokenizer // its Literal form for texts of strangers
	MaxLength int                 // tokens a document may have, special ones included; 0 for any number
	Specials  bool                // [CLS] text [SEP], or [CLS] text [SEP] second [SEP] unless second is empty
	Labels    Labels
	Names     []string     // of the labels that there may be; nil for those of the data, sorted
	Part      Part         // of the documents, the zero value for all
	Formats   text.Formats // of files beyond those that package text reads
	Note      func(string) // told of what is not an error, may be nil
}

// form is the version of what Open makes of texts; it is part of the key.
const form = 4

// Open returns the documents of the files, from the cache if it holds them. A
// document that is too long, has a label that is not among o.Names, or letters
// that are no bases where the words are (see tokenize.Tokenizer.CheckBases), is a
// bad line like those that the report of package text counts. Report may be
// nil; it is called with the bytes of the files read so far and in all.
//
// A store of the cache is verified, which reads it once.
func Open(ctx context.Context, c Config, o Options, report func(done, total int64)) (*store.Store, text.Report, error) {
	if err := c.Validate(); err != nil {
		return nil, text.Report{}, err
	}
	files, err := text.Files(c.Data...)
	if err != nil {
		return nil, text.Report{}, err
	}
	key, err := c.key(files, o)
	if err != nil {
		return nil, text.Report{}, err
	}
	path, err := c.path(key)
	if err != nil {
		return nil, text.Report{}, err
	}
	if s := cached(path, key, o); s != nil {
		return o.opened(c, s)
	}
	if s := c.openNamed(files, o); s != nil {
		return o.opened(c, s)
	}
	if err := build(ctx, path, key, files, c, o, report); err != nil {
		return nil, text.Report{}, err
	}
	if now, err := c.key(files, o); err != nil || now != key {
		os.Remove(path)
		return nil, text.Report{}, errors.Join(err, errors.New("data: a file was changed while it was read: start again"))
	}
	s, err := store.Open(path)
	if err != nil {
		return nil, text.Report{}, err
	}
	return o.opened(c, s)
}

// openNamed opens what was made of the files without names of labels, if these
// have just the names that are asked for.
func (c Config) openNamed(files []string, o Options) *store.Store {
	names := o.Names
	if o.Names = nil; names == nil {
		return nil
	}
	key, err := c.key(files, o)
	if err != nil {
		return nil
	}
	path, err := c.path(key)
	if err != nil {
		return nil
	}
	s := cached(path, key, o)
	if s != nil && !slices.Equal(s.Meta().Labels, names) {
		s.Close()
		return nil
	}
	return s
}

// opened returns a store with its report, and notes bad lines that were skipped.
func (o Options) opened(c Config, s *store.Store) (*store.Store, text.Report, error) {
	r := recorded(s)
	if r.Skipped > 0 {
		o.note(strings.Join(c.Data, ", ") + ": " + r.Bad())
	}
	return s, r, nil
}

// key names what is made of the files: it changes with any of them and with
// every setting that matters.
func (c Config) key(files []string, o Options) (string, error) {
	type file struct {
		Path string
		Size int64
		Time time.Time
	}
	var list []file
	for _, path := range files {
		info, err := os.Stat(path)
		if err != nil {
			return "", err
		}
		abs, err := filepath.Abs(path)
		if err != nil {
			return "", err
		}
		list = append(list, file{abs, info.Size(), info.ModTime().UTC()})
	}
	c.Data, c.Cache = nil, ""
	b, err := json.Marshal([]any{form, list, c, o.Tokenizer.Fingerprint(), o.MaxLength, o.Specials, o.Labels, o.Names, o.Part})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// path returns where the store of a key is kept.
func (c Config) path(key string) (string, error) {
	dir, err := Folder(c.Cache)
	return filepath.Join(dir, key[:32]+".tokens"), err
}

// Folder makes the folder of what is kept from one run to the next: cache or, if
// that is "", orchid in the user's cache folder.
func Folder(cache string) (string, error) {
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no folder for tokenised texts: %w; name one by cache=DIR", err)
		}
		cache = filepath.Join(user, "orchid")
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", elsewhere(err)
	}
	return cache, nil
}

// cached opens and verifies a store; nil if it is not there or not usable.
func cached(path, key string, o Options) *store.Store {
	s, err := store.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		if err = s.Verify(); err == nil && s.Meta().Source != key {
			err = fmt.Errorf("%s: made of other files", path)
		}
		if err == nil {
			return s
		}
		s.Close()
	}
	o.note(fmt.Sprintf("%v; it is made again", err))
	return nil
}

func (o Options) note(s string) {
	if o.Note != nil {
		o.Note(s)
	}
}

// recorded returns the report that a store was made with.
func recorded(s *store.Store) text.Report {
	m := s.Meta()
	r := text.Report{Rows: s.Documents() + m.Empty, Skipped: m.Skipped}
	for _, f := range m.Faults {
		r.Faults = append(r.Faults, errors.New(f))
	}
	return r
}

// sweep removes what processes that were killed long ago had begun to write.
func sweep(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasPrefix(e.Name(), whole.Prefix) && time.Since(info.ModTime()) > 24*time.Hour {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
