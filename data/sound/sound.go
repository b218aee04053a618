// Package sound reads labelled recordings from the WAV files that data sets
// come in, as one row of samples each. Files are opened when their samples are
// wanted; their headers are read, and the files named that are bad, at opening.
package sound

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/internal/fault"
)

// Options say what to read from a folder.
type Options struct {
	// Layout is folders, fsdd, speech-commands, or auto for what the folder holds.
	Layout string `yaml:"layout"`
	// Words and Split choose the recordings of Speech Commands: sc10 or all, and
	// lists for its published split, stratified for 70/15/15 of every word.
	Words string `yaml:"words"`
	Split string `yaml:"split"`
	// Rate is the samples a second of what is read, 0 for that of the files, which
	// then must agree.
	Rate int `yaml:"sample-rate"`
	// BadFiles is stop, for one error that names them, or skip.
	BadFiles string `yaml:"bad-files"`
}

// Default reads what is there and stops at bad files.
func Default() Options {
	return Options{Layout: "auto", Words: "sc10", Split: "stratified", BadFiles: "stop"}
}

// Validate returns every fault.
func (o Options) Validate() error {
	var f fault.List
	f.OneOf("layout", o.Layout, "auto", "folders", "fsdd", "speech-commands")
	f.OneOf("words", o.Words, "sc10", "all")
	f.OneOf("split", o.Split, "stratified", "lists")
	f.Check(o.Rate >= 0 && o.Rate <= maxRate, "sample-rate=%d: want 1 to %d samples a second, or 0 for that of the files", o.Rate, maxRate)
	f.OneOf("bad-files", o.BadFiles, "stop", "skip")
	return f.Err()
}

// A Reading is a call of Open: what it is told and whom it tells.
type Reading struct {
	Options
	// Classes are the names that labels have to be among; nil for those that the
	// training part has.
	Classes []string
	// Model says that a model is used that has been trained, and Trained what
	// Data.Recordings was then.
	Model   bool
	Trained string
	// Note shows a sentence to a person, Report says how far the reading is; nil
	// for nobody.
	Note   func(text string)
	Report func(done, total int)
}

// Data is a data set: its parts by name (train, validation, test), those that
// the folder has.
type Data struct {
	Layout  string
	Classes []string
	Rate    int // samples a second
	Parts   map[string]*Set
	// Recordings says how those of a folder without parts were divided, so that none
	// changes sides later (see borders); "" for a folder with parts.
	Recordings string
}

// Open reads the headers of the recordings in a folder, which holds
//
//	folders          CLASS/*.wav in train, test and validation (or val), or, without
//	                 those, CLASS/*.wav of which 70 % are for training, 15 % for
//	                 validation and 15 % for the test: which, their names say
//	fsdd             DIGIT_SPEAKER_INDEX.wav, here or in recordings: those with an
//	                 index of 0 to 4 are the test (Free Spoken Digit Dataset)
//	speech-commands  WORD/*.wav, testing_list.txt and validation_list.txt (Speech
//	                 Commands v0.02); sc10 is ten words, clips of 16,000 samples alone
//
// Files that cannot be read, and classes of other parts that training lacks,
// are one error, or, with BadFiles=skip, left out with a note.
func (r Reading) Open(ctx context.Context, dir string) (*Data, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	if info, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s: not a folder of recordings", dir)
	}
	layout := r.Layout
	if layout == "auto" {
		layout = recognise(dir)
	}
	list, err := layouts[layout](r, dir)
	if err != nil {
		return nil, err
	}
	if list, err = r.headers(ctx, list); err != nil {
		return nil, err
	}
	if layout == "speech-commands" && r.Words == "sc10" {
		if list, err = r.seconds(dir, list); err != nil {
			return nil, err
		}
	}
	d := &Data{Layout: layout, Classes: r.Classes, Parts: map[string]*Set{}}
	if d.Classes == nil {
		d.Classes = classes(list)
	}
	if list, err = r.known(dir, d.Classes, list); err != nil {
		return nil, err
	}
	if list[0].part == "" { // then none has one
		if d.Recordings, err = r.divide(dir, d.Classes, list); err != nil {
			return nil, err
		}
	}
	if d.Rate, err = r.rate(dir, list); err != nil {
		return nil, err
	}
	resamplers := map[int]*Resampler{}
	for _, f := range list {
		set := d.Parts[f.part]
		if set == nil {
			set = &Set{resamplers: resamplers}
			d.Parts[f.part] = set
		}
		if resamplers[f.header.Rate] == nil {
			if resamplers[f.header.Rate], err = NewResampler(f.header.Rate, d.Rate); err != nil {
				return nil, fmt.Errorf("%s: %w", f.path, err)
			}
		}
		set.clips = append(set.clips, clip{f.path, slices.Index(d.Classes, f.class), f.header})
	}
	return d, nil
}

// classes names those of the training part, or of all where it is missing, sorted.
func classes(list []file) []string {
	train, all := map[string]bool{}, map[string]bool{}
	for _, f := range list {
		all[f.class] = true
		if f.part == "train" {
			train[f.class] = true
		}
	}
	if len(train) == 0 {
		train = all
	}
	return slices.Sorted(maps.Keys(train))
}

// known returns the files whose class is among the names; the others are an error,
// or left out.
func (r Reading) known(dir string, names []string, list []file) ([]file, error) {
	foreign, left := map[string]bool{}, 0
	known := slices.DeleteFunc(slices.Clone(list), func(f file) bool {
		if slices.Contains(names, f.class) {
			return false
		}
		foreign[path.Join(f.part, f.class)] = true
		left++
		return true
	})
	if left == 0 {
		return known, nil
	}
	text := fmt.Sprintf("%s: training has no class %s (%d files)", dir, strings.Join(slices.Sorted(maps.Keys(foreign)), ", "), left)
	switch {
	case r.BadFiles != "skip":
		return nil, fmt.Errorf("%s: add recordings of it to the training part, or leave it out by bad-files=skip", text)
	case len(known) == 0:
		return nil, fmt.Errorf("%s, and nothing else is there", text)
	}
	r.note(text + "; left out")
	return known, nil
}

// rate returns the samples a second of all.
func (r Reading) rate(dir string, list []file) (int, error) {
	if r.Rate > 0 {
		return r.Rate, nil
	}
	first := list[0]
	for _, f := range list {
		if f.header.Rate != first.header.Rate {
			return 0, fmt.Errorf("%s: %s has %d samples a second, %s has %d: name the rate to change all to, as in sample-rate=%d", dir,
				baseOf(first.path), first.header.Rate, baseOf(f.path), f.header.Rate, min(first.header.Rate, f.header.Rate))
		}
	}
	return first.header.Rate, nil
}

func (r Reading) note(text string) {
	if r.Note != nil {
		r.Note(text)
	}
}

// A Set is the recordings of one part. It is safe for concurrent use.
type Set struct {
	clips      []clip
	resamplers map[int]*Resampler // by the rate of a file
}

type clip struct {
	path   string
	label  int
	header Header
}

// Len returns the number of recordings.
func (s *Set) Len() int { return len(s.clips) }

// Rows returns the number of samples of recording i.
func (s *Set) Rows(i int) int {
	h := s.clips[i].header
	return s.resamplers[h.Rate].Len(h.Samples)
}

// Label returns the class of recording i.
func (s *Set) Label(i int) int { return s.clips[i].label }

// Name returns the file of recording i.
func (s *Set) Name(i int) string { return s.clips[i].path }

// Read writes the Rows(i) samples of recording i to dst. A file that is no longer
// what it was at opening is an error that names it.
func (s *Set) Read(dst []float32, i int) error {
	c := s.clips[i]
	x, h, err := ReadFile(c.path)
	if err != nil {
		return err
	}
	if h != c.header {
		return fmt.Errorf("%s: was changed while it was in use; put back what it was", filepath.Clean(c.path))
	}
	s.resamplers[h.Rate].Apply(dst, x)
	return nil
}
