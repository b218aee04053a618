package picture

import (
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // decoders that image.Decode finds
	_ "image/png"
	"path/filepath"
	"strings"

	"github.com/orchid-seq/orchid/internal/whole"
)

// A file is a picture on disk.
type file struct {
	path          string
	height, width int // as its header says
}

// isPicture goes by the ending; what a file really is decides when it is read.
func isPicture(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".jpg", ".jpeg":
		return !isDir(path)
	}
	return false
}

// mostPixels bounds what a header may promise, since so much will be allocated.
const mostPixels = 1 << 27

// readHeader sets the sizes of f.
func (f *file) readHeader() error {
	r, err := whole.Open(f.path)
	if err != nil {
		return err
	}
	defer r.Close()
	stat, err := r.Stat()
	if err != nil {
		return err
	}
	c, _, err := image.DecodeConfig(r)
	switch {
	case stat.Size() == 0:
		return fmt.Errorf("%s: the file is empty", f.path)
	case err != nil:
		return fmt.Errorf("%s: %w", f.path, err)
	case c.Width < 1 || c.Height < 1 || c.Width > mostPixels/c.Height:
		return fmt.Errorf("%s: its header promises %d x %d pixels, want 1 to %d in all", f.path, c.Height, c.Width, mostPixels)
	}
	f.height, f.width = c.Height, c.Width
	return nil
}

// ReadFile reads a PNG or JPEG file as RGB, or in grey for one channel. It panics if
// channels is neither 1 nor 3.
func ReadFile(path string, channels int) (Picture, error) {
	f := file{path: path}
	if err := f.readHeader(); err != nil {
		return Picture{}, err
	}
	return f.decodeAs(channels)
}

// decode reads the picture as RGB.
func (f file) decode() (Picture, error) { return f.decodeAs(3) }

func (f file) decodeAs(channels int) (Picture, error) {
	r, err := whole.Open(f.path)
	if err != nil {
		return Picture{}, err
	}
	defer r.Close()
	decoded, _, err := image.Decode(r)
	if err != nil {
		return Picture{}, fmt.Errorf("%s: %w", f.path, err)
	}
	size := decoded.Bounds().Size()
	if size.X != f.width || size.Y != f.height {
		return Picture{}, fmt.Errorf("%s: %d x %d pixels, where its header promised %d x %d: the file has changed", f.path, size.Y, size.X, f.height, f.width)
	}
	p := New(size.Y, size.X, channels)
	switch channels {
	case 1:
		grey := image.Gray{Pix: p.Pixels, Stride: size.X, Rect: image.Rectangle{Max: size}}
		draw.Draw(&grey, grey.Rect, decoded, decoded.Bounds().Min, draw.Src)
	case 3:
		rgba := image.NewRGBA(image.Rectangle{Max: size})
		draw.Draw(rgba, rgba.Rect, decoded, decoded.Bounds().Min, draw.Src)
		for i := 0; i*4 < len(rgba.Pix); i++ {
			copy(p.Pixels[3*i:3*i+3], rgba.Pix[4*i:])
		}
	default:
		panic(fmt.Sprintf("picture: a file as %d channels", channels))
	}
	return p, nil
}
