// Package picture reads labelled pictures from the files that data sets come
// in, varies them at random, and turns them into numbers for a model.
package picture

import (
	"fmt"
	"math"
	"slices"

	"github.com/orchid-seq/orchid/internal/par"
)

// A Picture is pixels [Height, Width, Channels], 0 black and 255 white.
type Picture struct {
	Height, Width, Channels int
	Pixels                  []uint8
}

// New returns a black picture.
func New(height, width, channels int) Picture {
	return Picture{height, width, channels, make([]uint8, height*width*channels)}
}

// row returns the pixels of row y.
func (p Picture) row(y int) []uint8 {
	n := p.Width * p.Channels
	return p.Pixels[y*n : (y+1)*n]
}

// A Set is N labelled pictures that a model reads at one size. It owns its
// slices and is safe for concurrent reading.
type Set struct {
	Name                    string
	Height, Width, Channels int
	Classes                 []string // names of the labels
	Labels                  []int    // [N], indices of Classes

	// Pixels are those of all pictures [N, Height, Width, Channels] at that size,
	// or nil if pictures are kept at their own sizes or stay in files.
	Pixels []uint8
	own    []Picture // in memory at their own sizes; nil for none
	files  []file    // decoded when wanted; nil for none
}

// Len returns N.
func (s *Set) Len() int { return len(s.Labels) }

// Files says whether pictures are decoded from files whenever they are wanted.
func (s *Set) Files() bool { return s.files != nil }

// Picture returns picture i at its own size; the caller must not write to it.
// An error, which names the file, is possible only if the pictures stay in files.
func (s *Set) Picture(i int) (Picture, error) {
	switch {
	case s.files != nil:
		return s.files[i].decode()
	case s.own != nil:
		return s.own[i], nil
	}
	n := s.Height * s.Width * s.Channels
	return Picture{s.Height, s.Width, s.Channels, s.Pixels[i*n : (i+1)*n : (i+1)*n]}, nil
}

// Read writes picture i to dst, resized to the size of dst whatever its own
// proportions are.
func (s *Set) Read(dst Picture, i int) error {
	p, err := s.Picture(i)
	if err == nil {
		Fit(dst, p)
	}
	return err
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

// measured is how many pictures MeanStd decodes of a set that stays in files.
const measured = 4096

// MeanStd returns the mean and the standard deviation of every channel, of
// pixels scaled to [0, 1]: over all pictures of a set in memory, over 4,096 at
// equal distances in one that stays in files, where those that cannot be read are
// left out and returned as faults. A channel that never varies gets deviation 1,
// so that Normalize only centres it.
func MeanStd(s *Set) (mean, std []float32, faults []error) {
	n := s.Len()
	if s.Files() {
		n = min(n, measured)
	}
	// Counts are exact, whatever the number of pictures, and of threads.
	const grain = 64
	parts := make([][][256]uint64, (n+grain-1)/grain)
	bad := make([]error, n)
	par.For(n, grain, func(lo, hi int) {
		counts := make([][256]uint64, s.Channels)
		for i := lo; i < hi; i++ {
			p, err := s.Picture(i * s.Len() / n)
			if bad[i] = err; err == nil {
				p.count(counts)
			}
		}
		parts[lo/grain] = counts
	})
	mean, std = make([]float32, s.Channels), make([]float32, s.Channels)
	for c := range s.Channels {
		var counts [256]uint64
		for _, part := range parts {
			for v, k := range part[c] {
				counts[v] += k
			}
		}
		mean[c], std[c] = moments(counts)
	}
	return mean, std, slices.DeleteFunc(bad, func(err error) bool { return err == nil })
}

// count adds the pixels of a picture to the counts of the values of each channel.
func (p Picture) count(counts [][256]uint64) {
	for lo := 0; lo < len(p.Pixels); lo += len(counts) {
		for c, v := range p.Pixels[lo : lo+len(counts)] {
			counts[c][v]++
		}
	}
}

// moments returns the mean and the deviation of values that occur so often.
func moments(counts [256]uint64) (mean, std float32) {
	var n, sum, squares float64
	for v, k := range counts {
		n += float64(k)
		sum += float64(k) * float64(v)
	}
	m := sum / max(n, 1)
	for v, k := range counts {
		squares += float64(k) * (float64(v) - m) * (float64(v) - m)
	}
	if squares == 0 {
		return float32(m / 255), 1
	}
	return float32(m / 255), float32(math.Sqrt(squares/n) / 255)
}

// resized returns a set in memory with all pictures at another size: computed now
// if they take at most so many bytes, otherwise whenever one is wanted.
func (s *Set) resized(height, width, most int) *Set {
	if s == nil || s.Height == height && s.Width == width {
		return s
	}
	own := make([]Picture, s.Len())
	for i := range own {
		own[i], _ = s.Picture(i) // in memory, so that nothing can fail
	}
	r := *s
	r.Height, r.Width, r.Pixels, r.own = height, width, nil, own
	if size := height * width * s.Channels; size*len(own) <= most {
		r.gather(own)
	}
	return &r
}

// gather fills Pixels with pictures resized to the size of the set.
func (s *Set) gather(list []Picture) {
	size := s.Height * s.Width * s.Channels
	s.Pixels, s.own = make([]uint8, size*len(list)), nil
	par.For(len(list), 16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			Fit(Picture{s.Height, s.Width, s.Channels, s.Pixels[i*size : (i+1)*size]}, list[i])
		}
	})
}
