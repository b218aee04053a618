package safetensors

import (
	"encoding/binary"
	"math"
)

// A DType names the type of a tensor's elements, as the header spells it.
type DType string

// The element types of the format. Those without a comment can be carried but
// are only read as bytes.
const (
	F64    DType = "F64"  // read by Float32, rounded to nearest
	F32    DType = "F32"  // read by Float32, written from a tensor
	F16    DType = "F16"  // read by Float32: IEEE 754 binary16
	BF16   DType = "BF16" // read by Float32: the upper half of an F32
	F8E4M3 DType = "F8_E4M3"
	F8E5M2 DType = "F8_E5M2"
	I64    DType = "I64" // read and written by Int64
	U64    DType = "U64"
	I32    DType = "I32"
	U32    DType = "U32"
	I16    DType = "I16"
	U16    DType = "U16"
	I8     DType = "I8"
	U8     DType = "U8" // written by Uint8
	Bool   DType = "BOOL"
)

// Size returns the bytes of one element, 0 for a type that the format lacks.
func (d DType) Size() int {
	switch d {
	case F64, I64, U64:
		return 8
	case F32, I32, U32:
		return 4
	case F16, BF16, I16, U16:
		return 2
	case F8E4M3, F8E5M2, I8, U8, Bool:
		return 1
	}
	return 0
}

// decoder returns the function that turns little-endian elements into
// float32, nil for a type that is not a float of 16 bits or more.
func (d DType) decoder() func(dst []float32, src []byte) {
	switch d {
	case F64:
		return func(dst []float32, src []byte) {
			for i := range dst {
				dst[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(src[8*i:])))
			}
		}
	case F32:
		return func(dst []float32, src []byte) {
			for i := range dst {
				dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
			}
		}
	case F16:
		return func(dst []float32, src []byte) {
			for i := range dst {
				dst[i] = fromHalf(binary.LittleEndian.Uint16(src[2*i:]))
			}
		}
	case BF16:
		return func(dst []float32, src []byte) {
			for i := range dst {
				dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(src[2*i:])) << 16)
			}
		}
	}
	return nil
}

// fromHalf widens a binary16 (1 sign, 5 exponent, 10 fraction bits), exactly.
func fromHalf(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10&31), uint32(h&1023)
	switch exp {
	case 0: // zero or subnormal: frac * 2^-24, which float32 holds as a normal number
		return math.Float32frombits(sign | math.Float32bits(float32(frac)*0x1p-24))
	case 31: // Inf, or NaN with its payload
		return math.Float32frombits(sign | 0xff<<23 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}
