package text

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"github.com/orchid-seq/orchid/internal/fault"
)

// table reads CSV and TSV: a header and then a record a line, in which a field
// may be quoted and then holds separators, line ends and doubled quotes. A
// quote inside a field that does not begin with one is a character like any
// other.
type table struct {
	*lines
	separator byte
	quotes    bool
	columns   []string
	picked    []int
	fixed     []string

	buf   []byte // the fields of the present record
	ends  []int  // where each of them ends
	more  []byte // its lines after the first, each with its end
	first bool   // the present record is to be given out: it is no header
}

func newCSV(l *lines, o Options) (rows, error) { return newTable(l, o, ',') }
func newTSV(l *lines, o Options) (rows, error) { return newTable(l, o, '\t') }

func newTable(l *lines, o Options, separator byte) (rows, error) {
	t := &table{lines: l, separator: separator, quotes: !o.NoQuotes}
	err := t.header(o)
	return t, err
}

// header reads the names of the columns.
func (t *table) header(o Options) (err error) {
	_, err = t.record()
	if err == io.EOF {
		return &Fault{File: t.path, Reason: "is empty: leave the file out of the data, or fetch it again"}
	}
	if f, ok := err.(*Fault); ok {
		f.Ends = true
		f.Reason = "in the header: " + f.Reason
	}
	if err != nil {
		return err
	}
	for i := range t.ends {
		name := string(t.field(i))
		if o.NoHeader {
			name = strconv.Itoa(i + 1)
		}
		t.columns = append(t.columns, name)
	}
	t.first = o.NoHeader
	t.picked, t.fixed, err = Pick(t.path, t.columns, o.Columns)
	return err
}

// Next implements Source.
func (t *table) Next() (Row, error) {
	line := t.n
	if !t.first {
		var err error
		if line, err = t.record(); err != nil {
			return Row{}, err
		}
	}
	t.first = false
	if len(t.ends) != len(t.columns) {
		f := t.fault("%d fields where the file has %d columns (%s); %s", len(t.ends), len(t.columns), fault.Names(t.columns), Remedy)
		f.Line = line
		return Row{}, f
	}
	fields := append([]string(nil), t.fixed...)
	for i, c := range t.picked {
		if c >= 0 {
			fields[i] = string(t.field(c))
		}
	}
	return Row{t.path, line, fields}, nil
}

func (t *table) field(i int) []byte {
	from := 0
	if i > 0 {
		from = t.ends[i-1]
	}
	return t.buf[from:t.ends[i]]
}

// record reads the fields of the next record and returns the line it begins
// at. After a fault the next record begins at the next line, unless the fault
// leaves no doubt where this one ends.
func (t *table) record() (first int, err error) {
	line, err := t.next()
	for err == nil && len(line) == 0 { // blank lines are no records
		line, err = t.next()
	}
	if err != nil && len(line) == 0 {
		return t.n, err
	}
	bad := err // what is wrong with the first bad line of the record
	t.buf, t.ends, t.more, first = t.buf[:0], t.ends[:0], t.more[:0], t.n
	for i := 0; ; i++ {
		if !t.quotes || i == len(line) || line[i] != '"' {
			n := bytes.IndexByte(line[i:], t.separator)
			if n < 0 {
				n = len(line) - i
			}
			t.buf = append(t.buf, line[i:i+n]...)
			i += n
		} else if line, i, err = t.quoted(first, line, i+1, &bad); err != nil {
			return first, err
		}
		t.ends = append(t.ends, len(t.buf))
		if i == len(line) {
			return first, bad
		}
	}
}

// quoted appends the rest of a quoted field, which goes on at line[i], and
// returns the line on which it is closed, and the place behind that. If it is
// not closed as it should be, the lines of the record after its first one are
// read again.
func (t *table) quoted(first int, line []byte, i int, bad *error) (last []byte, behind int, err error) {
	opened := t.n
	for {
		n := bytes.IndexByte(line[i:], '"')
		if n >= 0 {
			t.buf = append(t.buf, line[i:i+n]...)
			i += n + 1
			switch {
			case i == len(line) || line[i] == t.separator:
				return line, i, nil
			case line[i] != '"':
				f := &Fault{File: t.path, Line: opened, Reason: fmt.Sprintf("the quote that closes a field on line %d is followed by %q; %s", t.n, fault.Clip(string(line[i:])), quoting)}
				t.restart(first, nil)
				return nil, 0, f
			}
			t.buf = append(t.buf, '"')
			i++
			continue
		}
		t.buf = append(append(t.buf, line[i:]...), '\n')
		line, err = t.next()
		if err == nil || len(line) > 0 {
			t.more = append(append(t.more, line...), "\r\n"...) // of which next takes both away
		}
		if err != nil && len(line) == 0 || len(t.more) > longest {
			if len(line) > 0 {
				err = nil // it is found again with its line
			}
			f := &Fault{File: t.path, Line: opened, Reason: "a quote is opened here and not closed; " + quoting}
			t.restart(first, err)
			return nil, 0, f
		}
		if *bad == nil {
			*bad = err
		}
		i = 0
	}
}

// quoting is what can be done about quotes.
const quoting = "a quote inside a quoted field is doubled, quotes=false reads all as characters; " + Remedy

// restart reads on behind line first, which the present record began at; err
// is what came behind the lines since.
func (t *table) restart(first int, err error) {
	t.rewind(first, t.more, err)
	t.more = nil
}
