// Package safetensors reads and writes files of named tensors: 8 bytes of
// header length, a JSON header, and the elements, all little-endian.
//
// The format is specified at https://github.com/huggingface/safetensors. Every
// rule of it is checked when a file is opened, so that what follows can trust
// the header.
package safetensors

import (
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/orchid-seq/orchid/tensor"
)

// chunkBytes is read or written at a time: enough to make a system call
// cheap, little beside any tensor that matters. It is a multiple of 8, so no
// element is split.
const chunkBytes = 1 << 16

// A File is an open file of which the header has been read and checked. It
// is safe for concurrent use.
type File struct {
	header
	name string
	data *io.SectionReader // the bytes after the header
	file io.Closer         // nil if the bytes came through Read
}

// Open opens the file at path. The caller closes it.
func Open(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	stat, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	f, err := Read(file, stat.Size(), path)
	if err != nil {
		file.Close()
		return nil, err
	}
	f.file = file
	return f, nil
}

// Read reads the header from the first bytes of r, which holds size bytes.
// The name stands in errors where Open puts the path. The file goes on reading
// from r and does not close it.
func Read(r io.ReaderAt, size int64, name string) (*File, error) {
	text, err := readHeader(r, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	h, err := parseHeader(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	start := 8 + int64(len(text))
	if err := h.checkLayout(start, size); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &File{header: h, name: name, data: io.NewSectionReader(r, start, size-start)}, nil
}

// readHeader returns the JSON text. It allocates only after the length is
// known to fit the file.
func readHeader(r io.ReaderAt, size int64) ([]byte, error) {
	if size < 8 {
		return nil, fmt.Errorf("file holds %d bytes, a safetensors file at least 8: it is cut short", size)
	}
	var prefix [8]byte
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, 8), prefix[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(prefix[:])
	switch {
	case n > maxHeaderBytes:
		return nil, fmt.Errorf("header length %d is over the limit of %d: this is not a safetensors file", n, maxHeaderBytes)
	case n > uint64(size)-8:
		return nil, fmt.Errorf("file holds %d bytes, its header alone ends at %d: it is cut short, or no safetensors file", size, n+8)
	}
	text := make([]byte, n)
	_, err := io.ReadFull(io.NewSectionReader(r, 8, int64(n)), text)
	return text, err
}

// Close closes what Open opened.
func (f *File) Close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}

// Names returns the names of the tensors, sorted.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.infos)) }

// Metadata returns a copy of the free-form strings of the header; it is empty
// if there are none.
func (f *File) Metadata() map[string]string { return maps.Clone(f.metadata) }

// Info describes the tensor of a name; ok is false if there is none. The
// shape is the file's own: the caller must not change it.
func (f *File) Info(name string) (info Info, ok bool) {
	info, ok = f.infos[name]
	return info, ok
}

// Float32 reads a tensor of type F32, F16 or BF16 exactly, one of type F64
// rounded to the nearest float32.
func (f *File) Float32(name string) (*tensor.Tensor, error) {
	info, err := f.find(name)
	if err != nil {
		return nil, err
	}
	decode := info.DType.decoder()
	if decode == nil {
		return nil, f.typeError(name, info, "F32, F64, F16 or BF16")
	}
	t := tensor.New(slices.Clone(info.Shape)...)
	size := info.DType.Size()
	buf := make([]byte, min(chunkBytes, len(t.Data)*size))
	for lo := 0; lo < len(t.Data); {
		dst := t.Data[lo:min(lo+len(buf)/size, len(t.Data))]
		if err := f.read(buf[:len(dst)*size], name, info.Begin+int64(lo*size)); err != nil {
			return nil, err
		}
		decode(dst, buf)
		lo += len(dst)
	}
	return t, nil
}

// Int64 reads the elements of a tensor of type I64, row-major.
func (f *File) Int64(name string) ([]int64, error) {
	info, err := f.find(name)
	if err != nil {
		return nil, err
	}
	if info.DType != I64 {
		return nil, f.typeError(name, info, "I64")
	}
	b, err := f.Bytes(name)
	if err != nil {
		return nil, err
	}
	v := make([]int64, len(b)/8)
	for i := range v {
		v[i] = int64(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return v, nil
}

// Bytes reads a tensor of any type as it stands in the file: row-major,
// little-endian.
func (f *File) Bytes(name string) ([]byte, error) {
	info, err := f.find(name)
	if err != nil {
		return nil, err
	}
	b := make([]byte, info.End-info.Begin)
	return b, f.read(b, name, info.Begin)
}

func (f *File) find(name string) (Info, error) {
	info, ok := f.infos[name]
	if !ok {
		return info, fmt.Errorf("%s: no tensor %q among its %d", f.name, name, len(f.infos))
	}
	return info, nil
}

func (f *File) typeError(name string, info Info, want string) error {
	return fmt.Errorf("%s: tensor %q has dtype %s, want %s", f.name, name, info.DType, want)
}

// read fills b from a place in the data.
func (f *File) read(b []byte, name string, at int64) error {
	if n, err := f.data.ReadAt(b, at); n < len(b) {
		return fmt.Errorf("%s: tensor %q: %w", f.name, name, err)
	}
	return nil
}
