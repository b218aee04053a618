package parquet

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/orchid-seq/orchid/data/text"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// columns lists the columns of a schema that hold values, with their names. A
// list has the name of the column it stands in, whatever the writer called
// its inner levels.
func columns(root *parquet.Column) (names []string, leaves []*parquet.Column) {
	var walk func(prefix string, c *parquet.Column)
	walk = func(prefix string, c *parquet.Column) {
		if leaf := only(c); leaf != nil {
			names, leaves = append(names, prefix+c.Name()), append(leaves, leaf)
			return
		}
		for _, inner := range c.Columns() {
			walk(prefix+c.Name()+".", inner)
		}
	}
	for _, c := range root.Columns() {
		walk("", c)
	}
	return names, leaves
}

// only returns the leaf of a column that is one value or a list of values, nil
// if it has several fields or is a structure with one.
func only(c *parquet.Column) *parquet.Column {
	isList := c.Repeated() || len(c.Columns()) == 1 && c.Columns()[0].Repeated()
	for !c.Leaf() {
		if len(c.Columns()) != 1 || !isList {
			return nil
		}
		c = c.Columns()[0]
	}
	return c
}

// refuse says what a column is that cannot be read as text; "" if it can.
func refuse(leaf *parquet.Column) string {
	if leaf.MaxRepetitionLevel() > 1 {
		return "a list of lists"
	}
	t := leaf.Type()
	if l := t.LogicalType(); l != nil && l.Value != nil {
		switch l.Value.(type) {
		case *format.StringType, *format.EnumType, *format.JsonType, *format.IntType:
		default:
			return l.String()
		}
	}
	if t.Kind() == parquet.Int96 {
		return "a time"
	}
	return ""
}

// column reads one column, row by row.
type column struct {
	name      string
	leaf      *parquet.Column
	field     int // of the row
	separator string

	chunks []parquet.ColumnChunk // those not begun yet
	pages  parquet.Pages         // of the present chunk
	page   parquet.Page
	values parquet.ValueReader // of the page
	buf    [64]parquet.Value
	have   []parquet.Value // of buf, those not used yet
}

// next returns the value of the next row; wrong says why that row is bad, err
// why no more can be read.
func (c *column) next() (value string, wrong, err error) {
	var items []string
	for n := 0; ; n++ {
		v, err := c.peek()
		if n > 0 && (err == io.EOF || err == nil && v.RepetitionLevel() == 0) {
			break // the next row, or none
		}
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", nil, err
		}
		c.have = c.have[1:]
		switch {
		case !v.IsNull():
			item, err := show(v)
			if err != nil && wrong == nil {
				wrong = err
			}
			items = append(items, item)
		case c.leaf.MaxRepetitionLevel() == 0:
			wrong = errors.New("is null")
		case c.leaf.Optional() && v.DefinitionLevel() == c.leaf.MaxDefinitionLevel()-1:
			wrong = errors.New("holds a list of which an item is null")
		}
	}
	if wrong == nil && c.leaf.MaxRepetitionLevel() > 0 {
		value, wrong = text.Join(items, c.separator)
	} else if len(items) > 0 {
		value = items[0]
	}
	return value, wrong, nil
}

// peek returns the next value without using it up.
func (c *column) peek() (v parquet.Value, err error) {
	for len(c.have) == 0 {
		if c.values != nil {
			n, err := c.values.ReadValues(c.buf[:])
			c.have = c.buf[:n]
			if err != nil && err != io.EOF {
				return v, err
			}
			if n > 0 {
				continue
			}
			c.release()
		}
		if c.pages == nil {
			if len(c.chunks) == 0 {
				return v, io.EOF
			}
			c.pages, c.chunks = c.chunks[0].Pages(), c.chunks[1:]
		}
		page, err := c.pages.ReadPage()
		switch {
		case err == io.EOF:
			c.pages.Close()
			c.pages = nil
		case err != nil:
			return v, err
		default:
			c.page, c.values = page, page.Values()
		}
	}
	return c.have[0], nil
}

// release gives a page back.
func (c *column) release() {
	parquet.Release(c.page)
	c.page, c.values = nil, nil
}

func (c *column) close() {
	if c.page != nil {
		c.release()
	}
	if c.pages != nil {
		c.pages.Close()
	}
}

// show returns a value as text.
func show(v parquet.Value) (string, error) {
	switch v.Kind() {
	case parquet.Boolean:
		return strconv.FormatBool(v.Boolean()), nil
	case parquet.Int32, parquet.Int64:
		return v.String(), nil
	case parquet.Float:
		return strconv.FormatFloat(float64(v.Float()), 'g', -1, 32), nil
	case parquet.Double:
		return strconv.FormatFloat(v.Double(), 'g', -1, 64), nil
	}
	s := string(v.ByteArray())
	switch {
	case strings.IndexByte(s, 0) >= 0:
		return "", errors.New("holds a NUL byte")
	case !utf8.ValidString(s):
		return "", fmt.Errorf("is not UTF-8")
	}
	return s, nil
}
