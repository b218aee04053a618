package picture

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// idx returns an idx file.
func idx(magic uint32, sizes []uint32, data ...byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, magic)
	for _, v := range sizes {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return append(b, data...)
}

func gz(b []byte) []byte {
	var w bytes.Buffer
	z := gzip.NewWriter(&w)
	z.Write(b)
	z.Close()
	return w.Bytes()
}

func TestReadIDX(t *testing.T) {
	pictures := idx(idxImages, []uint32{2, 2, 3}, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
	labels := idx(idxLabels, []uint32{2}, 9, 0)
	dir := t.TempDir()
	write(t, pictures, dir, "train-images-idx3-ubyte")
	write(t, gz(labels), dir, "train-labels-idx1-ubyte.gz")
	train, test, err := Open(t.Context(), dir, Options{})
	if err != nil || test != nil {
		t.Fatal(test, err)
	}
	check(t, train)
	if train.Height != 2 || train.Width != 3 || train.Channels != 1 || !slices.Equal(train.Labels, []int{9, 0}) ||
		!slices.Equal(at(train, 1).Pixels, []uint8{7, 8, 9, 10, 11, 12}) {
		t.Errorf("got %+v", train)
	}
	write(t, gz(pictures), dir, "t10k-images-idx3-ubyte.gz")
	write(t, labels, dir, "t10k-labels-idx1-ubyte")
	if _, test, err = ReadIDX(dir); err != nil || !cmp.Equal(test.Pixels, train.Pixels) {
		t.Errorf("test part %+v, %v", test, err)
	}
}

func TestReadIDXRefuses(t *testing.T) {
	pictures := idx(idxImages, []uint32{2, 1, 2}, 1, 2, 3, 4)
	labels := idx(idxLabels, []uint32{2}, 9, 0)
	for name, c := range map[string]struct {
		pictures, labels []byte
		want             []string
	}{
		"no labels":    {pictures, nil, []string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte is missing"}},
		"no pictures":  {nil, labels, []string{"train-images-idx3-ubyte is missing"}},
		"swapped":      {labels, pictures, []string{"train-images-idx3-ubyte", "magic number is 0x00000801, want 0x00000803"}},
		"empty":        {[]byte{}, labels, []string{"train-images-idx3-ubyte", "holds 0 bytes, an idx header takes 16"}},
		"short header": {pictures[:9], labels, []string{"holds 9 bytes, an idx header takes 16"}},
		"short":        {pictures[:18], labels, []string{"train-images-idx3-ubyte", "holds 2 bytes after its header, which promises 4"}},
		"long":         {pictures, append(labels, 1), []string{"train-labels-idx1-ubyte", "more bytes follow than the 2"}},
		"count":        {pictures, idx(idxLabels, []uint32{1}, 3), []string{"holds 1 labels", "holds 2 pictures"}},
		"label":        {pictures, idx(idxLabels, []uint32{2}, 3, 10), []string{"train-labels-idx1-ubyte", "label 1 is 10, want at most 9"}},
		"zero":         {idx(idxImages, []uint32{0, 1, 2}), labels, []string{"a size is 0"}},
		"overflow":     {idx(idxImages, []uint32{1 << 31, 1 << 31, 4}), labels, []string{"more than 2^40"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if c.pictures != nil {
				write(t, c.pictures, dir, "train-images-idx3-ubyte")
			}
			if c.labels != nil {
				write(t, c.labels, dir, "train-labels-idx1-ubyte")
			}
			_, _, err := ReadIDX(dir)
			wantError(t, err, c.want...)
		})
	}
	dir := t.TempDir()
	_, _, err := ReadIDX(dir)
	wantError(t, err, dir, "want train-images-idx3-ubyte")
	write(t, labels, dir, "train-labels-idx1-ubyte")
	write(t, pictures, dir, "train-images-idx3-ubyte.gz")
	_, _, err = ReadIDX(dir)
	wantError(t, err, "train-images-idx3-ubyte.gz", "gzip")
	write(t, gz(pictures)[:20], dir, "train-images-idx3-ubyte.gz")
	_, _, err = ReadIDX(dir)
	wantError(t, err, "train-images-idx3-ubyte.gz", "unexpected EOF")
}

func FuzzReadIDX(f *testing.F) {
	f.Add(idx(idxImages, []uint32{2, 1, 2}, 1, 2, 3, 4), uint32(idxImages))
	f.Add(idx(idxLabels, []uint32{2}, 9, 0), uint32(idxLabels))
	f.Add(idx(idxImages, []uint32{1 << 30, 1 << 9, 1}, 1), uint32(idxImages))
	f.Fuzz(func(t *testing.T, b []byte, magic uint32) {
		if magic != idxImages {
			magic = idxLabels
		}
		sizes, data, err := readIDX(bytes.NewReader(b), magic)
		if err != nil {
			return
		}
		n := 1
		for _, v := range sizes {
			n *= v
		}
		if len(data) != n || !bytes.HasSuffix(b, data) || len(b) != 4+4*len(sizes)+n {
			t.Fatalf("sizes %v, %d bytes out of %d", sizes, len(data), len(b))
		}
	})
}
