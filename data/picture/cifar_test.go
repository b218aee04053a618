package picture

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// record returns a CIFAR record whose pixel p has the values p, p+1, p+2.
func record(label byte) []byte {
	b := []byte{label}
	for c := range 3 {
		for p := range cifarPlane {
			b = append(b, byte(p+c))
		}
	}
	return b
}

func TestReadCIFAR10(t *testing.T) {
	dir := t.TempDir()
	write(t, record(9), dir, cifarFolder, "data_batch_5.bin")
	write(t, slices.Concat(record(3), record(0)), dir, cifarFolder, "data_batch_2.bin")
	var notes []string
	train, test, err := Open(t.Context(), dir, Options{Note: func(text string) { notes = append(notes, text) }})
	if err != nil || test != nil {
		t.Fatal(test, err)
	}
	if len(notes) != 2 || !strings.Contains(notes[0], "data_batch_2.bin: 2 pictures, where that of CIFAR-10 has 10,000") {
		t.Errorf("%q", notes)
	}
	check(t, train)
	if !slices.Equal(train.Labels, []int{3, 0, 9}) || !slices.Equal(at(train, 2).Pixels[3*100:3*100+6], []uint8{100, 101, 102, 101, 102, 103}) {
		t.Errorf("labels %v, pixels %v", train.Labels, at(train, 2).Pixels[300:306])
	}
	write(t, record(7), dir, cifarFolder, "test_batch.bin")
	for _, dir := range []string{dir, dir + "/" + cifarFolder} {
		if _, test, err = Open(t.Context(), dir, Options{}); err != nil || !slices.Equal(test.Labels, []int{7}) {
			t.Errorf("test part %v, %v", test, err)
		}
	}
}

func TestReadCIFAR10Refuses(t *testing.T) {
	dir := t.TempDir()
	write(t, record(1)[:3000], dir, "test_batch.bin")
	_, _, err := Open(t.Context(), dir, Options{})
	wantError(t, err, "test_batch.bin", "holds 3000 bytes", "multiple of 3073", "cut short")
	write(t, nil, dir, "test_batch.bin")
	_, _, err = Open(t.Context(), dir, Options{})
	wantError(t, err, "test_batch.bin", "holds 0 bytes")
	write(t, slices.Concat(record(1), record(10)), dir, "test_batch.bin")
	_, _, err = Open(t.Context(), dir, Options{})
	wantError(t, err, "test_batch.bin", "label of record 1 is 10")
	write(t, make([]byte, cifarBatch*cifarRecord), dir, "data_batch_2.bin")
	_, _, err = Open(t.Context(), dir, Options{})
	wantError(t, err, dir+": data_batch_1.bin, data_batch_3.bin, data_batch_4.bin, data_batch_5.bin missing; copy or unpack all")
}

func FuzzCIFAR10(f *testing.F) {
	f.Add(record(3))
	f.Add(slices.Concat(record(9), record(10)))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		s := Set{Height: cifarSide, Width: cifarSide, Channels: 3, Classes: cifarClasses}
		if s.appendCIFAR10(b) != nil {
			return
		}
		check(t, &s)
		// Back to planes.
		var again []byte
		for i, label := range s.Labels {
			again = append(again, byte(label))
			for c := range 3 {
				for p := range cifarPlane {
					again = append(again, at(&s, i).Pixels[3*p+c])
				}
			}
		}
		if !bytes.Equal(again, b) {
			t.Fatal("pixels changed")
		}
	})
}
