package orchid

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/task/language"
	"github.com/orchid-seq/orchid/tensor"
	"github.com/orchid-seq/orchid/tokenize"
)

// Pooling says how the rows of a text become its vector: "" as the model does
// itself, or mean, first, last or max.
type Pooling = autograd.Pooling

// A Span is the bytes text[Start:End].
type Span = tokenize.Span

// EmbedOptions say which vectors are wanted. They are comparable.
type EmbedOptions struct {
	Truncate   bool    // cut what the model does not take, in place of an error
	Pooling    Pooling // "" for the model's own
	Normalize  bool    // scale every vector to length 1
	Dimensions int     // keep the first so many numbers, before Normalize; 0 for all
	Tokens     bool    // a vector of each token besides
	Chunk      int     // besides, a vector of each so many tokens of the text; 0 for none
}

// An Embedding is the vectors of a text.
type Embedding struct {
	Usage
	Vector       []float32
	TokenVectors [][]float32 // one a token, special ones included; nil unless asked for
	Spans        []Span      // of the text, one a token, beside TokenVectors
	Chunks       []Chunk     // nil unless asked for
	Err          error       // why there are none
}

// A Chunk is a part of a text, read with all of the text in view.
type Chunk struct {
	Span             // of the text; [0, 0) where the input was ids
	Tokens int       // how many
	Vector []float32 // the mean of their rows
}

// Embed returns vectors for each text. The error concerns all of them: the context
// has ended, or the options are wrong (*OptionError); what concerns one text is in its Err.
func (m *Model) Embed(ctx context.Context, o EmbedOptions, inputs ...Input) ([]Embedding, error) {
	if err := m.checkEmbed(o); err != nil {
		return nil, err
	}
	out := make([]Embedding, len(inputs))
	err := batches{
		ctx: ctx,
		encode: func(in Input) (Encoding, error) {
			if o.Chunk > 0 && in.B != "" {
				return Encoding{}, errors.New("chunks of a pair of texts: give one text")
			}
			return m.Tokens(in, o.Truncate)
		},
		tell: func(i int, u Usage, err error) { out[i].Usage, out[i].Err = u, err },
		compute: func(t *tape, b language.Batch, which []int, list []Encoding) {
			hidden := m.embedder.Hidden(t, b)
			pooled := m.embedder.Vectors(t, b, hidden, o.Pooling)
			for n, i := range which {
				e := &out[i]
				e.Vector = o.finish(pooled.Row(n))
				if lo, hi := b.Seq.Span(n); o.Tokens {
					e.Spans = list[n].Spans
					for r := lo; r < hi; r++ {
						e.TokenVectors = append(e.TokenVectors, o.finish(hidden.Row(r)))
					}
				}
				if o.Chunk > 0 {
					e.Chunks = o.chunks(t, hidden, b.Seq[n], list[n])
				}
			}
		},
	}.run(inputs)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// checkEmbed returns what is wrong with the options for this model.
func (m *Model) checkEmbed(o EmbedOptions) error {
	poolings := []Pooling{"", autograd.MeanPool, autograd.FirstPool, autograd.LastPool, autograd.MaxPool}
	switch {
	case !slices.Contains(poolings, o.Pooling):
		return wrongOption("Pooling", "pooling %q: want mean, first, last or max, or none for the model's own", o.Pooling)
	case o.Dimensions < 0 || o.Dimensions > m.info.Width:
		return wrongOption("Dimensions", "%d dimensions: the model's vectors have %d", o.Dimensions, m.info.Width)
	case o.Chunk < 0:
		return wrongOption("Chunk", "chunks of %d tokens: want at least 1, or 0 for none", o.Chunk)
	}
	if s, ok := m.task.(interface{ BothStrands() bool }); ok && s.BothStrands() && (o.Tokens || o.Chunk > 0) {
		option := "Tokens"
		if o.Chunk > 0 {
			option = "Chunk"
		}
		return wrongOption(option, "a model that takes the mean over both strands has no vectors of tokens and chunks")
	}
	return nil
}

// finish copies a row, cut and scaled as asked for.
func (o EmbedOptions) finish(row []float32) []float32 {
	if o.Dimensions > 0 {
		row = row[:o.Dimensions]
	}
	row = slices.Clone(row)
	if !o.Normalize {
		return row
	}
	sum := 0.0
	for _, v := range row {
		sum += float64(v) * float64(v)
	}
	if sum > 0 {
		scale := 1 / math.Sqrt(sum)
		for i, v := range row {
			row[i] = float32(float64(v) * scale)
		}
	}
	return row
}

// chunks returns the vectors of runs of tokens, the special ones around the text
// left out. The rows of the text begin at from.
func (o EmbedOptions) chunks(t *tape, hidden *autograd.Node, from int, e Encoding) []Chunk {
	var list []Chunk
	var rows []int
	seq := tensor.Offsets{0}
	for lo, end := 1, len(e.IDs)-1; lo < end; lo += o.Chunk {
		hi := min(lo+o.Chunk, end)
		for r := lo; r < hi; r++ {
			rows = append(rows, from+r)
		}
		seq = append(seq, len(rows))
		list = append(list, Chunk{Span: Span{Start: e.Spans[lo].Start, End: e.Spans[hi-1].End}, Tokens: hi - lo})
	}
	if len(list) == 0 {
		return list
	}
	means := t.Pool(t.Rows(hidden, rows), seq, autograd.MeanPool)
	for i := range list {
		list[i].Vector = o.finish(means.Row(i))
	}
	return list
}
