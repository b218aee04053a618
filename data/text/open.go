package text

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// rows is what a parser makes of the lines of a file; see Source.
type rows interface{ Next() (Row, error) }

// parsers are the forms that are read line by line.
var parsers = map[string]func(l *lines, o Options) (rows, error){
	"text":  newPlain,
	"jsonl": newJSON,
	"csv":   newCSV,
	"tsv":   newTSV,
	"fasta": newFASTA,
}

// endings maps the end of a file's name to its form.
var endings = map[string]string{
	".txt": "text", ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "tsv",
	".fasta": "fasta", ".fa": "fasta", ".fna": "fasta",
}

func parserNames() string { return strings.Join(slices.Sorted(maps.Keys(parsers)), ", ") }

// formatNames lists the forms that the options can name.
func (o Options) formatNames() string {
	names := slices.Collect(maps.Keys(parsers))
	for ending := range o.Formats {
		names = append(names, strings.TrimPrefix(ending, "."))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// opener returns what reads a form.
func (o Options) opener(format string) (open Opener, ok bool) {
	if parse, ok := parsers[format]; ok {
		return func(path string, o Options) (Source, error) { return openLines(path, o, parse) }, true
	}
	open, ok = o.Formats["."+format]
	return open, ok
}

// ending returns the lower-case ending of a file's name, without .gz.
func ending(path string) string {
	return filepath.Ext(strings.TrimSuffix(strings.ToLower(path), ".gz"))
}

// open opens a file in the form that the options or its name say.
func (o Options) open(path string) (Source, error) {
	format := o.Format
	if format == "" {
		end := ending(path)
		if format = endings[end]; format == "" {
			format = strings.TrimPrefix(end, ".")
		}
		if _, known := o.opener(format); !known {
			return nil, fmt.Errorf("%s: the name does not say the form of the file: give format= one of %s", path, o.formatNames())
		}
	}
	open, _ := o.opener(format)
	return open(path, o)
}

// stream is a Source without a size.
type stream struct{ rows }

func (stream) Done() int64  { return 0 }
func (stream) Close() error { return nil }

// file is a Source on an open file.
type file struct {
	rows
	counted
}

// counted counts what is read of a file.
type counted struct {
	*os.File
	n *int64
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.File.Read(b)
	*c.n += int64(n)
	return n, err
}

func (c counted) Done() int64 { return *c.n }

// openLines opens a file that is read line by line.
func openLines(path string, o Options, parse func(*lines, Options) (rows, error)) (s Source, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: a folder where a file is wanted", path)
	}
	c := counted{f, new(int64)}
	var r io.Reader = c
	if strings.HasSuffix(strings.ToLower(path), ".gz") {
		r, err = gzip.NewReader(bufio.NewReaderSize(c, 1<<16))
		if errors.Is(err, io.EOF) {
			return nil, &Fault{File: path, Reason: "is empty: fetch or copy the file again"}
		}
		if err != nil {
			return nil, (&lines{path: path, n: 1}).broken(err)
		}
	}
	parsed, err := parse(newLines(path, r), o)
	if err != nil {
		return nil, err
	}
	return file{parsed, c}, nil
}
