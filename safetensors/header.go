package safetensors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"unicode/utf8"
)

const (
	// maxHeaderBytes is the limit of the format.
	maxHeaderBytes = 100_000_000

	// metadataKey is the one name of the header that is not a tensor.
	metadataKey = "__metadata__"
)

// Info describes a tensor of a file.
type Info struct {
	DType DType
	Shape []int // empty for a scalar
	Begin int64 // first byte, counted from the end of the header
	End   int64 // the byte after the last
}

// header is what stands before the data.
type header struct {
	infos    map[string]Info
	metadata map[string]string
}

// parseHeader decodes the JSON text. It reads token by token because package
// json alone would keep the last of two equal names and take null for a shape.
func parseHeader(text []byte) (header, error) {
	h := header{infos: map[string]Info{}, metadata: map[string]string{}}
	if len(text) == 0 || text[0] != '{' {
		return h, errors.New("header does not start with '{': this is not a safetensors file")
	}
	if !utf8.Valid(text) {
		return h, errors.New("header is not UTF-8: the file is damaged")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err := object(d, func(name string) error {
		if name == metadataKey {
			return object(d, func(key string) (err error) {
				h.metadata[key], err = str(d)
				return err
			})
		}
		info, err := parseInfo(d)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		h.infos[name] = info
		return nil
	})
	if err != nil {
		return h, fmt.Errorf("header: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return h, errors.New("header: something follows its closing '}'")
	}
	return h, nil
}

// object reads an object and calls member after each key to read its value.
func object(d *json.Decoder, member func(key string) error) error {
	if err := delim(d, '{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	for d.More() {
		key, err := str(d)
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("name %q appears twice", key)
		}
		seen[key] = true
		if err := member(key); err != nil {
			return err
		}
	}
	return delim(d, '}')
}

func delim(d *json.Decoder, want json.Delim) error {
	if tok, err := d.Token(); err != nil {
		return syntax(err)
	} else if tok != want {
		return fmt.Errorf("want '%v' at byte %d", want, d.InputOffset())
	}
	return nil
}

func str(d *json.Decoder) (string, error) {
	tok, err := d.Token()
	if err != nil {
		return "", syntax(err)
	}
	s, ok := tok.(string)
	if !ok {
		return "", fmt.Errorf("want a string at byte %d", d.InputOffset())
	}
	return s, nil
}

// integers reads an array of whole numbers that fit bitSize bits.
func integers(d *json.Decoder, bitSize int) ([]uint64, error) {
	if err := delim(d, '['); err != nil {
		return nil, err
	}
	var list []uint64
	for d.More() {
		tok, err := d.Token()
		if err != nil {
			return nil, syntax(err)
		}
		number, ok := tok.(json.Number)
		if !ok {
			return nil, fmt.Errorf("want a number at byte %d", d.InputOffset())
		}
		v, err := strconv.ParseUint(number.String(), 10, bitSize)
		if err != nil {
			return nil, fmt.Errorf("%s is not a size", number)
		}
		list = append(list, v)
	}
	return list, delim(d, ']')
}

// syntax names the end of the text for what it is: inside the header it is
// never a clean end.
func syntax(err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("bad JSON: %w", err)
}

// parseInfo reads {"dtype": ..., "shape": [...], "data_offsets": [begin, end]}.
func parseInfo(d *json.Decoder) (info Info, err error) {
	fields := 0
	err = object(d, func(key string) error {
		fields++
		switch key {
		case "dtype":
			s, err := str(d)
			info.DType = DType(s)
			return err
		case "shape":
			list, err := integers(d, strconv.IntSize-1)
			info.Shape = make([]int, len(list))
			for i, v := range list {
				info.Shape[i] = int(v)
			}
			return err
		case "data_offsets":
			list, err := integers(d, 63)
			if err == nil && len(list) != 2 {
				err = fmt.Errorf("data_offsets holds %d numbers, want 2", len(list))
			}
			if err == nil {
				info.Begin, info.End = int64(list[0]), int64(list[1])
			}
			return err
		}
		return fmt.Errorf("unknown field %q", key)
	})
	if err == nil && fields != 3 {
		err = errors.New("want the fields dtype, shape and data_offsets")
	}
	if err == nil {
		err = info.check()
	}
	return info, err
}

// check holds the span of bytes to the shape and the element type.
func (i Info) check() error {
	size := uint64(i.DType.Size())
	if size == 0 {
		return fmt.Errorf("unknown dtype %q", i.DType)
	}
	if i.End < i.Begin {
		return fmt.Errorf("data_offsets [%d, %d] run backwards", i.Begin, i.End)
	}
	for _, d := range i.Shape {
		var over uint64
		if over, size = bits.Mul64(size, uint64(d)); over != 0 {
			return fmt.Errorf("shape %v is too large", i.Shape)
		}
	}
	if span := i.End - i.Begin; uint64(span) != size {
		return fmt.Errorf("%s %v takes %d bytes, data_offsets [%d, %d] span %d",
			i.DType, i.Shape, size, i.Begin, i.End, span)
	}
	return nil
}

// checkLayout requires that the tensors fill the data bytes one after the
// other, each byte once. start is the length of what stands before the data.
func (h header) checkLayout(start, fileBytes int64) error {
	names := slices.SortedFunc(maps.Keys(h.infos), func(a, b string) int {
		x, y := h.infos[a], h.infos[b]
		return cmp.Or(cmp.Compare(x.Begin, y.Begin), cmp.Compare(x.End, y.End), cmp.Compare(a, b))
	})
	var end int64
	for _, name := range names {
		end = max(end, h.infos[name].End)
	}
	if end > fileBytes-start {
		return fmt.Errorf("file holds %d bytes, header promises %d: it is cut short; fetch or copy it again",
			fileBytes, uint64(start)+uint64(end))
	}
	var at int64
	last := "the header"
	for _, name := range names {
		switch i := h.infos[name]; {
		case i.Begin < at:
			return fmt.Errorf("tensor %q: its bytes overlap those of %s", name, last)
		case i.Begin > at:
			return fmt.Errorf("tensor %q: %d bytes between it and %s belong to no tensor", name, i.Begin-at, last)
		}
		at = h.infos[name].End
		last = fmt.Sprintf("tensor %q", name)
	}
	if extra := fileBytes - start - at; extra != 0 {
		return fmt.Errorf("%d bytes follow %s and belong to no tensor: the file is damaged", extra, last)
	}
	return nil
}
