package picture

import (
	"math"

	"github.com/orchid-seq/orchid/internal/random"
)

// ScaleCrop writes a random part of src to dst, resized: the random resized crop
// of ImageNet. Its area is a uniform share, from least to 1, of that of src; its
// width over its height is 3/4 to 4/3, uniform in the logarithm; its place is
// uniform. After ten parts that do not fit it takes the largest centred one of
// such proportions. What it draws depends on the size of src.
func ScaleCrop(dst, src Picture, least float64, r *random.Stream) {
	Resize(dst, src, scaleBox(src.Height, src.Width, least, r))
}

func scaleBox(height, width int, least float64, r *random.Stream) Box {
	widest := math.Log(4. / 3)
	for range 10 {
		area := (least + (1-least)*r.Float64()) * float64(height*width)
		ratio := math.Exp(widest * (2*r.Float64() - 1))
		h, w := int(math.Round(math.Sqrt(area/ratio))), int(math.Round(math.Sqrt(area*ratio)))
		if h >= 1 && w >= 1 && h <= height && w <= width {
			return Box{r.IntN(height - h + 1), r.IntN(width - w + 1), h, w}
		}
	}
	h, w := min(height, max(1, width*4/3)), min(width, max(1, height*4/3))
	return Box{(height - h) / 2, (width - w) / 2, h, w}
}

// CentreCrop writes the middle of src to dst, resized: the largest part of the
// proportions of dst, shrunk to a share of its sides. A share of 0.875 is what
// ImageNet models are tested on after training with ScaleCrop.
func CentreCrop(dst, src Picture, share float64) {
	scale := share * min(float64(src.Height)/float64(dst.Height), float64(src.Width)/float64(dst.Width))
	h := min(src.Height, max(1, int(math.Round(scale*float64(dst.Height)))))
	w := min(src.Width, max(1, int(math.Round(scale*float64(dst.Width)))))
	Resize(dst, src, Box{(src.Height - h) / 2, (src.Width - w) / 2, h, w})
}
