package series

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/internal/fault"
)

// csv reads a header and a row of a series a line: the columns id and label, then
// a column a channel, in any order of the columns. Rows of one id stand together
// and have one label.
func (r *reader) csv() error {
	in := csv.NewReader(r.in)
	in.ReuseRecord, in.TrimLeadingSpace, in.FieldsPerRecord = true, true, -1 // which are counted here
	head, err := in.Read()
	if err != nil {
		return r.csvFault(err)
	}
	r.head, _ = in.FieldPos(0)
	head = slices.Clone(head)
	head[0] = strings.TrimPrefix(head[0], "\uFEFF")
	for c, name := range head {
		head[c] = strings.TrimSpace(name)
		switch {
		case head[c] == "":
			return r.fault(r.head, "column %d of %d has no name: name it, or remove it if it only counts the rows", c+1, len(head))
		case slices.Contains(head[:c], head[c]):
			return r.fault(r.head, "two columns are named %q: rename one or remove it", fault.Clip(head[c]))
		}
	}
	id, label := slices.Index(head, "id"), slices.Index(head, "label")
	if id < 0 || label < 0 {
		return r.fault(r.head, "the columns are %q: want id, label, and a column for each channel", head)
	}
	if r.Channels = len(head) - 2; r.Channels < 1 {
		return r.fault(r.head, "no column beside id and label: want one for each channel")
	}
	r.Names = slices.DeleteFunc(slices.Clone(head), func(name string) bool { return name == "id" || name == "label" })
	var (
		s     Series
		lines []int // of its rows
		name  string
		seen  = map[string]int{}
	)
	end := func() error {
		if lines == nil {
			return nil
		}
		err := r.add(s, r.Channels, func(row int) int { return lines[row] })
		s, lines = Series{}, nil
		return err
	}
	for {
		record, err := in.Read()
		if err == io.EOF {
			return end()
		}
		if err != nil {
			return r.csvFault(err)
		}
		line, _ := in.FieldPos(0)
		if len(record) != len(head) {
			return r.fault(line, "%d fields, want %d: one for each column of line %d, empty where a value is missing", len(record), len(head), r.head)
		}
		if lines == nil || record[id] != name {
			if err := end(); err != nil {
				return err
			}
			name = strings.Clone(record[id])
			if at := seen[name]; at > 0 {
				return r.fault(line, "id %q again, which began on line %d: the rows of a series stand together", fault.Clip(name), at)
			}
			seen[name] = line
			s = Series{Class: strings.Clone(strings.TrimSpace(record[label])), Line: line}
			if s.Class == "" {
				return r.fault(line, "the label is empty")
			}
		}
		if class := strings.TrimSpace(record[label]); class != s.Class {
			return r.fault(line, "the label %q, where id %q began with %q on line %d", fault.Clip(class), fault.Clip(name), s.Class, s.Line)
		}
		for c, text := range record {
			if c == id || c == label {
				continue
			}
			v, err := number(text)
			if err != nil {
				return r.fault(line, "column %s: %v", head[c], err)
			}
			s.Values = append(s.Values, v)
		}
		lines = append(lines, line)
	}
}

// csvFault says where a file is no CSV.
func (r *reader) csvFault(err error) error {
	var p *csv.ParseError
	switch {
	case err == io.EOF:
		return r.fault(0, "is empty")
	case errors.As(err, &p):
		return r.fault(p.Line, "%v", p.Err)
	}
	return r.fault(0, "%v", err)
}
