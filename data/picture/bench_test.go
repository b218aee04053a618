package picture

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"

	"github.com/orchid-seq/orchid/internal/random"
)

// BenchmarkAugment measures what one core does with pictures of CIFAR's size:
// crop and flip, then with RandAugment and random erasing, then with crops of
// random scale; mixing is measured with task/image.
func BenchmarkAugment(b *testing.B) {
	src := New(32, 32, 3)
	for i := range src.Pixels {
		src.Pixels[i] = uint8(i * i >> 5)
	}
	mean, std := []float32{0.5, 0.5, 0.5}, []float32{0.2, 0.2, 0.2}
	crop, auto := Augment{Pad: 4, Flip: true}, RandAugment{9, 0.5, []uint8{125, 122, 113}}
	for _, c := range []struct {
		name              string
		scale, auto, wipe bool
	}{{name: "crop+flip"}, {name: "full", auto: true, wipe: true}, {name: "full+scale", scale: true, auto: true, wipe: true}} {
		b.Run(c.name, func(b *testing.B) {
			p, spare, x := New(32, 32, 3), New(32, 32, 3), make([]float32, len(src.Pixels))
			r := random.New(1, "augment")
			for b.Loop() {
				if c.scale {
					ScaleCrop(spare, src, 0.08, &r)
					Augment{Flip: true}.Apply(p, spare, &r)
				} else {
					crop.Apply(p, src, &r)
				}
				if c.auto {
					auto.Apply(p, spare, &r)
				}
				Normalize(x, p.Pixels, mean, std)
				if c.wipe && r.Float64() < 0.25 {
					Erase(x, 32, 32, &r)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pictures/s")
		})
	}
}

// BenchmarkFiles measures what one core does with JPEG files of about ImageNet's
// size: decoded, cropped at random scale, and brought to 224 x 224.
func BenchmarkFiles(b *testing.B) {
	m := image.NewRGBA(image.Rect(0, 0, 500, 375))
	for i := range m.Pix {
		m.Pix[i] = uint8(i >> 9 * (i % 4)) // smooth but for a few edges
	}
	var text bytes.Buffer
	if err := jpeg.Encode(&text, m, nil); err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	write(b, text.Bytes(), dir, "train", "a", "0.jpg")
	s, _ := open(b, dir, Options{Height: 224, Width: 224, Own: true, Memory: 1})
	r, dst := random.New(1, "augment"), New(224, 224, 3)
	for b.Loop() {
		p, err := s.Picture(0)
		if err != nil {
			b.Fatal(err)
		}
		ScaleCrop(dst, p, 0.08, &r)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pictures/s")
}
