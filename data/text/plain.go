package text

import "io"

// plain reads text without columns: a document is the file, a paragraph or a
// line, its lines joined by "\n". Documents of white space alone are none.
type plain struct {
	*lines
	unit   string // file, paragraph or line
	picked []int
	fixed  []string

	doc   []byte
	first int    // the line it begins at, 0 before that
	ink   bool   // it is more than white space
	bad   *Fault // the first of its bad lines, which makes all of it bad
}

func newPlain(l *lines, o Options) (rows, error) {
	picked, fixed, err := Pick(l.path, []string{"text"}, o.Columns)
	return &plain{lines: l, unit: o.Document, picked: picked, fixed: fixed}, err
}

// Next implements Source.
func (p *plain) Next() (Row, error) {
	p.doc, p.first, p.ink, p.bad = p.doc[:0], 0, false, nil
	for {
		line, err := p.next()
		f, isFault := err.(*Fault)
		switch {
		case err == io.EOF && p.first == 0:
			return Row{}, err
		case err == io.EOF:
			return p.end(err)
		case isFault && !f.Ends:
			p.spoil(f)
		case err != nil:
			return Row{}, err
		case p.unit != "file" && blank(line):
			if p.first == 0 {
				continue
			}
			return p.end(nil)
		default:
			p.add(line)
		}
		if p.unit == "line" {
			return p.end(nil)
		}
	}
}

// add appends a line to the document.
func (p *plain) add(line []byte) {
	if p.bad != nil {
		return
	}
	if p.first == 0 {
		p.first = p.n
	} else {
		p.doc = append(p.doc, '\n')
	}
	p.doc = append(p.doc, line...)
	p.ink = p.ink || !blank(line)
}

// spoil notes that the document has a bad line.
func (p *plain) spoil(f *Fault) {
	if p.bad == nil {
		p.bad, p.first = f, f.Line
	}
}

// end returns the document, or what is wrong with it; none if it is blank.
func (p *plain) end(none error) (Row, error) {
	switch {
	case p.bad != nil:
		return Row{}, p.bad
	case !p.ink:
		return Row{}, none
	}
	fields := append([]string(nil), p.fixed...)
	doc := string(p.doc)
	for i, c := range p.picked {
		if c == 0 {
			fields[i] = doc
		}
	}
	return Row{p.path, p.first, fields}, nil
}
