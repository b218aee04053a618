package text

import (
	"bytes"
	"io"
	"strings"
)

// fasta reads sequences: a line ">name description", then lines that are
// joined, without the white space around each.
type fasta struct {
	*lines
	picked []int
	fixed  []string

	header   string // of the sequence under way
	first    int    // its line, 0 before the first
	bad      *Fault // the first of its bad lines, which makes all of it bad
	sequence []byte
}

func newFASTA(l *lines, o Options) (rows, error) {
	picked, fixed, err := Pick(l.path, []string{"text", "name", "description"}, o.Columns)
	return &fasta{lines: l, picked: picked, fixed: fixed}, err
}

// Next implements Source.
func (s *fasta) Next() (Row, error) {
	for {
		line, err := s.next()
		f, isFault := err.(*Fault)
		if err != nil && err != io.EOF && (!isFault || f.Ends) {
			return Row{}, err
		}
		if err == io.EOF || len(line) > 0 && line[0] == '>' {
			row, wrong := s.end()
			if err != io.EOF {
				s.first, s.header = s.n, string(bytes.TrimSpace(line[1:]))
			}
			if isFault {
				s.bad = f
			}
			if wrong != io.EOF || err == io.EOF {
				return row, wrong
			}
			continue
		}
		if line = bytes.TrimSpace(line); s.first == 0 && s.bad == nil && !isFault && len(line) > 0 {
			f, isFault = s.fault("a sequence without a name: FASTA begins with a line >name; %s", Remedy), true
		}
		if isFault && s.bad == nil {
			s.bad = f
		}
		s.sequence = append(s.sequence, line...)
	}
}

// end returns the sequence under way, or what is wrong with it, and io.EOF if
// there is none; then none is under way.
func (s *fasta) end() (row Row, err error) {
	first, bad := s.first, s.bad
	sequence := string(s.sequence)
	s.first, s.bad, s.sequence = 0, nil, s.sequence[:0]
	switch {
	case bad != nil:
		return Row{}, bad
	case first == 0:
		return Row{}, io.EOF
	case sequence == "":
		return Row{}, &Fault{File: s.path, Line: first, Reason: "a name without a sequence; " + Remedy}
	}
	name, description, _ := strings.Cut(s.header, " ")
	values := []string{sequence, name, strings.TrimSpace(description)}
	fields := append([]string(nil), s.fixed...)
	for i, c := range s.picked {
		if c >= 0 {
			fields[i] = values[c]
		}
	}
	return Row{s.path, first, fields}, nil
}
