package picture

import (
	"math"

	"github.com/orchid-seq/orchid/internal/random"
)

// RandAugment changes pictures by two operations drawn from a list, each of
// which happens with probability Prob (Cubuk et al., "RandAugment: practical
// automated data augmentation with a reduced search space", 2019).
type RandAugment struct {
	Magnitude float64 // of all operations, 0 to 10
	Prob      float64
	Fill      []uint8 // [Channels], the colour that comes in from outside
}

// A randOp changes a picture by a strength from -1 to 1; spare is of the same
// size, with any content.
type randOp struct {
	name  string
	apply func(p, spare Picture, strength float64, fill []uint8)
}

// randOps is the usual list. At full strength it rotates by 30 degrees, shears by
// 0.3, moves by 0.45 of a side, blends by 0.9, leaves 4 bits of every value,
// and inverts what is brighter than 0. Lines stay in the middle of the picture.
var randOps = []randOp{
	{"identity", func(Picture, Picture, float64, []uint8) {}},
	{"autocontrast", func(p, _ Picture, _ float64, _ []uint8) { p.autocontrast() }},
	{"equalize", func(p, _ Picture, _ float64, _ []uint8) { p.equalize() }},
	{"rotate", func(p, spare Picture, s float64, fill []uint8) {
		sin, cos := math.Sincos(s * 30 * math.Pi / 180)
		p.affine(spare, affine{cos, sin, 0, -sin, cos, 0}, fill)
	}},
	{"solarize", func(p, _ Picture, s float64, _ []uint8) { p.solarize(256 * (1 - math.Abs(s))) }},
	{"color", func(p, _ Picture, s float64, _ []uint8) { p.saturate(1 + 0.9*s) }},
	{"posterize", func(p, _ Picture, s float64, _ []uint8) { p.posterize(8 - int(math.Round(4*math.Abs(s)))) }},
	{"contrast", func(p, _ Picture, s float64, _ []uint8) { p.contrast(1 + 0.9*s) }},
	{"brightness", func(p, _ Picture, s float64, _ []uint8) { p.brighten(1 + 0.9*s) }},
	{"sharpness", func(p, spare Picture, s float64, _ []uint8) { p.sharpen(spare, 1+0.9*s) }},
	{"shear-x", func(p, spare Picture, s float64, fill []uint8) { p.affine(spare, affine{1, 0.3 * s, 0, 0, 1, 0}, fill) }},
	{"shear-y", func(p, spare Picture, s float64, fill []uint8) { p.affine(spare, affine{1, 0, 0, 0.3 * s, 1, 0}, fill) }},
	{"translate-x", func(p, spare Picture, s float64, fill []uint8) {
		p.affine(spare, affine{1, 0, 0.45 * s * float64(p.Width), 0, 1, 0}, fill)
	}},
	{"translate-y", func(p, spare Picture, s float64, fill []uint8) {
		p.affine(spare, affine{1, 0, 0, 0, 1, 0.45 * s * float64(p.Height)}, fill)
	}},
}

// Apply changes p in place; spare is a picture of the same size that it may
// overwrite. The variation depends on the state of r alone, from which it draws
// the same numbers whatever the picture.
func (a RandAugment) Apply(p, spare Picture, r *random.Stream) {
	for range 2 {
		op, sign, chance := r.IntN(len(randOps)), r.IntN(2), r.Float64()
		if chance < a.Prob {
			randOps[op].apply(p, spare, a.Magnitude/10*float64(1-2*sign), a.Fill)
		}
	}
}
