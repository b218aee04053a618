// Package parquet reads the rows of Parquet files by column, for package text:
// Open belongs under ".parquet" in text.Options.Formats.
package parquet

import (
	"fmt"
	"io"
	"os"

	"github.com/orchid-seq/orchid/data/text"
	"github.com/parquet-go/parquet-go"
)

// Open opens a file to read the wanted columns; it is a text.Opener. A column
// of texts, numbers or truth values gives its value, a list of them its items
// joined by the separator. The fields of a nested column are called
// "column.field". The line of a row or fault is the number of the row, counted
// from 1.
func Open(path string, o text.Options) (s text.Source, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := recover(); e != nil {
			err = damaged(path, e)
		}
		if err != nil {
			f.Close()
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 {
		return nil, &text.Fault{File: path, Reason: "is empty: leave the file out of the data, or fetch it again"}
	}
	file, err := parquet.OpenFile(f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, damaged(path, err)
	}
	names, leaves := columns(file.Root())
	picked, fixed, err := text.Pick(path, names, o.Columns)
	if err != nil {
		return nil, err
	}
	r := &rows{path: path, f: f, size: info.Size(), total: file.NumRows(), fixed: fixed}
	for i, p := range picked {
		if p < 0 {
			continue
		}
		if why := refuse(leaves[p]); why != "" {
			return nil, fmt.Errorf("%s: column %q is %s, not a text, a number or a list of these", path, names[p], why)
		}
		c := &column{name: names[p], leaf: leaves[p], field: i, separator: o.Separator}
		for _, g := range file.RowGroups() {
			c.chunks = append(c.chunks, g.ColumnChunks()[leaves[p].Index()])
		}
		r.columns = append(r.columns, c)
	}
	return r, nil
}

// damaged makes a fault of the whole file.
func damaged(path string, reason any) *text.Fault {
	return &text.Fault{File: path, Reason: fmt.Sprintf("not a Parquet file, or damaged (%v): fetch or copy it again", reason), Ends: true}
}

// rows reads the rows of a file; it is a text.Source.
type rows struct {
	path        string
	f           *os.File
	size        int64
	done, total int64 // rows
	columns     []*column
	fixed       []string
}

// Next implements text.Source.
func (r *rows) Next() (row text.Row, err error) {
	defer func() {
		if e := recover(); e != nil {
			row, err = text.Row{}, damaged(r.path, e)
		}
	}()
	if r.done == r.total {
		for _, c := range r.columns {
			if _, err := c.peek(); err != io.EOF {
				return text.Row{}, damaged(r.path, fmt.Sprintf("column %q goes on behind the last row", c.name))
			}
		}
		return text.Row{}, io.EOF
	}
	r.done++
	row = text.Row{File: r.path, Line: int(r.done), Fields: append([]string(nil), r.fixed...)}
	var bad error // the first fault; the other columns must keep step
	for _, c := range r.columns {
		value, wrong, err := c.next()
		if err != nil {
			return text.Row{}, damaged(r.path, fmt.Sprintf("row %d, column %q: %v", r.done, c.name, err))
		}
		if wrong != nil && bad == nil {
			bad = &text.Fault{File: r.path, Line: row.Line, Reason: fmt.Sprintf("column %q %v; bad-lines=skip leaves it out", c.name, wrong)}
		}
		row.Fields[c.field] = value
	}
	return row, bad
}

// Done implements text.Source, by the share of the rows.
func (r *rows) Done() int64 {
	return int64(float64(r.size) * float64(r.done) / float64(max(r.total, 1)))
}

// Close implements text.Source.
func (r *rows) Close() error {
	for _, c := range r.columns {
		c.close()
	}
	return r.f.Close()
}
