package series

import (
	"bufio"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/orchid-seq/orchid/internal/fault"
)

// longest is the most bytes that a line may have.
const longest = 256 << 20

// ts reads a header of lines that begin with @, then, behind @data, a series a
// line: its channels, then its class, with colons between them and commas between
// the values of a channel. Lines that begin with # say nothing.
func (r *reader) ts() error {
	s := bufio.NewScanner(r.in)
	s.Buffer(make([]byte, 1<<16), longest)
	h := tsHeader{}
	data := false
	n := 0
	for s.Scan() {
		n++
		line := strings.TrimSpace(s.Text())
		if n == 1 {
			line = strings.TrimPrefix(line, "\uFEFF")
		}
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '@' && !data:
			if data = strings.EqualFold(line, "@data"); data {
				if !h.labelled {
					return r.fault(n, "no line @classLabel true ... before @data: series without classes cannot be learned from here")
				}
				continue
			}
			if err := h.read(line); err != nil {
				return r.fault(n, "%v", err)
			}
		case !data:
			return r.fault(n, "%q before the line @data: a .ts file begins with a header of lines @name value", fault.Clip(line))
		default:
			if err := r.tsSeries(n, line, h); err != nil {
				return err
			}
		}
	}
	if err := s.Err(); errors.Is(err, bufio.ErrTooLong) {
		return r.fault(n+1, "a line of more than %d MB", longest>>20)
	} else if err != nil {
		return r.fault(n+1, "%v", err)
	}
	if !data {
		return r.fault(0, "no line @data: it is no .ts file, or it is cut short")
	}
	if r.Classes = h.classes; len(r.Classes) == 0 {
		r.Classes = nil
	}
	return nil
}

// A tsHeader is what the lines before @data say, 0 for what they do not.
type tsHeader struct {
	channels, length int
	equal, labelled  bool
	classes          []string
}

func (h *tsHeader) read(line string) error {
	fields := strings.Fields(line)
	name, values := fields[0], fields[1:]
	first := ""
	if len(values) > 0 {
		first = values[0]
	}
	yes := strings.EqualFold(first, "true")
	count := func() (int, error) {
		n, err := strconv.Atoi(first)
		if err != nil || n < 1 {
			return 0, errors.New(name + " " + first + ": want a whole number of at least 1")
		}
		return n, nil
	}
	var err error
	switch strings.ToLower(name) {
	case "@timestamps":
		if yes {
			return errors.New("values with time stamps are not read: want them at equal steps, and @timeStamps false")
		}
	case "@univariate":
		if yes {
			h.channels = 1
		}
	case "@dimensions", "@dimension":
		h.channels, err = count()
	case "@equallength":
		h.equal = yes
	case "@serieslength":
		h.length, err = count()
	case "@classlabel":
		if h.labelled = yes; yes {
			h.classes = values[1:]
		}
	case "@targetlabel":
		if yes {
			return errors.New("@targetLabel true: values to predict are not read here, classes are")
		}
	}
	return err // further lines, @problemName and @missing among them, tell nothing that is needed
}

// tsSeries reads a line of data.
func (r *reader) tsSeries(line int, text string, h tsHeader) error {
	parts := strings.Split(text, ":")
	class := strings.Clone(strings.TrimSpace(parts[len(parts)-1])) // not to hold the whole line
	parts = parts[:len(parts)-1]
	want := h.channels
	if want == 0 {
		want = r.Channels // of the series before
	}
	switch {
	case len(parts) == 0:
		return r.fault(line, "no colon: want the values of each channel, then the class, with colons between")
	case want > 0 && len(parts) != want:
		return r.fault(line, "%d channels, want %d", len(parts), want)
	case class == "":
		return r.fault(line, "no class behind the last colon")
	case len(h.classes) > 0 && !slices.Contains(h.classes, class):
		return r.fault(line, "the class %q is not among those of the header, %q", class, h.classes)
	}
	r.Channels = len(parts)
	var s Series
	rows := 0
	for c, part := range parts {
		values := strings.Split(part, ",")
		if c == 0 {
			rows = len(values)
			s = Series{Values: make([]float32, rows*len(parts)), Class: class, Line: line}
			if h.equal && h.length > 0 && rows != h.length {
				return r.fault(line, "%d values where the header says @seriesLength %d and @equalLength true", rows, h.length)
			}
		}
		if len(values) != rows {
			return r.fault(line, "channel %d has %d values, the first %d", c+1, len(values), rows)
		}
		for i, v := range values {
			x, err := number(v)
			if err != nil {
				return r.fault(line, "channel %d, value %d: %v", c+1, i+1, err)
			}
			s.Values[i*len(parts)+c] = x
		}
	}
	return r.add(s, len(parts), func(int) int { return line })
}
