package sound

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
)

// chunk is one of a RIFF file, with the byte that fills up an odd one.
func chunk(id string, data []byte) []byte {
	b := append([]byte(id), binary.LittleEndian.AppendUint32(nil, uint32(len(data)))...)
	b = append(b, data...)
	if len(data)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

func riff(chunks ...[]byte) []byte {
	body := append([]byte("WAVE"), bytes.Join(chunks, nil)...)
	return append(append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(len(body)))...), body...)
}

// form is the chunk "fmt " of the old form.
func form(number, channels, rate, bits int) []byte {
	frame := channels * ((bits + 7) / 8)
	var b []byte
	b = binary.LittleEndian.AppendUint16(b, uint16(number))
	b = binary.LittleEndian.AppendUint16(b, uint16(channels))
	b = binary.LittleEndian.AppendUint32(b, uint32(rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(rate*frame))
	b = binary.LittleEndian.AppendUint16(b, uint16(frame))
	return binary.LittleEndian.AppendUint16(b, uint16(bits))
}

// extensible is the longer form.
func extensible(number, channels, rate, bits int) []byte {
	b := append(form(codingExtensible, channels, rate, bits), 22, 0, byte(bits), 0, 0, 0, 0, 0)
	return append(binary.LittleEndian.AppendUint16(b, uint16(number)), guidTail...)
}

func float32s(x ...float32) (b []byte) {
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

func float64s(x ...float64) (b []byte) {
	for _, v := range x {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

// pcm16 is a mono file of 16 bits.
func pcm16(rate int, x []float64) []byte {
	var b []byte
	for _, v := range x {
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(math.Round(v*32767))))
	}
	return riff(chunk("fmt ", form(codingPCM, 1, rate, 16)), chunk("data", b))
}

func decode(b []byte) ([]float32, Header, error) { return Decode(bytes.NewReader(b), int64(len(b))) }

// TestCodings: each way of writing samples gives the numbers it stands for.
func TestCodings(t *testing.T) {
	list := chunk("LIST", []byte("INFOsomething odd"))
	for name, c := range map[string]struct {
		format, data []byte
		want         []float32
	}{
		"8 bits":            {form(1, 1, 8000, 8), []byte{128, 0, 255, 192, 64}, []float32{0, -1, 127. / 128, 0.5, -0.5}},
		"16 bits":           {form(1, 1, 8000, 16), []byte{0, 0, 0, 0x80, 0xFF, 0x7F, 0, 0x40}, []float32{0, -1, 32767. / 32768, 0.5}},
		"24 bits":           {form(1, 1, 8000, 24), []byte{0, 0, 0x80, 0, 0, 0x40, 1, 0, 0}, []float32{-1, 0.5, 1. / (1 << 23)}},
		"32 bits":           {form(1, 1, 8000, 32), []byte{0, 0, 0, 0x80, 0, 0, 0, 0x20}, []float32{-1, 0.25}},
		"12 bits in 16":     {form(1, 1, 8000, 12), []byte{0, 0x40, 0, 0xC0}, []float32{0.5, -0.5}},
		"float of 32":       {form(3, 1, 8000, 32), float32s(0.125, -1.5), []float32{0.125, -1.5}},
		"float of 64":       {form(3, 1, 8000, 64), float64s(0.1, -3), []float32{0.1, -3}},
		"stereo":            {form(1, 2, 8000, 16), []byte{0, 0x40, 0, 0, 0, 0x40, 0, 0x40}, []float32{0.25, 0.5}},
		"three channels":    {form(3, 3, 8000, 32), float32s(3, 6, 0, 1, 1, -5), []float32{3, -1}},
		"extensible":        {extensible(1, 1, 8000, 16), []byte{0, 0x40}, []float32{0.5}},
		"extensible, float": {extensible(3, 2, 8000, 32), float32s(1, 0), []float32{0.5}},
		"longer fmt":        {append(form(1, 1, 8000, 16), 0, 0), []byte{0, 0x40}, []float32{0.5}},
	} {
		for where, file := range map[string][]byte{
			"plain":     riff(chunk("fmt ", c.format), chunk("data", c.data)),
			"LIST":      riff(list, chunk("fmt ", c.format), chunk("fact", []byte{1, 2, 3}), list, chunk("data", c.data), list),
			"whole 0":   append([]byte("RIFF\x00\x00\x00\x00"), riff(chunk("fmt ", c.format), chunk("data", c.data))[8:]...),
			"more data": append(riff(chunk("fmt ", c.format), chunk("data", c.data)), "something behind it"...),
		} {
			x, h, err := decode(file)
			if err != nil || h.Rate != 8000 || h.Samples != len(c.want) {
				t.Errorf("%s, %s: %+v, %v", name, where, h, err)
				continue
			}
			numtest.BitEqual(t, name+", "+where, x, c.want)
		}
	}
}

// TestBadFiles: the error names the file and what is wrong.
func TestBadFiles(t *testing.T) {
	good := pcm16(8000, []float64{0, 0.5, -0.5})
	change := func(at int, b ...byte) []byte {
		c := bytes.Clone(good)
		copy(c[at:], b)
		return c
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "a.wav")
	for want, file := range map[string][]byte{
		"holds 0 bytes: too few for a WAV file":                                nil,
		`begins with "OggS\x00`:                                                append([]byte("OggS\x00"), make([]byte, 50)...),
		"a file of the form RF64":                                              change(0, []byte("RF64")...),
		"has no chunk of samples":                                              good[:36],
		"its header promises 6 bytes of samples, 3 are there":                  good[:len(good)-3],
		"holds no samples":                                                     pcm16(8000, nil),
		"the number of its samples was never written":                          change(40, 255, 255, 255, 255),
		"its 5 bytes of samples are no multiple of the 2 that 1 channels take": change(40, 5),
		"its samples stand before the chunk":                                   riff(chunk("data", []byte{1, 2}), chunk("fmt ", form(1, 1, 8000, 16))),
		`its chunk "fmt " has 3 bytes, want at least 16`:                       riff(chunk("fmt ", []byte{1, 2, 3}), chunk("data", []byte{1, 2})),
		"coding 0x7 (µ-law): want PCM of 8, 16, 24 or 32 bits":                 change(20, 7),
		"coding 0x1234 (unknown)":                                              change(20, 0x34, 0x12),
		"samples of 64 bits in whole numbers":                                  riff(chunk("fmt ", form(1, 1, 8000, 64)), chunk("data", make([]byte, 8))),
		"samples of 16 bits in floating point":                                 riff(chunk("fmt ", form(3, 1, 8000, 16)), chunk("data", make([]byte, 8))),
		"its header says 0 channels":                                           change(22, 0),
		"its header says 0 samples a second":                                   change(24, 0, 0, 0, 0),
		"its header says 4 bytes for 1 channels of 16 bits: want 2":            change(32, 4),
		`its chunk "fmt " of the extensible form has 16 bytes, want 40`:        change(20, 0xFE, 0xFF),
		"a coding of its own":                                                  riff(chunk("fmt ", append(extensible(1, 1, 8000, 16)[:39], 1)), chunk("data", []byte{1, 2})),
		"sample 1 of 2 is NaN":                                                 riff(chunk("fmt ", form(3, 1, 8000, 32)), chunk("data", float32s(1, float32(math.NaN())))),
	} {
		if err := os.WriteFile(path, file, 0o644); err != nil {
			t.Fatal(err)
		}
		_, _, err := ReadFile(path)
		if err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %s", err, want)
		}
		if _, err := ReadHeader(path); (err == nil) != strings.HasSuffix(want, "NaN") {
			t.Errorf("%s: the header alone gives %v", want, err)
		}
	}
	if _, _, err := ReadFile(dir); err == nil || !strings.Contains(err.Error(), "a folder where a file is wanted") {
		t.Errorf("a folder: %v", err)
	}
	if _, _, err := ReadFile(filepath.Join(dir, "none.wav")); err == nil {
		t.Error("no file was read")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(pcm16(8000, []float64{0, 0.5, -0.5}))
	f.Add(riff(chunk("LIST", []byte("abc")), chunk("fmt ", extensible(3, 2, 44100, 32)), chunk("data", float32s(1, 0, 2, -1))))
	f.Add(riff(chunk("fmt ", form(1, 3, 8000, 24)), chunk("data", make([]byte, 18))))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, h, err := decode(b)
		if err != nil {
			return
		}
		if len(x) != h.Samples || len(x) < 1 || len(x) > len(b) || h.Rate < 1 || h.Channels < 1 {
			t.Errorf("%d samples, %+v, of %d bytes", len(x), h, len(b))
		}
		for _, v := range x {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				t.Errorf("a sample is %v", v)
			}
		}
	})
}
