package sound

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The sizes of the chunk "fmt ": the oldest form and the extensible one.
const (
	formatBytes     = 16
	extensibleBytes = 40
)

// The codings of samples, as the first number of "fmt " gives them.
const (
	codingPCM        = 1
	codingFloat      = 3
	codingExtensible = 0xFFFE
)

// guidTail ends the identifier of every coding that also has a number.
const guidTail = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71"

// others names some codings that are not read.
var others = map[uint16]string{
	0x02: "ADPCM", 0x06: "A-law", 0x07: "µ-law", 0x11: "IMA ADPCM", 0x31: "GSM 6.10", 0x50: "MPEG", 0x55: "MP3", 0xFF: "AAC", 0xF1AC: "FLAC",
}

// A coding says how a sample is written: little-endian, in so many bytes. What
// has fewer bits than its bytes stands in the upper ones.
type coding struct {
	float bool
	bytes int
}

// codingOf reads the chunk "fmt ", of at least formatBytes bytes.
func codingOf(b []byte) (coding, error) {
	number := binary.LittleEndian.Uint16(b)
	channels := int(binary.LittleEndian.Uint16(b[2:]))
	frame, bits := int(binary.LittleEndian.Uint16(b[12:])), int(binary.LittleEndian.Uint16(b[14:]))
	if number == codingExtensible {
		if len(b) < extensibleBytes {
			return coding{}, fmt.Errorf("its chunk \"fmt \" of the extensible form has %d bytes, want %d", len(b), extensibleBytes)
		}
		if string(b[26:]) != guidTail {
			return coding{}, fmt.Errorf("a coding of its own (%x): %s", b[24:], wanted)
		}
		number = binary.LittleEndian.Uint16(b[24:])
	}
	c := coding{float: number == codingFloat, bytes: (bits + 7) / 8}
	switch {
	case number != codingPCM && number != codingFloat:
		name := others[number]
		if name == "" {
			name = "unknown"
		}
		return c, fmt.Errorf("coding %#x (%s): %s", number, name, wanted)
	case c.float && bits != 32 && bits != 64, !c.float && (bits < 1 || bits > 32):
		kind := "whole numbers"
		if c.float {
			kind = "floating point"
		}
		return c, fmt.Errorf("samples of %d bits in %s: %s", bits, kind, wanted)
	case frame != channels*c.bytes:
		return c, fmt.Errorf("its header says %d bytes for %d channels of %d bits: want %d", frame, channels, bits, channels*c.bytes)
	}
	return c, nil
}

const wanted = "want PCM of 8, 16, 24 or 32 bits, or floating point of 32 or 64, as by ffmpeg -i IN -c:a pcm_s16le OUT.wav"

// value reads one sample. Bytes alone are the one unsigned form.
func (c coding) value(b []byte) float64 {
	switch {
	case c.float && c.bytes == 4:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case c.float:
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	case c.bytes == 1:
		return (float64(b[0]) - 128) / (1 << 7)
	case c.bytes == 2:
		return float64(int16(binary.LittleEndian.Uint16(b))) / (1 << 15)
	case c.bytes == 3:
		return float64(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
	}
	return float64(int32(binary.LittleEndian.Uint32(b))) / (1 << 31)
}
