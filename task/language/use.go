package language

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/tensor"
)

// A Dealer says which examples a step has; see data.Sampler and data.Budget.
type Dealer interface {
	At(step int) []int
	StepsPerEpoch() int
}

// Words returns the rows of the input "words" [n, L], each of which must be a
// word of a vocabulary of V.
func Words(inputs map[string]*tensor.Tensor, V int) ([][]int, error) {
	in, ok := inputs["words"]
	if !ok || len(in.Shape) != 2 || in.Rows() < 1 || in.Cols() < 1 {
		return nil, errors.New("want a tensor words [n, L]")
	}
	rows := make([][]int, in.Rows())
	for i := range rows {
		rows[i] = make([]int, in.Cols())
		for j, v := range in.Row(i) {
			if !(v >= 0 && v < float32(V)) {
				return nil, fmt.Errorf("word %v is not below the vocabulary of %d", v, V)
			}
			rows[i][j] = int(v)
		}
	}
	return rows, nil
}

// Fingerprint joins names and values of what a training depends on, a line each,
// so that train can name those that differ. Values have one line.
func Fingerprint(namesAndValues ...string) string {
	var lines []string
	for pair := range slices.Chunk(namesAndValues, 2) {
		lines = append(lines, pair[0]+": "+pair[1])
	}
	return strings.Join(lines, "\n")
}
