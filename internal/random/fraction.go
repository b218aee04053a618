package random

import (
	"crypto/sha256"
	"encoding/binary"
)

// Fraction returns a number in [0, 1) that hangs on a name alone: its SHA-256, as a
// fraction. What is divided by it stays on its side when other names come or go.
func Fraction(name string) float64 {
	sum := sha256.Sum256([]byte(name))
	return float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
}
