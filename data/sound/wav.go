package sound

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/orchid-seq/orchid/internal/whole"
)

// A Header says what a WAV file holds.
type Header struct {
	Rate     int // samples a second
	Channels int
	Samples  int // of each channel
	coding   coding
	at       int64 // the first byte of the samples
}

// maxRate is beyond what any converter of sound gives, in samples a second.
const maxRate = 1 << 20

// The chunks of a WAV file: four letters and a size, then so many bytes, and one
// more if they are odd. See "Multimedia Programming Interface and Data
// Specifications 1.0" (IBM and Microsoft, 1991).
const chunkHead = 8

// unwritten stands for a size that a program which wrote to a pipe could not go
// back and fill in.
const unwritten = math.MaxUint32

// ReadHeader reads what a WAV file holds without its samples. The error names
// the file and says what is wrong.
func ReadHeader(path string) (Header, error) {
	f, h, err := open(path)
	if err != nil {
		return Header{}, err
	}
	return h, f.Close()
}

// ReadFile returns the samples of a WAV file in [-1, 1], the mean of its
// channels. The error names the file and says what is wrong.
func ReadFile(path string) ([]float32, Header, error) {
	f, h, err := open(path)
	if err != nil {
		return nil, Header{}, err
	}
	defer f.Close()
	x := make([]float32, h.Samples)
	if err := h.read(x, f); err != nil {
		return nil, Header{}, fmt.Errorf("%s: %w", path, err)
	}
	return x, h, nil
}

// Decode is ReadFile for size bytes of any source; its errors name none.
func Decode(r io.ReaderAt, size int64) ([]float32, Header, error) {
	h, err := parse(r, size)
	if err != nil {
		return nil, Header{}, err
	}
	x := make([]float32, h.Samples)
	return x, h, h.read(x, r)
}

func open(path string) (*os.File, Header, error) {
	f, err := whole.Open(path)
	if err != nil {
		return nil, Header{}, err
	}
	var h Header
	info, err := f.Stat()
	if err == nil {
		h, err = parse(f, info.Size())
	}
	if err != nil {
		f.Close()
		return nil, Header{}, fmt.Errorf("%s: %w", path, err)
	}
	return f, h, nil
}

// parse walks the chunks up to that of the samples. The size of the whole, which
// stands first, is not asked: where it and the chunks differ, the chunks are right.
func parse(r io.ReaderAt, size int64) (h Header, err error) {
	var head [12]byte
	if err := readAt(r, head[:], 0, size); err != nil {
		return h, fmt.Errorf("holds %d bytes: too few for a WAV file", size)
	}
	switch form := string(head[:4]); {
	case form == "RF64" || form == "RIFX":
		return h, fmt.Errorf("a file of the form %s: want RIFF, the usual form of WAV", form)
	case form != "RIFF" || string(head[8:]) != "WAVE":
		return h, fmt.Errorf("begins with %q, a WAV file with RIFF, a size and WAVE: this is not the WAV file that its name says", head)
	}
	for at := int64(len(head)); ; {
		var b [chunkHead]byte
		if err := readAt(r, b[:], at, size); err != nil {
			return h, errors.New("has no chunk of samples (\"data\"): it is cut short, or holds something else than sound")
		}
		id, n := string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:]))
		at += chunkHead
		switch id {
		case "fmt ":
			if err := h.format(r, at, min(n, size-at)); err != nil {
				return h, err
			}
		case "data":
			h.at = at
			return h, h.count(n, size-at)
		}
		at += n + n&1
	}
}

// format reads the chunk that describes the samples, of n bytes.
func (h *Header) format(r io.ReaderAt, at, n int64) error {
	b := make([]byte, min(max(n, 0), extensibleBytes))
	if len(b) < formatBytes {
		return fmt.Errorf("its chunk \"fmt \" has %d bytes, want at least %d", n, formatBytes)
	}
	if err := readAt(r, b, at, at+n); err != nil {
		return err
	}
	h.Channels = int(binary.LittleEndian.Uint16(b[2:]))
	rate := binary.LittleEndian.Uint32(b[4:])
	switch {
	case h.Channels == 0:
		return errors.New("its header says 0 channels")
	case rate == 0 || rate > maxRate:
		return fmt.Errorf("its header says %d samples a second, want 1 to %d", rate, maxRate)
	}
	h.Rate = int(rate)
	var err error
	h.coding, err = codingOf(b)
	return err
}

// count takes the number of samples from the size of their chunk, of which so
// many bytes are there.
func (h *Header) count(n, there int64) error {
	frame := int64(h.Channels * h.coding.bytes)
	switch {
	case h.Channels == 0:
		return errors.New("its samples stand before the chunk \"fmt \" that describes them")
	case n == unwritten:
		return errors.New("the number of its samples was never written, as by a program that wrote to a pipe: write it again, as by ffmpeg -i IN.wav OUT.wav")
	case n == 0:
		return errors.New("holds no samples")
	case n > there:
		return fmt.Errorf("its header promises %d bytes of samples, %d are there: it is cut short; fetch or copy it again", n, there)
	case n%frame != 0:
		return fmt.Errorf("its %d bytes of samples are no multiple of the %d that %d channels take: the header is wrong, or it is cut short", n, frame, h.Channels)
	}
	h.Samples = int(n / frame)
	return nil
}

// read writes the mean of the channels to x, of as many samples as there are.
func (h Header) read(x []float32, r io.ReaderAt) error {
	frame := h.Channels * h.coding.bytes
	buffer := make([]byte, frame*min(max(1, blockBytes/frame), len(x)))
	at := h.at
	for i := 0; i < len(x); {
		b := buffer[:min(len(buffer), frame*(len(x)-i))]
		if n, err := r.ReadAt(b, at); n < len(b) {
			return fmt.Errorf("sample %d of %d cannot be read: %w", i, len(x), err)
		}
		at += int64(len(b))
		for ; len(b) > 0; b, i = b[frame:], i+1 {
			sum := 0.0
			for c := range h.Channels {
				sum += h.coding.value(b[c*h.coding.bytes:])
			}
			x[i] = float32(sum / float64(h.Channels))
			if v := float64(x[i]); math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("sample %d of %d is %v", i, len(x), v)
			}
		}
	}
	return nil
}

// blockBytes are read at a time.
const blockBytes = 64 << 10

// readAt fills b from at, all of which must lie below size.
func readAt(r io.ReaderAt, b []byte, at, size int64) error {
	if at < 0 || at+int64(len(b)) > size {
		return io.ErrUnexpectedEOF
	}
	if n, err := r.ReadAt(b, at); n < len(b) {
		return err
	}
	return nil
}

// baseOf names a recording by its file and folder.
func baseOf(path string) string {
	return filepath.Join(filepath.Base(filepath.Dir(path)), filepath.Base(path))
}
