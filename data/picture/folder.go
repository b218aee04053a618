package picture

import (
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // decoders that image.Decode finds
	_ "image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ReadFolder reads the pictures dir/CLASS/*.png, .jpg and .jpeg in sorted
// order; a class is the name of its folder. Every picture becomes RGB, grey
// ones with three equal channels, transparent ones on black. Pictures of
// another size are resized to height x width; if both are 0, the first picture
// gives the size. It panics on a negative size or if only one of the two is 0.
func ReadFolder(dir string, height, width int) (*Set, error) {
	if height < 0 || width < 0 || (height == 0) != (width == 0) {
		panic(fmt.Sprintf("picture: ReadFolder: size %d x %d", height, width))
	}
	classes, err := list(dir, isDir)
	if err != nil {
		return nil, err
	}
	if len(classes) == 0 {
		return nil, fmt.Errorf("%s: no class folders: want CLASS/*.png, .jpg or .jpeg", dir)
	}
	s := &Set{Name: setName(filepath.Dir(dir), filepath.Base(dir)), Height: height, Width: width, Channels: 3, Classes: classes}
	return s.readClasses(dir, classes)
}

// readSplits reads the folders train and test (or val) of dir. The test part
// has the size and the classes of the training part and may lack some.
func readSplits(dir string) (train, test *Set, err error) {
	if train, err = ReadFolder(filepath.Join(dir, "train"), 0, 0); err != nil {
		return nil, nil, err
	}
	for _, part := range []string{"test", "val"} {
		inner := filepath.Join(dir, part)
		if !isDir(inner) {
			continue
		}
		classes, err := list(inner, isDir)
		if err != nil {
			return nil, nil, err
		}
		test = &Set{Name: setName(dir, part), Height: train.Height, Width: train.Width, Channels: 3, Classes: train.Classes}
		if test, err = test.readClasses(inner, classes); err != nil {
			return nil, nil, err
		}
		break
	}
	return train, test, nil
}

// readClasses appends the pictures of the given class folders and returns s.
func (s *Set) readClasses(dir string, classes []string) (*Set, error) {
	for _, class := range classes {
		inner := filepath.Join(dir, class)
		label := slices.Index(s.Classes, class)
		if label < 0 {
			return nil, fmt.Errorf("%s: class %q is not among those of the training part, %q", inner, class, s.Classes)
		}
		names, err := list(inner, isPicture)
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("%s: a class without a .png, .jpg or .jpeg file; add some or remove the folder", inner)
		}
		for _, name := range names {
			if err := s.appendPicture(filepath.Join(inner, name), label); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// list returns the names in a folder that want keeps, sorted. Hidden ones,
// which desktops and notebooks leave behind, are not data.
func list(dir string, want func(path string) bool) ([]string, error) {
	entries, err := os.ReadDir(dir) // sorted
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && want(filepath.Join(dir, e.Name())) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

func isPicture(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".jpg", ".jpeg":
		return isFile(path)
	}
	return false
}

func (s *Set) appendPicture(path string, label int) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	decoded, _, err := image.Decode(file)
	if err != nil {
		return fmt.Errorf("%s: not a readable picture: %w", path, err)
	}
	size := decoded.Bounds().Size()
	if size.X == 0 || size.Y == 0 {
		return fmt.Errorf("%s: the picture is empty", path)
	}
	if s.Height == 0 {
		s.Height, s.Width = size.Y, size.X
	}
	rgba := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(rgba, rgba.Rect, decoded, decoded.Bounds().Min, draw.Src)
	rgb := make([]uint8, 0, 3*size.X*size.Y)
	for i := 0; i < len(rgba.Pix); i += 4 {
		rgb = append(rgb, rgba.Pix[i:i+3]...)
	}
	s.Pixels = append(s.Pixels, resize(rgb, size.Y, size.X, s.Height, s.Width)...)
	s.Labels = append(s.Labels, label)
	return nil
}
