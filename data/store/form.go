package store

import (
	"encoding/binary"
)

// A Document is one text as a model sees it.
type Document struct {
	IDs    []int
	Second int       // the first token of a pair's second part, 0 for none
	Row    int       // which of the rows read it was made of, counted from 0
	Labels []float32 // of any number; what they mean is up to the caller
}

// Meta says what a store was made of.
type Meta struct {
	Tokenizer  string   `json:"tokenizer"`  // its fingerprint
	Vocabulary int      `json:"vocabulary"` // ids are below it
	Source     string   `json:"source"`     // key of the files and settings
	Labels     []string `json:"labels,omitempty"`

	Cut       int      `json:"cut"`        // documents that were cut to the greatest length
	CutTokens int      `json:"cut_tokens"` // tokens they lost
	Empty     int      `json:"empty"`      // documents without a token, which are left out
	Skipped   int      `json:"skipped"`    // bad lines
	Faults    []string `json:"faults,omitempty"`

	// Lengths[b] counts the documents of 2^(b-1) to 2^b - 1 tokens; the Writer
	// fills it in, and the next two.
	Lengths  []int `json:"lengths"`
	Shortest int   `json:"shortest"`
	Longest  int   `json:"longest"`
}

const (
	magic      = "orchid\x00T"
	version    = 2
	headerSize = 80
)

// header begins the file.
type header struct {
	Magic     [8]byte
	Version   uint32
	Width     uint32 // bytes an id
	Documents uint64
	Tokens    uint64
	Labels    uint64   // values of all documents
	Meta      uint64   // bytes
	Checksum  [32]byte // SHA-256; see Store.Checksum
}

// bytes returns the header as it stands in the file.
func (h *header) bytes() []byte {
	b, err := binary.Append(nil, binary.LittleEndian, h)
	if err != nil {
		panic(err) // it has a fixed size
	}
	return b
}

// layout is where the parts of a file begin.
type layout struct{ ids, starts, seconds, rows, ends, labels, meta, size uint64 }

// layout computes the places; ok is false for numbers no file can have.
func (h *header) layout() (l layout, ok bool) {
	const most = 1 << 48
	if h.Documents > most || h.Tokens > most || h.Labels > most || h.Meta > most || h.Width != 2 && h.Width != 4 {
		return l, false
	}
	l.ids = headerSize
	l.starts = (l.ids + h.Tokens*uint64(h.Width) + 7) &^ 7
	l.seconds = l.starts + 8*(h.Documents+1)
	l.rows = l.seconds + 4*h.Documents
	l.ends = l.rows + 4*h.Documents
	l.labels = l.ends + 4*h.Documents
	l.meta = l.labels + 4*h.Labels
	l.size = l.meta + h.Meta
	return l, true
}
