package series

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// A reader is a file under way.
type reader struct {
	File
	in      io.Reader
	missing string
}

// fault says what is wrong on a line, 0 for the whole file.
func (r *reader) fault(line int, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if line == 0 {
		return fmt.Errorf("%s: %s", r.Path, text)
	}
	return fmt.Errorf("%s:%d: %s", r.Path, line, text)
}

// number reads a value; NaN stands for one that is missing.
func number(text string) (float32, error) {
	switch text = strings.TrimSpace(text); text {
	case "?", "", "NaN", "nan", "NA":
		return float32(math.NaN()), nil
	}
	v, err := strconv.ParseFloat(text, 32)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0, fmt.Errorf("%q is not a finite number", text)
	}
	return float32(v), nil
}

// add appends a series of so many channels, of which lines says where each row
// stands.
func (r *reader) add(s Series, channels int, line func(row int) int) error {
	if err := fill(s.Values, channels, r.missing); err != nil {
		return r.fault(line(err.row), "%s", err.Error())
	}
	r.Series = append(r.Series, s)
	return nil
}

// A gap is a missing value that cannot be filled in.
type gap struct {
	row, channel int
	why          string
}

func (g *gap) Error() string {
	return fmt.Sprintf("row %d, channel %d: %s", g.row+1, g.channel+1, g.why)
}

// fill puts something in place of the missing values of x [rows, channels], which
// are NaN.
func fill(x []float32, channels int, how string) *gap {
	for c := range channels {
		var previous, sum, n float64
		first := -1
		for i := c; i < len(x); i += channels {
			if v := float64(x[i]); v == v {
				if n == 0 {
					previous = v
				}
				sum += v
				n++
			} else if first < 0 {
				first = i
			}
		}
		if first < 0 {
			continue
		}
		switch {
		case how == "error":
			return &gap{first / channels, c, "a value is missing; missing=zero, previous or mean fills it in"}
		case n == 0 && how != "zero":
			return &gap{first / channels, c, "the channel has no value at all, from which missing=" + how + " could fill it in"}
		}
		for i := c; i < len(x); i += channels {
			v := float64(x[i])
			switch {
			case v == v:
				previous = v
			case how == "zero":
				x[i] = 0
			case how == "mean":
				x[i] = float32(sum / n)
			default:
				x[i] = float32(previous)
			}
		}
	}
	return nil
}
