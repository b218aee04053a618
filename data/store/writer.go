package store

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"math"
	"math/bits"
	"os"
	"path/filepath"

	"github.com/orchid-seq/orchid/internal/whole"
)

// A Writer makes a store. The file appears, whole, when Finish returns. Ids go
// to the disk as they come; the tables, some 20 bytes a document and 4 a
// label, are held in memory. It is not safe for concurrent use.
type Writer struct {
	// Meta may be changed until Finish.
	Meta Meta

	path    string
	f       *os.File
	w       *bufio.Writer
	sum     hash.Hash // of what follows the header
	h       header
	starts  []uint64
	seconds []uint32
	rows    []uint32
	ends    []uint32
	labels  []float32
	buf     []byte
}

// Create begins a store of documents whose ids are below m.Vocabulary.
func Create(path string, m Meta) (*Writer, error) {
	if m.Vocabulary < 1 || m.Vocabulary > math.MaxInt32 {
		return nil, fmt.Errorf("%s: a vocabulary of %d words", path, m.Vocabulary)
	}
	f, err := os.CreateTemp(filepath.Dir(path), whole.Prefix+"*")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	w := &Writer{Meta: m, path: path, f: f, w: bufio.NewWriterSize(f, 1<<18), sum: sha256.New(), starts: []uint64{0}}
	w.h = header{Version: version, Width: 4}
	copy(w.h.Magic[:], magic)
	if m.Vocabulary <= 1<<16 {
		w.h.Width = 2
	}
	if _, err := w.w.Write(make([]byte, headerSize)); err != nil {
		return nil, w.fail(err)
	}
	return w, nil
}

// fail gives the file up and returns the error with its name.
func (w *Writer) fail(err error) error {
	w.Abort()
	return fmt.Errorf("%s: %w", w.path, err)
}

// write writes to the file and into the checksum.
func (w *Writer) write(b []byte) error {
	w.sum.Write(b)
	_, err := w.w.Write(b)
	return err
}

// Add appends a document. It panics if an id is not below the size of the
// vocabulary or Second does not lie in the document.
func (w *Writer) Add(d Document) error {
	if d.Second < 0 || d.Second > len(d.IDs) || len(d.IDs) > math.MaxInt32 {
		panic(fmt.Sprintf("store: the second part of a document of %d tokens begins at %d", len(d.IDs), d.Second))
	}
	if d.Row < 0 || uint64(d.Row) > math.MaxUint32 || uint64(len(w.labels))+uint64(len(d.Labels)) > math.MaxUint32 {
		return w.fail(errors.New("more rows or labels than a store can hold"))
	}
	w.buf = w.buf[:0]
	for _, id := range d.IDs {
		if id < 0 || id >= w.Meta.Vocabulary {
			panic(fmt.Sprintf("store: id %d in a vocabulary of %d", id, w.Meta.Vocabulary))
		}
		if w.h.Width == 2 {
			w.buf = binary.LittleEndian.AppendUint16(w.buf, uint16(id))
		} else {
			w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(id))
		}
	}
	if err := w.write(w.buf); err != nil {
		return w.fail(err)
	}
	w.h.Documents++
	w.h.Tokens += uint64(len(d.IDs))
	w.starts = append(w.starts, w.h.Tokens)
	w.seconds = append(w.seconds, uint32(d.Second))
	w.rows = append(w.rows, uint32(d.Row))
	w.labels = append(w.labels, d.Labels...)
	w.ends = append(w.ends, uint32(len(w.labels)))
	w.measure(len(d.IDs))
	return nil
}

// measure enters a length into the histogram.
func (w *Writer) measure(n int) {
	m := &w.Meta
	if w.h.Documents == 1 {
		m.Lengths, m.Shortest, m.Longest = nil, n, n
	}
	m.Shortest, m.Longest = min(m.Shortest, n), max(m.Longest, n)
	for len(m.Lengths) <= bits.Len(uint(n)) {
		m.Lengths = append(m.Lengths, 0)
	}
	m.Lengths[bits.Len(uint(n))]++
}

// Documents returns how many documents have been added.
func (w *Writer) Documents() int { return int(w.h.Documents) }

// Relabel calls f with the labels of each document so far, to change them.
func (w *Writer) Relabel(f func(labels []float32)) {
	from := uint32(0)
	for _, to := range w.ends {
		f(w.labels[from:to:to])
		from = to
	}
}

// Finish writes the tables and puts the file in its place, on the disk.
func (w *Writer) Finish() error {
	if err := w.tables(); err != nil {
		return w.fail(err)
	}
	if err := w.w.Flush(); err != nil {
		return w.fail(err)
	}
	if _, err := w.f.WriteAt(w.h.bytes(), 0); err != nil {
		return w.fail(err)
	}
	if err := w.f.Sync(); err != nil {
		return w.fail(err)
	}
	if err := w.f.Close(); err != nil {
		return w.fail(err)
	}
	if err := os.Rename(w.f.Name(), w.path); err != nil {
		return w.fail(err)
	}
	w.f = nil
	return whole.SyncFolder(filepath.Dir(w.path))
}

// tables writes what follows the ids.
func (w *Writer) tables() error {
	b := make([]byte, -(headerSize+w.h.Tokens*uint64(w.h.Width))%8)
	for _, v := range w.starts {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	for _, table := range [][]uint32{w.seconds, w.rows, w.ends} {
		for _, v := range table {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
	}
	for _, v := range w.labels {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	if err := w.write(b); err != nil {
		return err
	}
	meta, err := json.Marshal(w.Meta)
	if err != nil {
		return err
	}
	w.h.Labels, w.h.Meta = uint64(len(w.labels)), uint64(len(meta))
	if _, err := w.w.Write(meta); err != nil {
		return err
	}
	w.h.Checksum, err = seal(w.sum, w.h, w.Meta)
	return err
}

// seal completes the checksum of what stands between header and meta by what
// these say about the documents.
func seal(sum hash.Hash, h header, m Meta) (sealed [sha256.Size]byte, err error) {
	m.Source, m.Faults = "", nil
	meta, err := json.Marshal(m)
	if err != nil {
		return sealed, err
	}
	h.Meta, h.Checksum = 0, sealed
	sum.Write(meta)
	sum.Write(h.bytes())
	return [sha256.Size]byte(sum.Sum(nil)), nil
}

// Abort removes what has been written. It does nothing after Finish.
func (w *Writer) Abort() {
	if w.f != nil {
		w.f.Close()
		os.Remove(w.f.Name())
		w.f = nil
	}
}
