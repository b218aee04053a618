// Package series reads labelled time series, of one channel or several, from
// .ts files (the archives of UCR and UEA) and from CSV.
package series

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/internal/whole"
)

// Options say what to do with what is not there.
type Options struct {
	// Missing is what becomes of a missing value (? in .ts, an empty field in CSV):
	// error, zero, previous for the last value of its channel before it (before the
	// first, the first), or mean for that of its channel in its series.
	Missing string `yaml:"missing"`
	// BadFiles is stop, for an error that names the classes which training lacks, or
	// skip, which leaves out their series.
	BadFiles string `yaml:"bad-files"`
}

// Default refuses missing values and unknown classes.
func Default() Options { return Options{Missing: "error", BadFiles: "stop"} }

// Validate returns every fault.
func (o Options) Validate() error {
	var f fault.List
	f.OneOf("missing", o.Missing, "error", "zero", "previous", "mean")
	f.OneOf("bad-files", o.BadFiles, "stop", "skip")
	return f.Err()
}

// A Series is one example: Values [Rows, channels], row after row.
type Series struct {
	Values []float32
	Class  string
	Line   int // where it begins in its file
}

// A File is what Read gives: series of as many channels each, of any lengths.
type File struct {
	Path     string
	Channels int
	Names    []string // of the channels; nil for a form that has none (.ts)
	Classes  []string // in the order of the header, or else sorted
	Series   []Series
	head     int // the line of Names
}

// Read reads a file of the form that its name says, .ts or .csv. An error names
// the file and the line.
func Read(path string, o Options) (*File, error) {
	in, err := whole.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return ReadFrom(path, in, o)
}

// ReadFrom is Read for a stream, which has that name in messages.
func ReadFrom(name string, in io.Reader, o Options) (*File, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	form, ok := map[string]func(r *reader) error{".ts": (*reader).ts, ".csv": (*reader).csv}[strings.ToLower(filepath.Ext(name))]
	if !ok {
		return nil, fmt.Errorf("%s: want a file that ends in .ts or .csv", name)
	}
	r := &reader{File: File{Path: name}, in: in, missing: o.Missing}
	if err := form(r); err != nil {
		return nil, err
	}
	if err := r.finish(); err != nil {
		return nil, err
	}
	return &r.File, nil
}

// finish says what only the whole file can show.
func (r *reader) finish() error {
	if len(r.Series) == 0 {
		return r.fault(0, "holds no series")
	}
	if r.Classes == nil {
		names := map[string]bool{}
		for _, s := range r.Series {
			names[s.Class] = true
		}
		r.Classes = slices.Sorted(maps.Keys(names))
	}
	return nil
}

// Find returns the files of training and test: those that are named, or, where
// test is "", NAME_TRAIN and NAME_TEST (.ts or .csv) of which data is the folder
// or the first; of test, too, NAME_TEST if it is a folder. A file that is not there
// is "", one of both is.
func Find(data, test string) (trainFile, testFile string, err error) {
	info, err := os.Stat(data)
	if err != nil {
		return "", "", err
	}
	if testFile, err = FindTest(test); err != nil {
		return "", "", err
	}
	if !info.IsDir() {
		if first, ok := sibling(data, "TRAIN", "TEST"); test == "" && ok && isFile(first) {
			testFile = first
		}
		return data, testFile, nil
	}
	if trainFile, err = inside(data, "TRAIN"); err != nil {
		return "", "", err
	}
	if test == "" {
		if testFile, err = inside(data, "TEST"); err != nil {
			return "", "", err
		}
	}
	if trainFile == "" && testFile == "" {
		return "", "", fmt.Errorf("%s: want NAME_TRAIN.ts and NAME_TEST.ts (or .csv) here", data)
	}
	return trainFile, testFile, nil
}

// FindTest returns the file of the test series that a path names: NAME_TEST (.ts or
// .csv) in it if it is a folder, else the path itself.
func FindTest(path string) (string, error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return path, nil // what is missing is found out when it is read
	}
	found, err := inside(path, "TEST")
	if err == nil && found == "" {
		err = fmt.Errorf("%s: want NAME_TEST.ts (or .csv) here", path)
	}
	return found, err
}

// inside returns the file of a part that a folder holds, "" if there is none.
func inside(dir, part string) (string, error) {
	var found []string
	for _, form := range []string{".ts", ".csv"} {
		match, err := filepath.Glob(filepath.Join(escape(dir), "*_"+part+form))
		if err != nil {
			return "", err
		}
		found = append(found, match...)
	}
	switch len(found) {
	case 0:
		return "", nil
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("%s: several data sets: name one of the files %s in place of the folder", dir, strings.Join(found, ", "))
}

// sibling replaces the end of a file's name before its form.
func sibling(path, from, to string) (other string, ok bool) {
	form := filepath.Ext(path)
	stem, ok := strings.CutSuffix(strings.TrimSuffix(path, form), "_"+from)
	return stem + "_" + to + form, ok
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// escape makes a path that a glob takes as it stands.
func escape(path string) string {
	return strings.NewReplacer("*", "\\*", "?", "\\?", "[", "\\[").Replace(path)
}

// A Set is the series of a file with their labels. It is safe for concurrent use.
type Set struct {
	f      *File
	labels []int
}

// Label gives the series of a file their place among the classes of the training.
// Series of other classes are an error that names these, or, with BadFiles=skip,
// removed from the file with a note.
func (o Options) Label(f *File, classes []string, note func(text string)) (*Set, error) {
	foreign, all := map[string]bool{}, len(f.Series)
	known := slices.DeleteFunc(slices.Clone(f.Series), func(x Series) bool {
		if slices.Contains(classes, x.Class) {
			return false
		}
		foreign[fmt.Sprintf("%q", x.Class)] = true
		return true
	})
	if n := all - len(known); n > 0 {
		text := fmt.Sprintf("%s: training has no class %s; it has %q", f.Path, strings.Join(slices.Sorted(maps.Keys(foreign)), ", "), classes)
		switch {
		case o.BadFiles != "skip":
			return nil, fmt.Errorf("%s: add series of it to the training file, or leave out these %d of %d by bad-files=skip", text, n, all)
		case len(known) == 0:
			return nil, fmt.Errorf("%s: no series is left", text)
		}
		note(fmt.Sprintf("%s: %d of %d series are left out, as bad-files=skip says", text, n, all))
	}
	f.Series = known
	s := &Set{f: f}
	for _, x := range known {
		s.labels = append(s.labels, slices.Index(classes, x.Class))
	}
	return s, nil
}

// Len returns the number of series.
func (s *Set) Len() int { return len(s.f.Series) }

// Rows returns the length of series i.
func (s *Set) Rows(i int) int { return len(s.f.Series[i].Values) / s.f.Channels }

// Label returns the class of series i.
func (s *Set) Label(i int) int { return s.labels[i] }

// Name says where series i stands.
func (s *Set) Name(i int) string { return fmt.Sprintf("%s:%d", s.f.Path, s.f.Series[i].Line) }

// Read writes series i [Rows(i), channels] to dst.
func (s *Set) Read(dst []float32, i int) error {
	copy(dst, s.f.Series[i].Values)
	return nil
}

// Arrange puts the channels in the order of names, those of the data that a model
// was trained on. Where either has no names, the order counts and nothing is done;
// other names are an error.
func (f *File) Arrange(names []string) error {
	if len(names) == 0 || f.Names == nil || slices.Equal(f.Names, names) {
		return nil
	}
	places, missing := make([]int, len(names)), []string{}
	for i, name := range names {
		if places[i] = slices.Index(f.Names, name); places[i] < 0 {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 || len(f.Names) != len(names) {
		foreign := slices.DeleteFunc(slices.Clone(f.Names), func(name string) bool { return slices.Contains(names, name) })
		return fmt.Errorf("%s:%d: the columns of channels are %q, those of the training %q (missing %q, unknown %q): rename, add or remove columns; their order is free",
			f.Path, f.head, f.Names, names, missing, foreign)
	}
	row := make([]float32, len(names))
	for _, s := range f.Series {
		for lo := 0; lo < len(s.Values); lo += len(row) {
			values := s.Values[lo : lo+len(row)]
			for i, from := range places {
				row[i] = values[from]
			}
			copy(values, row)
		}
	}
	f.Names = slices.Clone(names)
	return nil
}

// Seen names the classes that a file has series of, in its own order.
func (f *File) Seen() []string {
	return slices.DeleteFunc(slices.Clone(f.Classes), func(class string) bool {
		return !slices.ContainsFunc(f.Series, func(s Series) bool { return s.Class == class })
	})
}
