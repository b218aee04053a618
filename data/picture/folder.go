package picture

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/internal/par"
)

// parts are the folders of a data set.
var parts = []string{"train", "test", "val"}

// splits opens the folders train and test (or val) of dir. Their classes are
// those of the options, of which each may lack some, or else those of the
// training part, or of the test part where that is all there is. The test part
// has the size of the training part. The faults of both parts are one error.
func (o Options) splits(ctx context.Context, dir string) (train, test *Set, err error) {
	owner := "the model"
	if o.Classes == nil {
		owner = "the training part"
	}
	next, faults := o, fault.List{}
	for _, name := range []string{"train", o.testPart(dir)} {
		if !isDir(filepath.Join(dir, name)) {
			continue
		}
		s, err := next.part(ctx, dir, name, owner)
		faults.Add(err)
		next.Classes, next.Height, next.Width = s.Classes, s.Height, s.Width
		if name == "train" {
			train = s
		} else {
			test = s
		}
	}
	if err := faults.Err(); err != nil {
		return nil, nil, err
	}
	return train, test, nil
}

// testPart names the folder of the test part and notes the one that is not used. The
// folder test of ImageNet and its kin has no classes: its labels are not published.
func (o Options) testPart(dir string) string {
	test, val := filepath.Join(dir, "test"), filepath.Join(dir, "val")
	if !isDir(val) {
		return "test"
	}
	if !isDir(test) {
		return "val"
	}
	known := o.Classes
	if known == nil {
		known, _ = list(filepath.Join(dir, "train"), isDir)
	}
	found, _ := list(test, isDir)
	if !slices.ContainsFunc(found, func(name string) bool { return known == nil || slices.Contains(known, name) }) {
		o.note("%s: not used, since it has no class folders; the test part is %s", test, val)
		return "val"
	}
	o.note("%s: not used; the test part is %s", val, test)
	return "test"
}

// known returns the class folders of a part. Those that the owner of the classes
// lacks are left out or an error.
func (o Options) known(dir, owner string) (known []string, err error) {
	found, err := list(dir, isDir)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: no class folders: want CLASS/*.png, .jpg or .jpeg", dir)
	}
	var foreign []string
	for _, class := range found {
		if slices.Contains(o.Classes, class) {
			known = append(known, class)
		} else {
			foreign = append(foreign, class)
		}
	}
	switch {
	case foreign == nil:
	case !o.Skip:
		return nil, fmt.Errorf("%s: %d of %d classes are not among those of %s: %s; move them away, or leave them out by bad-files=skip",
			dir, len(foreign), len(found), owner, quoted(foreign))
	default:
		o.note("%s: left out %d of %d classes, which %s lacks: %s", dir, len(foreign), len(found), owner, quoted(foreign))
	}
	if known == nil {
		return nil, fmt.Errorf("%s: no folder of a class that %s has", dir, owner)
	}
	return known, nil
}

func quoted(names []string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = strconv.Quote(name)
	}
	return strings.Join(list, ", ")
}

// part opens one folder of class folders. Beside an error, the set has the classes
// and the size as far as they are known.
func (o Options) part(ctx context.Context, dir, name, owner string) (s *Set, err error) {
	s = &Set{Name: setName(dir, name), Height: o.Height, Width: o.Width, Channels: 3}
	dir = filepath.Join(dir, name)
	if o.Classes == nil {
		if o.Classes, err = list(dir, isDir); err != nil {
			return s, err
		}
	}
	s.Classes = o.Classes
	classes, err := o.known(dir, owner)
	if err != nil {
		return s, err
	}
	files, labels, err := o.find(dir, classes)
	if err != nil {
		return s, err
	}
	return s, o.fill(ctx, s, dir, files, labels)
}

// find lists the pictures of class folders, and notes what else is there.
func (o Options) find(dir string, classes []string) (files []file, labels []int, err error) {
	var others []string
	for _, class := range classes {
		inner := filepath.Join(dir, class)
		names, err := list(inner, func(string) bool { return true })
		if err != nil {
			return nil, nil, err
		}
		before := len(files)
		for _, name := range names {
			if path := filepath.Join(inner, name); isPicture(path) {
				files, labels = append(files, file{path: path}), append(labels, slices.Index(o.Classes, class))
			} else {
				others = append(others, filepath.Join(class, name))
			}
		}
		if len(files) == before {
			return nil, nil, fmt.Errorf("%s: a class without a .png, .jpg or .jpeg file; add some or remove the folder", inner)
		}
	}
	if len(others) > 0 {
		o.note("%s: left out %d files and folders of classes that are no .png, .jpg or .jpeg file: %s", dir, len(others), fault.Some(others, ", "))
	}
	return files, labels, nil
}

// fill reads the files of a part.
func (o Options) fill(ctx context.Context, s *Set, dir string, files []file, labels []int) error {
	faults := make([]error, len(files))
	if err := o.each(ctx, len(files), func(i int) { faults[i] = files[i].readHeader() }); err != nil {
		return err
	}
	size := 0
	for i, f := range files {
		if faults[i] != nil {
			continue
		}
		if s.Height == 0 {
			s.Height, s.Width = f.height, f.width
		}
		if o.Own {
			size += 3 * f.height * f.width
		} else {
			size += 3 * s.Height * s.Width
		}
	}
	if size > o.Memory {
		if err := o.refuse(dir, faults); err != nil {
			return err
		}
		s.Labels, s.files = good(labels, faults), good(files, faults)
		return nil
	}
	if !o.Own {
		s.Pixels = make([]uint8, len(files)*3*s.Height*s.Width)
	}
	own := make([]Picture, len(files))
	if err := o.each(ctx, len(files), func(i int) {
		if faults[i] == nil {
			own[i], faults[i] = s.keep(files[i], i)
		}
	}); err != nil {
		return err
	}
	if err := o.refuse(dir, faults); err != nil {
		return err
	}
	s.Labels, s.own = good(labels, faults), good(own, faults)
	if !o.Own {
		n := 0
		for _, p := range s.own { // close the gaps of those left out
			n += copy(s.Pixels[n:], p.Pixels)
		}
		s.Pixels, s.own = s.Pixels[:n], nil
	}
	return nil
}

// keep decodes what stays in memory of file i: a picture of its own size, or one
// resized into its place of Pixels, if that is there.
func (s *Set) keep(f file, i int) (Picture, error) {
	p, err := f.decode()
	if err != nil || s.Pixels == nil {
		return p, err
	}
	n := 3 * s.Height * s.Width
	small := Picture{s.Height, s.Width, 3, s.Pixels[i*n : (i+1)*n]}
	Fit(small, p)
	return small, nil
}

// each calls f on 0 to n-1, several at a time, until ctx ends, and reports.
func (o Options) each(ctx context.Context, n int, f func(i int)) error {
	const most = 256
	for lo := 0; lo < n; lo += most {
		if err := ctx.Err(); err != nil {
			return err
		}
		hi := min(lo+most, n)
		par.For(hi-lo, 1, func(from, to int) {
			for i := from; i < to; i++ {
				f(lo + i)
			}
		})
		o.report(hi, n)
	}
	return nil
}

// refuse turns the faults of files, nil for good ones, into one error or a note.
func (o Options) refuse(dir string, faults []error) error {
	bad := fault.Texts(faults)
	n, text := len(bad), fault.Some(bad, "; ")
	switch {
	case n == 0:
		return nil
	case n == len(faults):
		return fmt.Errorf("%s: none of %d files is a readable picture: %s", dir, n, text)
	case !o.Skip:
		return fmt.Errorf("%s: %d of %d files are not readable pictures; repair or remove them, or leave them out by bad-files=skip: %s", dir, n, len(faults), text)
	}
	// All of them, since they are named nowhere else.
	o.note("%s: left out %d of %d files, which are not readable pictures:\n  %s", dir, n, len(faults), strings.Join(bad, "\n  "))
	return nil
}

// good returns the elements that have no fault.
func good[T any](list []T, faults []error) (kept []T) {
	for i, v := range list {
		if faults[i] == nil {
			kept = append(kept, v)
		}
	}
	return kept
}

// list returns the names in a folder that want keeps, sorted. Hidden ones,
// which desktops and notebooks leave behind, are not data.
func list(dir string, want func(path string) bool) ([]string, error) {
	entries, err := os.ReadDir(dir) // sorted
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && want(filepath.Join(dir, e.Name())) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
