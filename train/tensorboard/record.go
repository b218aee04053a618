package tensorboard

import (
	"encoding/binary"
	"hash/crc32"
	"math"
)

// Protobuf keys are a field number and how its value is stored.
const (
	varint  = 0
	fixed64 = 1
	bytes   = 2
	fixed32 = 5
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// maskedCRC is the checksum of the TFRecord format: CRC-32C, rotated and
// shifted so that a checksum of data that hold checksums stays a good one.
func maskedCRC(b []byte) uint32 {
	c := crc32.Checksum(b, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

// appendRecord appends a TFRecord: the length and its checksum, the data and
// theirs.
func appendRecord(b, data []byte) []byte {
	at := len(b)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(data)))
	b = binary.LittleEndian.AppendUint32(b, maskedCRC(b[at:]))
	b = append(b, data...)
	return binary.LittleEndian.AppendUint32(b, maskedCRC(data))
}

// The functions below append one field of a protobuf message.

func appendVarint(b []byte, field int, v int64) []byte {
	b = append(b, byte(field<<3|varint))
	return binary.AppendUvarint(b, uint64(v))
}

func appendBytes(b []byte, field int, v []byte) []byte {
	b = append(b, byte(field<<3|bytes))
	b = binary.AppendUvarint(b, uint64(len(v)))
	return append(b, v...)
}

func appendDouble(b []byte, field int, v float64) []byte {
	b = append(b, byte(field<<3|fixed64))
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
}

func appendFloat(b []byte, field int, v float32) []byte {
	b = append(b, byte(field<<3|fixed32))
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
}
