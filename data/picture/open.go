package picture

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Options say how a data set is opened. The zero value stands for pictures of the
// size of the first, without compromise about faults.
type Options struct {
	Height, Width int // of every picture; 0 for the size of the first
	// Own keeps pictures at their own sizes, for crops of random scale, and
	// Height and Width are only what a model reads them at.
	Own bool
	// Skip leaves out files that cannot be read, and classes that training or
	// the model lacks, and says so in a note; otherwise they are an error.
	Skip bool
	// Memory is the most bytes that the pictures of one part take in memory, 0 for
	// 1 GiB. Folders with more are decoded whenever pictures are wanted.
	Memory int
	// Classes are those of a model, in its order; nil for those of the class folders of
	// the training part, or of the test part where there is no other.
	Classes []string
	Note    func(text string)     // is told what a person should know; nil for nobody
	Report  func(done, total int) // is told how far the files are; nil for nobody
}

// memoryBytes is the default of Options.Memory: all of CIFAR-10 takes a seventh.
const memoryBytes = 1 << 30

// Open reads the data set in a folder, whichever of these it holds: the MNIST
// files (ReadIDX), the CIFAR-10 binary files, or the layout of ImageNet: the folders
// train and test (or val, where test is missing or without classes), in them a
// folder for every class with its .png, .jpg and .jpeg files. Those pictures become
// RGB, grey ones with three equal channels, transparent ones on black. A part that
// is not there is nil.
//
// Of every picture file at least the header is read now; where the pictures of a
// part fit in memory, all of each file is decoded, so that every fault is found
// now. Otherwise damage behind a good header is found when the picture is first
// wanted. Faults of several files, and of both parts, are one error.
func Open(ctx context.Context, dir string, o Options) (train, test *Set, err error) {
	if o.Memory == 0 {
		o.Memory = memoryBytes
	}
	switch {
	case hasIDX(dir):
		train, test, err = ReadIDX(dir)
	case hasCIFAR10(dir):
		train, test, err = o.readCIFAR10(dir)
	case slices.ContainsFunc(parts, func(part string) bool { return isDir(filepath.Join(dir, part)) }):
		return o.splits(ctx, dir)
	default:
		if _, err := os.Stat(dir); err != nil {
			return nil, nil, err
		}
		return nil, nil, fmt.Errorf("%s: no data set is recognised here: want train-images-idx3-ubyte and its companions (MNIST), "+
			"data_batch_1.bin and its companions (CIFAR-10), or train/CLASS/*.png (or .jpg) and test/CLASS/*.png", dir)
	}
	if err != nil || o.Height == 0 {
		return train, test, err
	}
	return o.resize(train), o.resize(test), nil
}

// resize gives a set in memory the wanted size.
func (o Options) resize(s *Set) *Set {
	if s == nil || s.Height == o.Height && s.Width == o.Width {
		return s
	}
	o.note("%s: pictures of %dx%d are resized to %dx%d", s.Name, s.Height, s.Width, o.Height, o.Width)
	most := o.Memory
	if o.Own {
		most = 0
	}
	return s.resized(o.Height, o.Width, most)
}

func (o Options) note(format string, args ...any) {
	if o.Note != nil {
		o.Note(fmt.Sprintf(format, args...))
	}
}

func (o Options) report(done, total int) {
	if o.Report != nil {
		o.Report(done, total)
	}
}

// Checksum identifies pictures and labels: by their values if they are in
// memory, otherwise by the names of the files and the sizes of the pictures. So a
// damaged file can be replaced by a whole one.
func (s *Set) Checksum() string {
	h := sha256.New()
	h.Write(s.Pixels)
	for _, p := range s.own {
		fmt.Fprint(h, p.Height, p.Width)
		h.Write(p.Pixels)
	}
	for _, f := range s.files {
		fmt.Fprintf(h, "%s/%s %d %d\n", filepath.Base(filepath.Dir(f.path)), filepath.Base(f.path), f.height, f.width)
	}
	fmt.Fprint(h, s.Labels)
	return fmt.Sprintf("sha256 %x", h.Sum(nil)[:16])
}

// setName names the part of the data set in a folder.
func setName(dir, part string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return filepath.Base(dir) + "/" + part
}

// isDir follows links.
func isDir(path string) bool {
	stat, err := os.Stat(path)
	return err == nil && stat.IsDir()
}

func isFile(path string) bool {
	stat, err := os.Stat(path)
	return err == nil && stat.Mode().IsRegular()
}
