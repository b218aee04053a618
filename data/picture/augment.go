package picture

import (
	"fmt"

	"github.com/orchid-seq/orchid/internal/random"
)

// Augment varies the pictures of a training set at random: a crop of the
// picture's own size out of the picture padded by Pad pixels on every side,
// then, if Flip is set, a mirror image half of the time. The padding is
// symmetric: it mirrors the picture at its edge, the edge pixel included.
type Augment struct {
	Pad  int
	Flip bool
}

// Apply writes picture i of the set, varied, to dst:
//
//	dst[y, x] = padded[y+dy, x+dx], 0 <= dy, dx <= 2 Pad
//
// or, mirrored, to dst[y, Width-1-x]. The variation depends on the state of r
// alone, from which it draws the same numbers whatever the picture. It panics
// if dst does not hold exactly one picture or Pad is negative.
func (a Augment) Apply(dst []uint8, s *Set, i int, r *random.Stream) {
	src := s.At(i)
	if len(dst) != len(src) || a.Pad < 0 {
		panic(fmt.Sprintf("picture: Augment: dst holds %d values, a picture %d; Pad %d", len(dst), len(src), a.Pad))
	}
	dy, dx := r.IntN(2*a.Pad+1)-a.Pad, r.IntN(2*a.Pad+1)-a.Pad
	flip := a.Flip && r.IntN(2) == 1
	c := s.Channels
	for y := range s.Height {
		row := src[mirror(y+dy, s.Height)*s.Width*c:]
		for x := range s.Width {
			from := mirror(x+dx, s.Width)
			if flip {
				from = mirror(s.Width-1-x+dx, s.Width)
			}
			copy(dst[(y*s.Width+x)*c:][:c], row[from*c:])
		}
	}
}

// mirror returns the pixel that stands at place i, inside or outside of a
// line of n pixels that is continued by mirror images of itself.
func mirror(i, n int) int {
	i %= 2 * n
	if i < 0 {
		i += 2 * n
	}
	return min(i, 2*n-1-i)
}
