// Package text reads rows of text from the files that data sets come in: plain
// text, JSONL, CSV, TSV and FASTA, each also compressed by gzip, and further
// forms by an Opener. Memory is bounded by the longest document; nothing is
// left out without being counted.
package text

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/internal/numeral"
)

// Options say what to read from the files.
type Options struct {
	Format    string   // "" by the file name, or text, jsonl, csv, tsv, fasta, or the name of a further form without its dot
	Columns   []string // wanted, in this order; default text
	Document  string   // plain text: file (default), paragraph (a blank line between) or line
	Separator string   // joins the items of a list, default ","
	NoQuotes  bool     // CSV, TSV: a quote is a character like any other, as in the files of GLUE
	NoHeader  bool     // CSV, TSV: the first line is data; the columns are called 1, 2, ...
	BadLines  string   // stop (default) or skip
	Formats   Formats  // openers of further forms
}

// Formats maps the ending of a file name, such as ".parquet", to what opens
// such a file.
type Formats map[string]Opener

// An Opener opens a file to read the columns of the options, which are
// complete.
type Opener func(path string, o Options) (Source, error)

// A Source gives the rows of one file. It is not safe for concurrent use.
type Source interface {
	// Next returns the next row, io.EOF after the last. After a *Fault that
	// does not say Ends it can be called again and goes on behind it.
	Next() (Row, error)
	// Done returns how many bytes of the file have been read, about.
	Done() int64
	Close() error
}

// A Row is one document with what belongs to it. It owns its slice.
type Row struct {
	File   string
	Line   int      // where it begins, counted from 1
	Fields []string // one a wanted column
}

// A Fault is what is wrong with one line or document of a file.
type Fault struct {
	File   string
	Line   int // counted from 1; 0 for the file as a whole
	Reason string
	Ends   bool // nothing after it can be read from this file
}

// Error says "file:line: reason".
func (f *Fault) Error() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s", f.File, f.Reason)
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Reason)
}

// KeptFaults is how many faults a report holds.
const KeptFaults = 1000

// A Report says what has been read.
type Report struct {
	Rows, Skipped int
	Faults        []error // the first KeptFaults of those skipped
}

// Skip counts a fault.
func (r *Report) Skip(f error) {
	if r.Skipped++; len(r.Faults) < KeptFaults {
		r.Faults = append(r.Faults, f)
	}
}

// Bad names the lines that were skipped, one below the other.
func (r *Report) Bad() string {
	list := fault.Texts(r.Faults)
	for i, text := range list {
		list[i] = strings.TrimSuffix(text, "; "+Remedy) // already taken
	}
	if n := r.Skipped - len(list); n > 0 {
		list = append(list, fmt.Sprintf("and %s more", numeral.Thousands(n)))
	}
	return numeral.Plural(r.Skipped, "bad line") + " skipped:\n  " + strings.Join(list, "\n  ")
}

// complete fills in what is not given and returns what is wrong with the rest.
func (o Options) complete() (Options, error) {
	def := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	def(&o.Document, "file")
	def(&o.Separator, ",")
	def(&o.BadLines, "stop")
	if len(o.Columns) == 0 {
		o.Columns = []string{"text"}
	}
	var f fault.List
	f.OneOf("document", o.Document, "file", "paragraph", "line")
	f.OneOf("bad-lines", o.BadLines, "stop", "skip")
	if o.Format != "" {
		_, known := o.opener(o.Format)
		f.Check(known, "format=%s: want one of %s", o.Format, o.formatNames())
	}
	return o, f.Err()
}

// Read calls yield for every row of the files, in order. A *Fault, found in a
// file or returned by yield, ends it with that error, or is counted and passed
// over if o.BadLines is skip; any other error ends it. A report, if not nil, is
// called now and then with the bytes read so far and in all.
func Read(ctx context.Context, files []string, o Options, report func(bytesDone, bytesTotal int64), yield func(Row) error) (Report, error) {
	o, err := o.complete()
	if err != nil {
		return Report{}, err
	}
	r := reading{ctx: ctx, o: o, progress: report, yield: yield}
	sizes := make([]int64, len(files))
	for i, path := range files {
		info, err := os.Stat(path)
		if err != nil {
			return r.Report, err
		}
		sizes[i] = info.Size()
		r.total += sizes[i]
	}
	before := int64(0)
	for i, path := range files {
		src, err := o.open(path)
		if err == nil {
			err = errors.Join(r.rows(path, src), src.Close())
		}
		if err = r.judge(err); err != nil {
			return r.Report, err
		}
		before += sizes[i]
		r.done = before
		r.tell(often)
	}
	r.tell(1)
	return r.Report, nil
}

// ReadFrom is Read for one stream, such as the standard input; name stands for
// it in messages. It wants a format, one of those that need no opener.
func ReadFrom(ctx context.Context, name string, in io.Reader, o Options, yield func(Row) error) (Report, error) {
	o, err := o.complete()
	if err != nil {
		return Report{}, err
	}
	parse, ok := parsers[o.Format]
	if !ok {
		return Report{}, fmt.Errorf("%s: format=%s: want one of %s for a stream", name, o.Format, parserNames())
	}
	r := reading{ctx: ctx, o: o, yield: yield}
	src, err := parse(newLines(name, in), o)
	if err == nil {
		err = r.rows(name, stream{src})
	}
	return r.Report, r.judge(err)
}

// reading is a call of Read under way.
type reading struct {
	Report
	ctx         context.Context
	o           Options
	progress    func(done, total int64)
	yield       func(Row) error
	done, total int64
	told        int64 // what done was when progress was last told
}

// often is after how many bytes progress is told.
const often = 1 << 20

// rows reads a source to its end.
func (r *reading) rows(path string, src Source) error {
	start := r.done
	for n := 0; ; n++ {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		row, err := src.Next()
		if err == io.EOF {
			if n == 0 {
				return &Fault{File: path, Reason: "holds no text: leave the file out of the data, or fetch it again"}
			}
			return nil
		}
		if err == nil {
			if err = r.yield(row); err == nil {
				r.Rows++
			}
		}
		if f, ok := errors.AsType[*Fault](err); ok && f.Ends {
			return f
		}
		if err := r.judge(err); err != nil {
			return err
		}
		r.done = start + src.Done()
		r.tell(often)
	}
}

// judge returns nil for a fault that is skipped, and counts it.
func (r *reading) judge(err error) error {
	if f, ok := errors.AsType[*Fault](err); ok && r.o.BadLines == "skip" {
		r.Skip(f)
		return nil
	}
	return err
}

// tell reports the progress if there is as much as least.
func (r *reading) tell(least int64) {
	if r.progress != nil && r.done >= r.told+least {
		r.told = r.done
		r.progress(r.done, r.total)
	}
}
