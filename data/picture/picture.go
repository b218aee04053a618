// Package picture holds labelled pictures in memory, reads them from the files
// that data sets come in, and turns them into numbers for a model.
package picture

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
)

// A Set is N labelled pictures of one size. It owns its slices and is safe for
// concurrent reading.
type Set struct {
	Name                    string
	Height, Width, Channels int
	Classes                 []string // names of the labels
	Pixels                  []uint8  // [N, Height, Width, Channels]
	Labels                  []int    // [N], indices of Classes
}

// Len returns N.
func (s *Set) Len() int { return len(s.Labels) }

// At returns the pixels [Height, Width, Channels] of picture i, not a copy.
func (s *Set) At(i int) []uint8 {
	n := s.Height * s.Width * s.Channels
	return s.Pixels[i*n : (i+1)*n : (i+1)*n]
}

// Open reads the data set in a folder, whichever of these it holds: the MNIST
// files (ReadIDX), the CIFAR-10 binary files (ReadCIFAR10), or the folders
// train and test (or val) with a folder of pictures for every class
// (ReadFolder). Pictures of the last kind take the size of the first of them.
// A part that is not there is nil.
func Open(dir string) (train, test *Set, err error) {
	switch {
	case hasIDX(dir):
		return ReadIDX(dir)
	case hasCIFAR10(dir):
		return ReadCIFAR10(dir)
	case isDir(filepath.Join(dir, "train")):
		return readSplits(dir)
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, nil, err
	}
	return nil, nil, fmt.Errorf("%s: no data set is recognised here: want train-images-idx3-ubyte and its companions (MNIST), "+
		"data_batch_1.bin and its companions (CIFAR-10), or train/CLASS/*.png and test/CLASS/*.png", dir)
}

// setName names the part of the data set in a folder.
func setName(dir, part string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return filepath.Base(dir) + "/" + part
}

// isDir follows links.
func isDir(path string) bool {
	stat, err := os.Stat(path)
	return err == nil && stat.IsDir()
}

func isFile(path string) bool {
	stat, err := os.Stat(path)
	return err == nil && stat.Mode().IsRegular()
}

// Normalize writes (px/255 - mean) / std, channel by channel:
//
//	dst[i] = (px[i]/255 - mean[i%C]) / std[i%C]
//
// C is the length of mean and of std. It panics if the lengths of dst and px
// differ or are not a multiple of C.
func Normalize(dst []float32, px []uint8, mean, std []float32) {
	c := len(mean)
	if len(dst) != len(px) || len(std) != c || c == 0 || len(px)%c != 0 {
		panic(fmt.Sprintf("picture: Normalize: dst %d, px %d, mean %d, std %d elements", len(dst), len(px), c, len(std)))
	}
	for lo := 0; lo < len(px); lo += c {
		d, p := dst[lo:lo+c], px[lo:lo+c]
		for j, m := range mean {
			d[j] = (float32(p[j])/255 - m) / std[j]
		}
	}
}

// MeanStd returns the mean and the standard deviation of every channel, of
// pixels scaled to [0, 1], over all pictures of the set. A channel that never
// varies gets deviation 1, so that Normalize only centres it.
func MeanStd(s *Set) (mean, std []float32) {
	// Counts are exact, whatever the number of pictures.
	counts := make([][256]uint64, s.Channels)
	for lo := 0; lo < len(s.Pixels); lo += s.Channels {
		for c, v := range s.Pixels[lo : lo+s.Channels] {
			counts[c][v]++
		}
	}
	mean, std = make([]float32, s.Channels), make([]float32, s.Channels)
	for c := range counts {
		var n, sum float64
		for v, k := range counts[c] {
			n += float64(k)
			sum += float64(k) * float64(v)
		}
		m := sum / n
		var squares float64
		for v, k := range counts[c] {
			squares += float64(k) * (float64(v) - m) * (float64(v) - m)
		}
		mean[c], std[c] = float32(m/255), float32(math.Sqrt(squares/n)/255)
		if squares == 0 {
			std[c] = 1
		}
	}
	return mean, std
}
