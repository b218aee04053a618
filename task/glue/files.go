package glue

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/orchid-seq/orchid/task"
)

// longest is the bytes of the longest line that is read; those of MNLI, with
// their parse trees, stay far below.
const longest = 1 << 20

// A source is the file of a split: fields between tabs, without quoting, so
// that a quotation mark is a character like any other.
type source struct {
	split, path string
	names       []string // of the columns, nil where the first line has them
	origins     int      // further columns that only some lines have
	a, b, label string   // the columns to read; b is "" for single texts
	origin      string   // where the file comes from, if not from GLUE
}

// BadLines is the error of a file some of whose lines cannot be read: a fault
// for each, which names file and line.
type BadLines []error

// Error gives the first ten faults and counts the others.
func (b BadLines) Error() string {
	const shown = 10
	text := errors.Join(b[:min(shown, len(b))]...).Error()
	if len(b) > shown {
		text += fmt.Sprintf("\nand %d more bad lines", len(b)-shown)
	}
	return text
}

// Unwrap returns the faults.
func (b BadLines) Unwrap() []error { return b }

// Read returns the examples of a split (see Splits) in the order of the
// original file of GLUE, dir/NAME/train.tsv and so on. Texts lose the space
// around them; labels are places in Labels, or the number.
//
// If single lines are bad, the error is BadLines and the examples are those of
// all other lines, so that a caller may count and skip the bad ones (the
// original QQP has some). Any other error comes without examples.
func (t Task) Read(dir, split string) ([]task.Example, error) {
	f, s, err := t.open(dir, split)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return t.parse(f, f.Name(), s)
}

// Present says whether the file of a split is there; the error is that of Read.
func (t Task) Present(dir, split string) error {
	f, _, err := t.open(dir, split)
	if err != nil {
		return err
	}
	return f.Close()
}

// open opens the file of a split.
func (t Task) open(dir, split string) (*os.File, source, error) {
	i := slices.IndexFunc(t.sources, func(s source) bool { return s.split == split })
	if i < 0 {
		return nil, source{}, fmt.Errorf("%s has no split %q with labels: want one of %s", t.Name, split, strings.Join(t.Splits(), ", "))
	}
	s := t.sources[i]
	path := filepath.Join(dir, t.Name, filepath.FromSlash(s.path))
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		origin := s.origin
		if origin == "" {
			origin = t.Name + " from gluebenchmark.com/tasks, unpacked"
		}
		return nil, s, fmt.Errorf("%s: no such file: put there %s", path, origin)
	}
	return f, s, err
}

// parse reads the lines of a file called path.
func (t Task) parse(r io.Reader, path string, s source) (examples []task.Example, err error) {
	var bad BadLines
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longest)
	names, number := s.names, 0
	var columns [3]int
	for lines.Scan() {
		number++
		line := lines.Bytes()
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte("\uFEFF"))
			header := names == nil
			if header {
				names = strings.Split(string(line), "\t")
			}
			if columns, err = s.find(names); err != nil {
				return nil, fmt.Errorf("%s:1: %w", path, err)
			}
			if header {
				continue
			}
		}
		e, err := t.example(line, names, columns, s.origins)
		if err != nil {
			bad = append(bad, fmt.Errorf("%s:%d: %w", path, number, err))
			continue
		}
		examples = append(examples, e)
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("%s:%d: a line of more than %d bytes: this is not a file of GLUE", path, number+1, longest)
	case err != nil:
		return nil, fmt.Errorf("%s:%d: %w", path, number+1, err)
	case len(examples)+len(bad) == 0:
		return nil, fmt.Errorf("%s: no examples in the file: fetch or copy it again", path)
	case len(bad) > 0:
		return examples, bad
	}
	return examples, nil
}

// find returns the places of the columns a, b and label.
func (s source) find(names []string) (columns [3]int, err error) {
	for i, want := range []string{s.a, s.b, s.label} {
		columns[i] = slices.Index(names, want)
		if columns[i] < 0 && want != "" {
			return columns, fmt.Errorf("no column %q among %q: want the original file of GLUE", want, names)
		}
	}
	return columns, nil
}

// example reads a line. Up to extra fields may follow those with names.
func (t Task) example(line []byte, names []string, columns [3]int, extra int) (e task.Example, err error) {
	if !utf8.Valid(line) {
		return e, errors.New("not UTF-8: convert the file, or fetch it again")
	}
	if bytes.IndexByte(line, 0) >= 0 {
		return e, errors.New("holds a NUL byte: fetch the file again")
	}
	fields := bytes.Split(line, []byte("\t"))
	if len(fields) < len(names) || len(fields) > len(names)+extra {
		return e, fmt.Errorf("%d fields between tabs, want %d (%s)", len(fields), len(names), strings.Join(names, ", "))
	}
	var text [3]string
	for i, c := range columns {
		if c < 0 {
			continue
		}
		if text[i] = string(bytes.TrimSpace(fields[c])); text[i] == "" {
			return e, fmt.Errorf("%s is empty", names[c])
		}
	}
	label, err := t.label(text[2])
	if err != nil {
		return e, fmt.Errorf("%s: %w", names[columns[2]], err)
	}
	return task.Example{A: text[0], B: text[1], Labels: []float64{label}}, nil
}

// label reads a label: the name of a class, its place, or a number from 0 to 5.
func (t Task) label(text string) (float64, error) {
	if t.Labels == nil {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !(v >= 0 && v <= 5) {
			return 0, fmt.Errorf("%q: want a number from 0 to 5", text)
		}
		return v, nil
	}
	for i, name := range t.Labels {
		if text == name || text == strconv.Itoa(i) {
			return float64(i), nil
		}
	}
	return 0, fmt.Errorf("%q: want one of %s, or its number from 0", text, strings.Join(t.Labels, ", "))
}
