package language

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/tensor"
	"github.com/orchid-seq/orchid/tokenize"
)

// A Dealer says which examples a step has; see data.Sampler and data.Budget.
type Dealer interface {
	At(step int) []int
	StepsPerEpoch() int
}

// An Input is a text, or a pair of texts.
type Input struct {
	A, B string // B is "" for none
	// IDs, if not nil, stand for A: ids of words, without special ones around them.
	IDs []int
}

// Encode reads an input. Tokens above longest (0 for any number) are a
// *tokenize.LengthError, unless truncate lets them be cut.
func (in Input) Encode(words *tokenize.Tokenizer, longest int, truncate bool) (tokenize.Encoding, error) {
	o := tokenize.Layout{MaxLength: longest, Truncate: truncate}
	switch {
	case in.IDs == nil:
		return words.EncodePair(o, in.A, in.B)
	case in.A != "" || in.B != "":
		return tokenize.Encoding{}, errors.New("ids and a text: want one of them")
	}
	return words.EncodeIDs(o, in.IDs)
}

// An Embedder is a task whose model turns texts into vectors. Its methods are safe
// for concurrent use.
type Embedder interface {
	// Tokenizer returns the one for texts of strangers.
	Tokenizer() *tokenize.Tokenizer
	// Size returns how many numbers a vector has, and how many blocks the encoder.
	Size() (width, layers int)
	// Longest is how many tokens a text may have, 0 for any number.
	Longest() int
	// Hidden returns the rows [T, D] of the last layer.
	Hidden(t *autograd.Tape, b Batch) *autograd.Node
	// Vectors makes one row a text of what Hidden returned: [B, D]. "" pools as the
	// model itself does, its head left out.
	Vectors(t *autograd.Tape, b Batch, hidden *autograd.Node, how autograd.Pooling) *autograd.Node
	// Keep lets static kernels be kept; see mixer.Keeper.
	Keep(bytes int)
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
