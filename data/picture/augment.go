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

// Apply writes src, varied, to dst:
//
//	dst[y, x] = padded[y+dy, x+dx], 0 <= dy, dx <= 2 Pad
//
// or, mirrored, to dst[y, Width-1-x]. The variation depends on the state of r
// alone, from which it draws the same numbers whatever the picture. It panics
// if dst has another size than src or Pad is negative.
func (a Augment) Apply(dst, src Picture, r *random.Stream) {
	if len(dst.Pixels) != len(src.Pixels) || dst.Width != src.Width || dst.Channels != src.Channels || a.Pad < 0 {
		panic(fmt.Sprintf("picture: Augment: dst %d x %d x %d, src %d x %d x %d; Pad %d",
			dst.Height, dst.Width, dst.Channels, src.Height, src.Width, src.Channels, a.Pad))
	}
	dy, dx := r.IntN(2*a.Pad+1)-a.Pad, r.IntN(2*a.Pad+1)-a.Pad
	flip := a.Flip && r.IntN(2) == 1
	c := src.Channels
	for y := range src.Height {
		to, from := dst.row(y), src.row(mirror(y+dy, src.Height))
		for x := range src.Width {
			at := mirror(x+dx, src.Width)
			if flip {
				at = mirror(src.Width-1-x+dx, src.Width)
			}
			copy(to[x*c:(x+1)*c], from[at*c:])
		}
	}
}

// mirror returns the pixel that stands at place i, inside or outside of a
// line of n pixels that is continued by mirror images of itself.
func mirror(i, n int) int {
	if uint(i) < uint(n) {
		return i
	}
	i %= 2 * n
	if i < 0 {
		i += 2 * n
	}
	return min(i, 2*n-1-i)
}
