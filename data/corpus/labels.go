package corpus

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/orchid-seq/orchid/data/store"
	"github.com/orchid-seq/orchid/internal/fault"
)

// Labels says what the label column holds.
type Labels int

// The kinds of labels, and what a document's labels in the store are.
const (
	NoLabels Labels = iota // the column is not read
	Single                 // a name: its index in Meta.Labels
	Multi                  // any number of names: their indices, ascending
	Number                 // a number: itself
)

// mostLabels is more names than any label set has, but fewer than a column of
// texts that was taken for one.
const mostLabels = 10000

// labels turns the fields of the label column into numbers.
type labels struct {
	kind      Labels
	separator string
	closed    bool // the names were given
	names     []string
	index     map[string]int
}

func newLabels(o Options, separator string) *labels {
	l := &labels{kind: o.Labels, separator: separator, closed: o.Names != nil, names: slices.Clone(o.Names), index: map[string]int{}}
	for i, name := range l.names {
		l.index[name] = i
	}
	return l
}

// read returns the labels of a field.
func (l *labels) read(field string) ([]float32, error) {
	field = strings.TrimSpace(field)
	switch {
	case l.kind == Number:
		v, ok := number(field)
		if !ok && errors.Is(syntax(field), strconv.ErrRange) {
			return nil, fmt.Errorf("the label %q is beyond the largest number of 32 bits, 3.4e38", fault.Clip(field))
		}
		if !ok {
			return nil, fmt.Errorf("the label %q is not a number", field)
		}
		return []float32{float32(v)}, nil
	case l.kind == Single:
		i, err := l.find(field)
		return []float32{float32(i)}, err
	case field == "":
		return nil, nil
	}
	var all []float32
	for name := range strings.SplitSeq(field, l.separator) {
		i, err := l.find(strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		all = append(all, float32(i))
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// find returns the index of a name, which is added to an open set.
func (l *labels) find(name string) (int, error) {
	if i, ok := l.index[name]; ok {
		return i, nil
	}
	switch {
	case name == "":
		return 0, errors.New("the label is empty")
	case l.closed:
		return 0, fmt.Errorf("the label %q is not among those of the model, %s", fault.Clip(name), fault.Names(l.names))
	case len(l.names) == mostLabels:
		return 0, fmt.Errorf("%q is the %dth label: is label-column the one meant", fault.Clip(name), mostLabels+1)
	}
	l.index[name] = len(l.names)
	l.names = append(l.names, name)
	return len(l.names) - 1, nil
}

// sort puts the names found in order, numbers by value, changes the indices in
// the store accordingly, and returns the names, none for numbers.
func (l *labels) sort(w *store.Writer) []string {
	if l.kind == Number {
		return nil
	}
	if l.closed {
		return l.names
	}
	sorted := slices.Clone(l.names)
	slices.SortFunc(sorted, byValue)
	place := make([]float32, len(sorted))
	for i, name := range sorted {
		place[l.index[name]] = float32(i)
	}
	w.Relabel(func(labels []float32) {
		for i, v := range labels {
			labels[i] = place[int(v)]
		}
		slices.Sort(labels)
	})
	return sorted
}

// byValue puts numbers first, by value, then other names by their bytes.
func byValue(a, b string) int {
	x, xOK := number(a)
	y, yOK := number(b)
	switch {
	case xOK && yOK:
		return cmp.Or(cmp.Compare(x, y), strings.Compare(a, b))
	case xOK:
		return -1
	case yOK:
		return 1
	}
	return strings.Compare(a, b)
}

// syntax returns why a number cannot be read.
func syntax(s string) error {
	_, err := strconv.ParseFloat(s, 32)
	return err
}

// number reads a finite number.
func number(s string) (v float64, ok bool) {
	v, err := strconv.ParseFloat(s, 32)
	return v, err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
}
