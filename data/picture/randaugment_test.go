package picture

import (
	"slices"
	"testing"

	"github.com/orchid-seq/orchid/internal/random"
)

// grid returns a grey picture of rows.
func grid(rows ...[]uint8) Picture {
	return Picture{len(rows), len(rows[0]), 1, slices.Concat(rows...)}
}

// TestRandOps works every operation out by hand on a small picture.
func TestRandOps(t *testing.T) {
	for _, c := range []struct {
		name     string
		strength float64
		in, want Picture
	}{
		{"identity", 1, grid([]uint8{1, 2}), grid([]uint8{1, 2})},
		{"autocontrast", 1, grid([]uint8{50, 101, 152}), grid([]uint8{0, 128, 255})},
		{"autocontrast", 1, grid([]uint8{50, 50}), grid([]uint8{50, 50})},
		// 510 pixels but for the last: a step of 2, and 1 from 0 on.
		{
			"equalize", 1,
			Picture{1, 511, 1, append(append(slices.Repeat([]uint8{10}, 10), slices.Repeat([]uint8{20}, 500)...), 30)},
			Picture{1, 511, 1, append(append(slices.Repeat([]uint8{0}, 10), slices.Repeat([]uint8{5}, 500)...), 255)},
		},
		{"equalize", 1, grid([]uint8{7, 9, 9}), grid([]uint8{7, 9, 9})}, // too few pixels for a step
		{"solarize", 0.25, grid([]uint8{191, 192, 255}), grid([]uint8{191, 63, 0})},
		{"solarize", 0, grid([]uint8{0, 255}), grid([]uint8{0, 255})},
		{"color", 1, Picture{1, 1, 3, []uint8{200, 100, 50}}, Picture{1, 1, 3, []uint8{255, 78, 0}}}, // grey 124: + 1.9 * 76, -24, -74
		{"color", -1, Picture{1, 1, 3, []uint8{200, 100, 50}}, Picture{1, 1, 3, []uint8{132, 122, 117}}},
		{"color", 1, grid([]uint8{200}), grid([]uint8{200})},
		{"posterize", 1, grid([]uint8{0x4f, 0xff}), grid([]uint8{0x40, 0xf0})},
		{"posterize", -0.25, grid([]uint8{0x4f, 0xff}), grid([]uint8{0x4e, 0xfe})},
		{"posterize", 0, grid([]uint8{0x4f}), grid([]uint8{0x4f})},
		{"contrast", 1, grid([]uint8{90, 110, 0, 200}), grid([]uint8{81, 119, 0, 255})}, // mean 100
		{"contrast", -1, Picture{1, 2, 3, []uint8{200, 100, 50, 0, 0, 0}}, Picture{1, 2, 3, []uint8{76, 66, 61, 56, 56, 56}}},
		{"brightness", -1, grid([]uint8{0, 100, 255}), grid([]uint8{0, 10, 25})},
		{"brightness", 1, grid([]uint8{0, 100, 255}), grid([]uint8{0, 190, 255})},
		// 5 * 130 + 8 * 0 = 650, / 13 = 50; 50 + 1.9 * 80 = 202; or 50 + 0.1 * 80.
		{"sharpness", 1, grid([]uint8{0, 0, 0}, []uint8{0, 130, 0}, []uint8{0, 0, 0}), grid([]uint8{0, 0, 0}, []uint8{0, 202, 0}, []uint8{0, 0, 0})},
		{"sharpness", -1, grid([]uint8{0, 0, 0}, []uint8{0, 130, 0}, []uint8{0, 0, 0}), grid([]uint8{0, 0, 0}, []uint8{0, 58, 0}, []uint8{0, 0, 0})},
		{"sharpness", 1, grid([]uint8{0, 130}), grid([]uint8{0, 130})},
		// The rows above and below the middle shift by 0.3 times 10 and 0.3 * 20 / 3.
		{
			"shear-x", -1, grid([]uint8{10, 20, 30, 40}, []uint8{10, 20, 30, 40}, []uint8{10, 20, 30, 40}),
			grid([]uint8{13, 23, 33, 58}, []uint8{10, 20, 30, 40}, []uint8{37, 17, 27, 37}),
		},
		{"shear-y", 1, grid([]uint8{100, 100, 100}), grid([]uint8{100, 100, 100})},
		{"translate-x", 1. / 1.8, grid([]uint8{10, 20, 30, 40}), grid([]uint8{20, 30, 40, 100})},
		{"translate-x", -1, grid([]uint8{10, 20, 30, 40}), grid([]uint8{100, 82, 12, 22})}, // 1.8 to the right
		{"translate-y", -1. / 1.8, grid([]uint8{10}, []uint8{20}, []uint8{30}, []uint8{40}), grid([]uint8{100}, []uint8{10}, []uint8{20}, []uint8{30})},
		{"rotate", 0, grid([]uint8{1, 2}, []uint8{3, 4}), grid([]uint8{1, 2}, []uint8{3, 4})},
		{"rotate", 3, grid([]uint8{1, 2}, []uint8{3, 4}), grid([]uint8{3, 1}, []uint8{4, 2})}, // 90 degrees, which only a test asks for
	} {
		i := slices.IndexFunc(randOps, func(op randOp) bool { return op.name == c.name })
		if i < 0 {
			t.Fatalf("no %s", c.name)
		}
		p := Picture{c.in.Height, c.in.Width, c.in.Channels, slices.Clone(c.in.Pixels)}
		spare := Picture{p.Height, p.Width, p.Channels, slices.Repeat([]uint8{77}, len(p.Pixels))}
		randOps[i].apply(p, spare, c.strength, []uint8{100, 100, 100}[:p.Channels])
		if !slices.Equal(p.Pixels, c.want.Pixels) {
			t.Errorf("%s by %g: got %v, want %v", c.name, c.strength, p.Pixels, c.want.Pixels)
		}
	}
}

// TestRandAugment: magnitude 0 changes little, probability 0 nothing, and at
// full strength every operation comes up on pictures of both kinds.
func TestRandAugment(t *testing.T) {
	for _, C := range []int{1, 3} {
		src := New(9, 7, C)
		for i := range src.Pixels {
			src.Pixels[i] = uint8(i * 11)
		}
		r := random.New(3, "augment")
		p, spare := New(9, 7, C), New(9, 7, C)
		distinct := func(a RandAugment) int {
			seen := map[string]bool{}
			for range 2000 {
				copy(p.Pixels, src.Pixels)
				a.Apply(p, spare, &r)
				seen[string(p.Pixels)] = true
			}
			return len(seen)
		}
		if n := distinct(RandAugment{9, 0, make([]uint8, C)}); n != 1 {
			t.Errorf("%d channels, probability 0: %d pictures", C, n)
		}
		// 14 operations, 10 of them in two directions, one of them nothing, at most
		// two at once.
		if n := distinct(RandAugment{9, 0.5, make([]uint8, C)}); n < 150 || n > 24*24+24+1 {
			t.Errorf("%d channels: %d pictures", C, n)
		}
	}
}
