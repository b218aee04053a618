package train

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/vec"
)

// block begins the names of the parameters of one.
var block = regexp.MustCompile(`^blocks\.\d+`)

// layerOf names the part of a model that a parameter belongs to: a block, or what
// stands first in its name.
func layerOf(param string) string {
	if b := block.FindString(param); b != "" {
		return b
	}
	first, _, _ := strings.Cut(param, ".")
	return first
}

// layerNorms returns the norm of the gradients of each layer.
func layerNorms(params []*autograd.Param) map[string]float64 {
	norms := map[string]float64{}
	for _, p := range params {
		if !p.Frozen {
			norms[layerOf(p.Name)] += vec.SumSquares(p.Grad)
		}
	}
	for k, v := range norms {
		norms[k] = math.Sqrt(v)
	}
	return norms
}

// residentMB returns the memory of this process that is in RAM, 0 where the
// system does not tell.
func residentMB() int {
	text, err := os.ReadFile("/proc/self/statm") // in pages: size, resident, ...
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, err := strconv.Atoi(fields[1])
	if err != nil {
		return 0
	}
	return pages * os.Getpagesize() >> 20
}
