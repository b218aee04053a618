// Package store keeps tokenised documents in one file that is mapped into
// memory, so that any document, or any part of one, is at hand at once and a
// corpus may be larger than memory.
//
// The file, all numbers little-endian:
//
//	header    see header
//	ids       tokens times 2 or 4 bytes, padded to 8
//	starts    documents+1 times 8 bytes: the first token of each document, and the end
//	seconds   documents times 4 bytes: see Document.Second
//	rows      documents times 4 bytes: see Document.Row
//	ends      documents times 4 bytes: the end of each document's labels
//	labels    their values, 4 bytes each
//	meta      JSON
package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// A Store is an open file of documents. It is safe for concurrent reading
// until it is closed.
type Store struct {
	path   string
	b      []byte // the file
	unmap  func() error
	h      header
	l      layout
	meta   Meta
	labels []float32
}

// Open maps a file and checks that its tables fit together, which takes 20
// bytes of reading a document; see Verify for the rest.
func Open(path string) (*Store, error) {
	b, unmap, err := mapFile(path)
	if err != nil {
		return nil, err
	}
	s, err := parse(b)
	if err != nil {
		unmap()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s.path, s.unmap = path, unmap
	return s, nil
}

// parse makes a store of the bytes of a file.
func parse(b []byte) (*Store, error) {
	s := &Store{b: b}
	if len(b) < headerSize || string(b[:len(magic)]) != magic {
		return nil, fmt.Errorf("not a store of documents")
	}
	if _, err := binary.Decode(b, binary.LittleEndian, &s.h); err != nil {
		return nil, err
	}
	if s.h.Version != version {
		return nil, fmt.Errorf("version %d of the form, want %d: make it again", s.h.Version, version)
	}
	var ok bool
	if s.l, ok = s.h.layout(); !ok || s.l.size != uint64(len(b)) {
		return nil, fmt.Errorf("damaged: %d bytes, its header says %d", len(b), s.l.size)
	}
	if err := s.checkTables(); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b[s.l.meta:], &s.meta); err != nil {
		return nil, fmt.Errorf("damaged: %w", err)
	}
	s.labels = make([]float32, s.h.Labels)
	for i := range s.labels {
		s.labels[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[s.l.labels+4*uint64(i):]))
	}
	return s, nil
}

// checkTables makes sure that no document reaches out of the file.
func (s *Store) checkTables() error {
	start, end := uint64(0), uint32(0)
	if s.start(0) != 0 || uint64(s.start(s.Documents())) != s.h.Tokens {
		return fmt.Errorf("damaged: the documents do not cover the tokens")
	}
	for i := range s.Documents() {
		next := uint64(s.start(i + 1))
		if next < start || uint64(s.Second(i)) > next-start {
			return fmt.Errorf("damaged: document %d does not fit", i)
		}
		start = next
		if e := s.end(i); e < end {
			return fmt.Errorf("damaged: the labels of document %d do not fit", i)
		} else {
			end = e
		}
	}
	if uint64(end) != s.h.Labels {
		return fmt.Errorf("damaged: the documents do not cover the labels")
	}
	return nil
}

func (s *Store) start(i int) int {
	return int(binary.LittleEndian.Uint64(s.b[s.l.starts+8*uint64(i):]))
}

func (s *Store) end(i int) uint32 { return binary.LittleEndian.Uint32(s.b[s.l.ends+4*uint64(i):]) }

// Documents returns how many documents there are.
func (s *Store) Documents() int { return int(s.h.Documents) }

// Tokens returns how many tokens all documents have.
func (s *Store) Tokens() int64 { return int64(s.h.Tokens) }

// Len returns how many tokens document i has.
func (s *Store) Len(i int) int {
	s.check(i)
	return s.start(i+1) - s.start(i)
}

// Second returns where the second part of a pair begins, 0 for none.
func (s *Store) Second(i int) int {
	s.check(i)
	return int(binary.LittleEndian.Uint32(s.b[s.l.seconds+4*uint64(i):]))
}

// Row returns which of the rows read document i was made of, counted from 0:
// i, unless some before it were left out.
func (s *Store) Row(i int) int {
	s.check(i)
	return int(binary.LittleEndian.Uint32(s.b[s.l.rows+4*uint64(i):]))
}

// Labels returns the labels of document i, not a copy.
func (s *Store) Labels(i int) []float32 {
	s.check(i)
	from := uint32(0)
	if i > 0 {
		from = s.end(i - 1)
	}
	to := s.end(i)
	return s.labels[from:to:to]
}

// AppendIDs appends tokens from to to-1 of document i. It panics if the
// document does not have them.
func (s *Store) AppendIDs(dst []int, i, from, to int) []int {
	if from < 0 || from > to || to > s.Len(i) {
		panic(fmt.Sprintf("store: tokens %d to %d of document %d, which has %d", from, to, i, s.Len(i)))
	}
	at, n := s.l.ids+uint64(s.start(i)+from)*uint64(s.h.Width), to-from
	dst = slices.Grow(dst, n)
	if s.h.Width == 2 {
		for b := s.b[at : at+2*uint64(n)]; len(b) >= 2; b = b[2:] {
			dst = append(dst, int(binary.LittleEndian.Uint16(b)))
		}
		return dst
	}
	for b := s.b[at : at+4*uint64(n)]; len(b) >= 4; b = b[4:] {
		dst = append(dst, int(binary.LittleEndian.Uint32(b)))
	}
	return dst
}

// check panics unless there is a document i.
func (s *Store) check(i int) {
	if i < 0 || i >= s.Documents() {
		panic(fmt.Sprintf("store: document %d of %d", i, s.Documents()))
	}
}

// Meta returns what the store was made of. Its slices belong to the store.
func (s *Store) Meta() Meta { return s.meta }

// Checksum returns the SHA-256 that the file was written with, in hexadecimal.
// It covers the documents, the labels and the meta but for where these came
// from (Source, Faults): equal contents give equal sums, wherever they were
// read.
func (s *Store) Checksum() string { return hex.EncodeToString(s.h.Checksum[:]) }

// Verify reads the whole file, at some 1 GB a second, and compares it with its
// checksum.
func (s *Store) Verify() error {
	meta, err := json.Marshal(s.meta)
	if err != nil {
		return err
	}
	if !bytes.Equal(meta, s.b[s.l.meta:]) {
		return fmt.Errorf("%s: damaged: what it says of itself has changed", s.path)
	}
	h := sha256.New()
	h.Write(s.b[headerSize:s.l.meta])
	got, err := seal(h, s.h, s.meta)
	if err != nil {
		return err
	}
	if got != s.h.Checksum {
		return fmt.Errorf("%s: damaged: its SHA-256 is %x, its header says %s", s.path, got, s.Checksum())
	}
	return nil
}

// Close unmaps the file; the store cannot be used afterwards.
func (s *Store) Close() error {
	s.b, s.labels, s.h = nil, nil, header{}
	if s.unmap == nil {
		return nil
	}
	unmap := s.unmap
	s.unmap = nil
	return unmap()
}
