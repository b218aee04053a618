package picture

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/internal/numeral"
)

const (
	cifarSide   = 32
	cifarPlane  = cifarSide * cifarSide
	cifarRecord = 1 + 3*cifarPlane // the label, then the red, green and blue plane
	cifarBatch  = 10000            // records of a whole file
	cifarFolder = "cifar-10-batches-bin"
)

var cifarClasses = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}

// cifarFiles are those of the training part and of the test part.
var cifarFiles = [2][]string{
	{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
	{"test_batch.bin"},
}

// readCIFAR10 reads the binary version of CIFAR-10, which stands in dir itself or
// in its folder cifar-10-batches-bin. A part without a file is nil. Only a sample,
// with fewer pictures than one whole file, may lack others.
func (o Options) readCIFAR10(dir string) (train, test *Set, err error) {
	if train, err = o.cifarPart(dir, "train", cifarFiles[0]); err != nil {
		return nil, nil, err
	}
	if test, err = o.cifarPart(dir, "test", cifarFiles[1]); err != nil {
		return nil, nil, err
	}
	return train, test, nil
}

func hasCIFAR10(dir string) bool {
	return slices.ContainsFunc(slices.Concat(cifarFiles[:]...), func(name string) bool { return isFile(cifarPath(dir, name)) })
}

// cifarPath is where a file stands.
func cifarPath(dir, name string) string {
	if inner := filepath.Join(dir, cifarFolder); isDir(inner) {
		dir = inner
	}
	return filepath.Join(dir, name)
}

func (o Options) cifarPart(dir, part string, names []string) (*Set, error) {
	s := &Set{Name: setName(dir, part), Height: cifarSide, Width: cifarSide, Channels: 3, Classes: cifarClasses}
	var missing []string
	for _, name := range names {
		path := cifarPath(dir, name)
		if !isFile(path) {
			missing = append(missing, name)
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if err := s.appendCIFAR10(b); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if n := len(b) / cifarRecord; n < cifarBatch {
			o.note("%s: %d pictures, where that of CIFAR-10 has %s: fetch or copy it again, unless it is a sample", path, n, numeral.Thousands(cifarBatch))
		}
	}
	if len(missing) == len(names) {
		return nil, nil
	}
	if len(missing) > 0 && s.Len() >= cifarBatch {
		return nil, fmt.Errorf("%s: %s missing; copy or unpack all files of CIFAR-10's binary version", filepath.Dir(cifarPath(dir, names[0])), strings.Join(missing, ", "))
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
