package text

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/orchid-seq/orchid/internal/fault"
)

// jsonRows reads a JSON object a line. A column is a string, a number, true or
// false, or a list of these.
type jsonRows struct {
	*lines
	columns   []string
	separator string
}

func newJSON(l *lines, o Options) (rows, error) {
	return &jsonRows{l, o.Columns, o.Separator}, nil
}

// Next implements Source.
func (j *jsonRows) Next() (Row, error) {
	line, err := j.next()
	for err == nil && blank(line) {
		line, err = j.next()
	}
	if err != nil {
		return Row{}, err
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(line, &object); err != nil {
		where := ""
		if e := (*json.SyntaxError)(nil); errors.As(err, &e) {
			where = fmt.Sprintf(" (byte %d)", e.Offset)
		}
		return Row{}, j.fault("does not parse as a JSON object%s: %v; %s", where, err, Remedy)
	}
	if object == nil {
		return Row{}, j.fault("null where a JSON object is wanted; %s", Remedy)
	}
	fields := make([]string, len(j.columns))
	for i, name := range j.columns {
		raw, ok := object[name]
		if !ok {
			if fields[i], ok = ofPath(j.path, name); !ok {
				return Row{}, j.fault("%s; %s", missing(name, slices.Sorted(maps.Keys(object))), Remedy)
			}
			continue
		}
		if fields[i], err = j.text(raw); err != nil {
			return Row{}, j.fault("column %q %v; %s", name, err, Remedy)
		}
	}
	return Row{j.path, j.n, fields}, nil
}

// text returns a JSON value as text.
func (j *jsonRows) text(raw json.RawMessage) (string, error) {
	if raw[0] != '[' {
		return scalar(raw)
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return "", err
	}
	texts := make([]string, len(items))
	for i, item := range items {
		var err error
		if texts[i], err = scalar(item); err != nil {
			return "", fmt.Errorf("holds a list of which an item %w", err)
		}
	}
	return Join(texts, j.separator)
}

// Join joins the items of a list by the separator, which none may hold.
func Join(items []string, separator string) (string, error) {
	for _, s := range items {
		if strings.Contains(s, separator) {
			return "", fmt.Errorf("holds a list of which the item %q holds the separator %q: choose another by separator=", fault.Clip(s), separator)
		}
	}
	return strings.Join(items, separator), nil
}

// scalar returns a JSON value that is neither list nor object.
func scalar(raw json.RawMessage) (string, error) {
	switch raw[0] {
	case '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return "", err
		}
		if loneSurrogate(raw) {
			return "", errors.New(`holds half a character (\ud800 to \udfff without the other half), which is not UTF-8`)
		}
		if strings.IndexByte(s, 0) >= 0 {
			return "", errors.New(`holds a NUL character (\u0000)`)
		}
		return s, nil
	case '{', '[':
		return "", errors.New("is an object or a list, not a text")
	case 'n':
		return "", errors.New("is null")
	}
	return string(bytes.TrimSpace(raw)), nil
}

// loneSurrogate says whether a JSON string escapes half of a pair of surrogates
// without the other half, for which package json puts U+FFFD.
func loneSurrogate(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		i++
		r := escaped(raw[i-1:])
		if !utf16.IsSurrogate(r) {
			continue
		}
		if utf16.DecodeRune(r, escaped(raw[i+5:])) == unicode.ReplacementChar {
			return true
		}
		i += 10
	}
	return false
}

// escaped returns the number of the \u that b begins with, -1 for none.
func escaped(b []byte) rune {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}
