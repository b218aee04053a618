package text

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// longest is the most bytes a line, or a quoted field, may have.
const longest = 64 << 20

// bom begins the files of some editors; it is no text.
var bom = []byte("\xEF\xBB\xBF")

// lines reads a file line by line.
type lines struct {
	path string
	r    *bufio.Reader
	n    int    // number of the line last given out
	long []byte // holds a line that is longer than the buffer of r

	again []byte // lines, each with its end, that are given out once more
	then  error  // what comes after them, if not nil
}

func newLines(path string, r io.Reader) *lines {
	return &lines{path: path, r: bufio.NewReaderSize(r, 1<<16)}
}

// fault makes a fault of the present line.
func (l *lines) fault(format string, args ...any) *Fault {
	return &Fault{File: l.path, Line: l.n, Reason: fmt.Sprintf(format, args...)}
}

// next returns the next line without its end, valid until the next call, or
// io.EOF. A *Fault comes together with the line, unless that is too long.
func (l *lines) next() ([]byte, error) {
	l.n++
	line, err := l.raw()
	if err != nil {
		return nil, err
	}
	line = bytes.TrimSuffix(line, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	if l.n == 1 {
		if bytes.HasPrefix(line, []byte("\xFF\xFE")) || bytes.HasPrefix(line, []byte("\xFE\xFF")) {
			f := l.fault("UTF-16, not UTF-8: convert it by iconv -f UTF-16 -t UTF-8")
			f.Ends = true
			return nil, f
		}
		line = bytes.TrimPrefix(line, bom)
	}
	if i := bytes.IndexByte(line, 0); i >= 0 {
		return line, l.fault("a NUL byte at byte %d: this is not a text, or it is damaged; %s", i+1, Remedy)
	}
	if !utf8.Valid(line) {
		i := invalid(line)
		return line, l.fault("not UTF-8 (0x%02X at byte %d): convert the file, as by iconv -f LATIN1 -t UTF-8; %s", line[i], i+1, Remedy)
	}
	return line, nil
}

// Remedy is what can be done about any bad line.
const Remedy = "bad-lines=skip leaves it out"

// raw returns the next line with its end.
func (l *lines) raw() ([]byte, error) {
	if i := bytes.IndexByte(l.again, '\n'); i >= 0 {
		line := l.again[:i+1]
		l.again = l.again[i+1:]
		return line, nil
	}
	if err := l.then; err != nil {
		l.then = nil
		return nil, err
	}
	line, err := l.r.ReadSlice('\n')
	if err != bufio.ErrBufferFull {
		return l.ended(line, err)
	}
	l.long = append(l.long[:0], line...)
	for err == bufio.ErrBufferFull {
		line, err = l.r.ReadSlice('\n')
		if len(l.long)+len(line) > longest {
			l.long = nil
			return nil, l.pass(err)
		}
		if len(l.long)+len(line) > cap(l.long) {
			l.long = slices.Grow(l.long, cap(l.long)) // by doubling, so that little is copied
		}
		l.long = append(l.long, line...)
	}
	line, err = l.ended(l.long, err)
	if cap(l.long) > 1<<20 {
		l.long = nil // not to hold it for good
	}
	return line, err
}

// ended returns the line that was read up to err.
func (l *lines) ended(line []byte, err error) ([]byte, error) {
	switch {
	case err == nil, err == io.EOF && len(line) > 0:
		return line, nil
	case err == io.EOF:
		return nil, err
	}
	return nil, l.broken(err)
}

// pass reads to the end of a line that is too long, without keeping it.
func (l *lines) pass(err error) error {
	for err == bufio.ErrBufferFull {
		_, err = l.r.ReadSlice('\n')
	}
	if err != nil && err != io.EOF {
		return l.broken(err)
	}
	return l.fault("a line of more than %d MiB: break it into shorter ones; %s", longest>>20, Remedy)
}

// broken says what a failure to read means.
func (l *lines) broken(err error) error {
	corrupt := flate.CorruptInputError(0)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.As(err, &corrupt) {
		f := l.fault("the compressed data is cut short or damaged (%v): fetch or copy the file again", err)
		f.Ends = true
		return f
	}
	return fmt.Errorf("%s:%d: %w", l.path, l.n, err)
}

// rewind makes the given lines, which came after line n and were followed by
// the error, come once more. It keeps the slice.
func (l *lines) rewind(n int, lines []byte, err error) {
	if err == nil || err == io.EOF { // the latter comes again of itself
		err = l.then
	}
	if len(lines) > 0 { // else nothing is copied, which might be done for every line
		l.again = append(lines, l.again...)
	}
	l.n, l.then = n, err
}

// invalid returns where the first byte that is not UTF-8 stands.
func invalid(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(b)
}

func blank(line []byte) bool { return len(bytes.TrimSpace(line)) == 0 }
