package picture

import (
	"math"

	"github.com/orchid-seq/orchid/internal/random"
)

// Erase fills a random box of a normalised picture x [height, width, C] with
// noise from the standard normal distribution, each number by itself: random
// erasing (Zhong et al., 2017). The box has a uniform share of 0.02 to 1/3 of the
// area; its height over its width is 0.3 to 1/0.3, uniform in the logarithm.
// After ten boxes that do not fit nothing is erased.
func Erase(x []float32, height, width int, r *random.Stream) {
	C, widest := len(x)/(height*width), math.Log(1/0.3)
	for range 10 {
		area := (0.02 + (1./3-0.02)*r.Float64()) * float64(height*width)
		ratio := math.Exp(widest * (2*r.Float64() - 1))
		h, w := int(math.Round(math.Sqrt(area*ratio))), int(math.Round(math.Sqrt(area/ratio)))
		if h < 1 || w < 1 || h >= height || w >= width {
			continue
		}
		top, left := r.IntN(height-h+1), r.IntN(width-w+1)
		for y := top; y < top+h; y++ {
			line := x[(y*width+left)*C:][:w*C]
			for i := range line {
				line[i] = float32(r.Normal())
			}
		}
		return
	}
}
