package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	"github.com/orchid-seq/orchid/tensor"
)

// Named is a tensor to write and its name. Set Tensor for float32 elements;
// Int64 and Uint8 make one of another type.
type Named struct {
	Name   string
	Tensor *tensor.Tensor

	dtype DType // "" for F32, which Tensor holds
	shape []int
	bytes []byte
}

// Int64 names a tensor of type I64; no sizes make a scalar. It panics if the
// shape does not hold exactly len(data) elements.
func Int64(name string, data []int64, shape ...int) Named {
	checkShape(name, shape, len(data))
	b := make([]byte, 0, 8*len(data))
	for _, v := range data {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	return Named{Name: name, dtype: I64, shape: shape, bytes: b}
}

// Uint8 names a tensor of type U8, which keeps data and does not copy it. It
// panics if the shape does not hold exactly len(data) elements.
func Uint8(name string, data []byte, shape ...int) Named {
	checkShape(name, shape, len(data))
	return Named{Name: name, dtype: U8, shape: shape, bytes: data}
}

func checkShape(name string, shape []int, n int) {
	if tensor.Size(shape) != n {
		panic(fmt.Sprintf("safetensors: tensor %q: shape %v does not hold %d elements", name, shape, n))
	}
}

// Write writes tensors, in the order given, and metadata. Equal arguments give
// equal bytes. A name must be unique, valid UTF-8 and not "__metadata__". Write
// panics if a tensor's shape does not hold its data.
func Write(w io.Writer, tensors []Named, metadata map[string]string) error {
	head, err := encodeHeader(tensors, metadata)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	buf := make([]byte, 0, chunkBytes)
	for _, t := range tensors {
		if t.dtype != "" {
			if _, err := w.Write(t.bytes); err != nil {
				return err
			}
			continue
		}
		for data := t.Tensor.Data; len(data) > 0; {
			n := min(len(data), chunkBytes/4)
			buf = buf[:0]
			for _, v := range data[:n] {
				buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
			}
			if _, err := w.Write(buf); err != nil {
				return err
			}
			data = data[n:]
		}
	}
	return nil
}

// encodeHeader returns the length and the JSON text, padded with spaces so
// that the data start at a multiple of 8.
func encodeHeader(tensors []Named, metadata map[string]string) ([]byte, error) {
	for k, v := range metadata {
		if !utf8.ValidString(k) || !utf8.ValidString(v) {
			return nil, fmt.Errorf("metadata %q: %q is not UTF-8", k, v)
		}
	}
	var b bytes.Buffer
	b.Write(make([]byte, 8)) // the length, filled in below
	b.WriteByte('{')
	member := func(key string, value any) {
		if b.Len() > 9 {
			b.WriteByte(',')
		}
		b.Write(encode(key))
		b.WriteByte(':')
		b.Write(encode(value))
	}
	if len(metadata) > 0 {
		member(metadataKey, metadata)
	}
	var at int64
	seen := map[string]bool{metadataKey: true}
	for _, t := range tensors {
		if seen[t.Name] || !utf8.ValidString(t.Name) {
			return nil, fmt.Errorf("tensor name %q is reserved, used twice, or not UTF-8", t.Name)
		}
		seen[t.Name] = true
		dtype, shape, n := t.dtype, t.shape, len(t.bytes)
		if dtype == "" {
			checkShape(t.Name, t.Tensor.Shape, len(t.Tensor.Data))
			dtype, shape, n = F32, t.Tensor.Shape, 4*len(t.Tensor.Data)
		}
		member(t.Name, struct {
			DType   DType    `json:"dtype"`
			Shape   []int    `json:"shape"`
			Offsets [2]int64 `json:"data_offsets"`
		}{dtype, append([]int{}, shape...), [2]int64{at, at + int64(n)}})
		at += int64(n)
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	n := b.Len() - 8
	if n > maxHeaderBytes {
		return nil, fmt.Errorf("header of %d bytes is over the limit of %d", n, maxHeaderBytes)
	}
	binary.LittleEndian.PutUint64(b.Bytes(), uint64(n))
	return b.Bytes(), nil
}

// encode returns the JSON of strings and integers, which always have one.
func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
