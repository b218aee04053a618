package picture

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

const (
	cifarSide   = 32
	cifarPlane  = cifarSide * cifarSide
	cifarRecord = 1 + 3*cifarPlane // the label, then the red, green and blue plane
	cifarFolder = "cifar-10-batches-bin"
)

var cifarClasses = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}

// ReadCIFAR10 reads the binary version of CIFAR-10: data_batch_1.bin to
// data_batch_5.bin, as far as they are there, and test_batch.bin. They stand
// in dir itself or in its folder cifar-10-batches-bin. A part without a file
// is nil; at least one must be there.
func ReadCIFAR10(dir string) (train, test *Set, err error) {
	trainPaths, testPaths := findCIFAR10(dir)
	if len(trainPaths)+len(testPaths) == 0 {
		return nil, nil, fmt.Errorf("%s: want data_batch_1.bin to data_batch_5.bin and test_batch.bin, here or in %s", dir, cifarFolder)
	}
	if train, err = readCIFAR10Part(setName(dir, "train"), trainPaths); err != nil {
		return nil, nil, err
	}
	if test, err = readCIFAR10Part(setName(dir, "test"), testPaths); err != nil {
		return nil, nil, err
	}
	return train, test, nil
}

func hasCIFAR10(dir string) bool {
	train, test := findCIFAR10(dir)
	return len(train)+len(test) > 0
}

// findCIFAR10 returns the files of both parts, in order.
func findCIFAR10(dir string) (train, test []string) {
	if inner := filepath.Join(dir, cifarFolder); isDir(inner) {
		dir = inner
	}
	for i := range 5 {
		train = append(train, filepath.Join(dir, fmt.Sprintf("data_batch_%d.bin", i+1)))
	}
	test = []string{filepath.Join(dir, "test_batch.bin")}
	absent := func(path string) bool { return !isFile(path) }
	return slices.DeleteFunc(train, absent), slices.DeleteFunc(test, absent)
}

func readCIFAR10Part(name string, paths []string) (*Set, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	s := &Set{Name: name, Height: cifarSide, Width: cifarSide, Channels: 3, Classes: cifarClasses}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if err := s.appendCIFAR10(b); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return s, nil
}

// appendCIFAR10 appends the records of a file to the set.
func (s *Set) appendCIFAR10(b []byte) error {
	if len(b) == 0 || len(b)%cifarRecord != 0 {
		return fmt.Errorf("holds %d bytes, expected a multiple of %d (the next is %d): it is cut short; fetch or copy it again",
			len(b), cifarRecord, (len(b)/cifarRecord+1)*cifarRecord)
	}
	s.Pixels = slices.Grow(s.Pixels, len(b)/cifarRecord*3*cifarPlane)
	for i := 0; i*cifarRecord < len(b); i++ {
		record := b[i*cifarRecord : (i+1)*cifarRecord]
		label, planes := int(record[0]), record[1:]
		if label >= len(cifarClasses) {
			return fmt.Errorf("label of record %d is %d, want at most %d: this is not a CIFAR-10 file", i, label, len(cifarClasses)-1)
		}
		s.Labels = append(s.Labels, label)
		for j := range cifarPlane {
			s.Pixels = append(s.Pixels, planes[j], planes[j+cifarPlane], planes[j+2*cifarPlane])
		}
	}
	return nil
}
