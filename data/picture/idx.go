package picture

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"os"
	"path/filepath"
	"strings"
)

// The magic numbers of the idx format: unsigned bytes in 3 dimensions or 1.
const (
	idxImages = 0x0803
	idxLabels = 0x0801
)

var digits = []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}

// ReadIDX reads the files of MNIST and of the sets that took over its form:
// train-images-idx3-ubyte, train-labels-idx1-ubyte and the same with t10k for
// the test part, each plain or with .gz. A part of which neither file is there
// is nil; at least one must be there. Labels are 0 to 9.
func ReadIDX(dir string) (train, test *Set, err error) {
	if train, err = readIDXPart(dir, "train", "train"); err != nil {
		return nil, nil, err
	}
	if test, err = readIDXPart(dir, "t10k", "test"); err != nil {
		return nil, nil, err
	}
	if train == nil && test == nil {
		return nil, nil, fmt.Errorf("%s: want train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or with .gz", dir)
	}
	return train, test, nil
}

func hasIDX(dir string) bool {
	return findIDX(dir, "train-images-idx3") != "" || findIDX(dir, "t10k-images-idx3") != ""
}

// findIDX returns the path of the plain or the packed file, "" if neither is
// there.
func findIDX(dir, stem string) string {
	for _, ending := range []string{"-ubyte", "-ubyte.gz"} {
		if path := filepath.Join(dir, stem+ending); isFile(path) {
			return path
		}
	}
	return ""
}

func readIDXPart(dir, prefix, part string) (*Set, error) {
	imagePath, labelPath := findIDX(dir, prefix+"-images-idx3"), findIDX(dir, prefix+"-labels-idx1")
	switch {
	case imagePath == "" && labelPath == "":
		return nil, nil
	case imagePath == "":
		return nil, fmt.Errorf("%s: its companion %s-images-idx3-ubyte is missing", labelPath, prefix)
	case labelPath == "":
		return nil, fmt.Errorf("%s: its companion %s-labels-idx1-ubyte is missing", imagePath, prefix)
	}
	imageSizes, pixels, err := openIDX(imagePath, idxImages)
	if err != nil {
		return nil, err
	}
	labelSizes, labels, err := openIDX(labelPath, idxLabels)
	if err != nil {
		return nil, err
	}
	if imageSizes[0] != labelSizes[0] {
		return nil, fmt.Errorf("%s: holds %d labels, %s holds %d pictures", labelPath, labelSizes[0], imagePath, imageSizes[0])
	}
	s := &Set{
		Name: setName(dir, part), Height: imageSizes[1], Width: imageSizes[2], Channels: 1,
		Classes: digits, Pixels: pixels, Labels: make([]int, len(labels)),
	}
	for i, v := range labels {
		if int(v) >= len(s.Classes) {
			return nil, fmt.Errorf("%s: label %d is %d, want at most %d", labelPath, i, v, len(s.Classes)-1)
		}
		s.Labels[i] = int(v)
	}
	return s, nil
}

func openIDX(path string, magic uint32) (sizes []int, data []uint8, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	r := io.Reader(bufio.NewReader(file))
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(r); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	if sizes, data, err = readIDX(r, magic); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return sizes, data, nil
}

// readIDX reads a magic number, whose last byte counts the dimensions, their
// sizes, and the bytes they promise. It allocates in step with what r holds.
func readIDX(r io.Reader, magic uint32) (sizes []int, data []uint8, err error) {
	head := make([]byte, 4+4*(magic&0xff))
	n, err := io.ReadFull(r, head)
	if got := binary.BigEndian.Uint32(head); n >= 4 && got != magic {
		return nil, nil, fmt.Errorf("magic number is %#08x, want %#08x: this is not the idx file its name says", got, magic)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("holds %d bytes, an idx header takes %d: %w", n, len(head), err)
	}
	want := uint64(1)
	for b := head[4:]; len(b) > 0; b = b[4:] {
		v := uint64(binary.BigEndian.Uint32(b))
		var over uint64
		if over, want = bits.Mul64(want, v); over != 0 || want > 1<<40 {
			return nil, nil, fmt.Errorf("header promises more than 2^40 bytes: the file is damaged")
		}
		if v == 0 {
			return nil, nil, fmt.Errorf("header promises no data: a size is 0")
		}
		sizes = append(sizes, int(v))
	}
	data, err = io.ReadAll(io.LimitReader(r, int64(want)+1))
	switch n := uint64(len(data)); {
	case n < want && (err == nil || err == io.ErrUnexpectedEOF):
		return nil, nil, fmt.Errorf("holds %d bytes after its header, which promises %d: it is cut short; fetch or copy it again", n, want)
	case err != nil:
		return nil, nil, fmt.Errorf("after %d of %d bytes: %w", n, want, err)
	case n > want:
		return nil, nil, fmt.Errorf("more bytes follow than the %d its header promises: the file is damaged", want)
	}
	return sizes, data, nil
}
