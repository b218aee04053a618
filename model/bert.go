package model

import (
	"fmt"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/nn"
	"github.com/orchid-seq/orchid/tensor"
)

// TextConfig shapes a model of text: an encoder with its embeddings.
type TextConfig struct {
	Vocabulary int `yaml:"vocabulary"` // V, ids of words; 0: as the tokenizer says
	// MaxLength is the number of rows that learned positions and static kernels
	// are made for.
	MaxLength int `yaml:"max-length"`
	// Positions are learned or none. Orchid and Hyena know order without any.
	Positions string `yaml:"positions"`
	Types     int    `yaml:"token-types"` // kinds of parts, 2 for pairs, 0 for none
	// NGrams adds vectors of the runs of 2 to so many words, for bytes and
	// characters; 0 for none. They share so many buckets.
	NGrams  int    `yaml:"ngrams"`
	Buckets int    `yaml:"ngram-buckets"`
	Encoder Config `yaml:",inline"`
}

// mostWords bounds a vocabulary.
const mostWords = 1 << 24

// Validate returns every fault.
func (c TextConfig) Validate() error {
	var f fault.List
	f.Check(c.Vocabulary >= 0 && c.Vocabulary <= mostWords, "vocabulary=%d: want 1 to %d, or 0 to take it from the tokenizer", c.Vocabulary, mostWords)
	f.OneOf("positions", c.Positions, "learned", "none")
	f.Check(c.Types >= 0 && c.Types <= 16, "token-types=%d: want 0 to 16", c.Types)
	f.Check(c.NGrams == 0 || c.NGrams >= 2 && c.NGrams <= 16, "ngrams=%d: want 2 to 16, or 0 for none", c.NGrams)
	f.Check(c.Buckets >= 1 && c.Buckets <= mostWords, "ngram-buckets=%d: want 1 to %d", c.Buckets, mostWords)
	f.Add(c.Encoder.Validate(c.MaxLength))
	return f.Err()
}

// Longest returns how many rows a sequence may have, 0 for any number.
func (c TextConfig) Longest() int {
	m := c.Encoder.Mixer
	switch {
	case c.Positions == "learned":
		return c.MaxLength
	case m.Mixer == "attention", m.Filter.Positions == "relative":
		return 0
	}
	return c.MaxLength
}

// BERT turns words into rows: embeddings of words, of positions and of the part
// of a pair, their sum normalised, then an encoder. With attention and norm=post
// it is BERT (Devlin et al., 2019); with Orchid, the model of the paper's
// section 4.2.
type BERT struct {
	Words     nn.Embedding
	Positions *nn.Embedding // nil for none
	Types     *nn.Embedding // nil for none
	NGrams    *NGrams       // nil for none
	Norm      nn.LayerNorm
	Encoder   *Encoder
	c         TextConfig
}

// NewBERT builds a model; Initialize has yet to draw its weights.
func NewBERT(c TextConfig) (*BERT, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Vocabulary == 0 {
		return nil, fmt.Errorf("vocabulary=0: want the number of words")
	}
	e, err := newEncoder(c.Encoder, c.MaxLength)
	if err != nil {
		return nil, err
	}
	D := c.Encoder.Width
	m := &BERT{
		Words:   nn.NewEmbedding("embeddings.words", c.Vocabulary, D),
		Norm:    nn.NewLayerNorm("embeddings.norm", D, c.Encoder.NormEps),
		Encoder: e, c: c,
	}
	if c.Positions == "learned" {
		p := nn.NewEmbedding("embeddings.positions", c.MaxLength, D)
		m.Positions = &p
	}
	if c.Types > 0 {
		p := nn.NewEmbedding("embeddings.types", c.Types, D)
		m.Types = &p
	}
	if c.NGrams > 0 {
		m.NGrams = &NGrams{nn.NewEmbedding("embeddings.ngrams", c.Buckets, D), c.NGrams}
	}
	return m, nil
}

// Forward maps packed words to rows.
//
//	words [T], below V
//	types [T], the part of a pair that each belongs to; nil for 0 everywhere
//	y [T, D]
func (m *BERT) Forward(t *autograd.Tape, words, types []int, seq tensor.Offsets) *autograd.Node {
	if n, most := seq.MaxLen(), m.c.Longest(); most > 0 && n > most {
		panic(&autograd.ShapeError{Op: "bert", Want: fmt.Sprintf("sequences of at most %d rows (max-length)", most), Got: [][]int{{n}}})
	}
	return t.Temporary(func() *autograd.Node { return m.Encoder.Forward(t, m.embed(t, words, types, seq), seq) })
}

func (m *BERT) embed(t *autograd.Tape, words, types []int, seq tensor.Offsets) *autograd.Node {
	defer t.Enter("embeddings")()
	return t.Temporary(func() *autograd.Node {
		x := m.Words.Forward(t, words)
		if m.Positions != nil {
			x = t.Add(x, m.Positions.Forward(t, positions(seq, m.c.MaxLength)))
		}
		if m.Types != nil {
			if types == nil {
				types = make([]int, len(words))
			}
			x = t.Add(x, m.Types.Forward(t, types))
		}
		if m.NGrams != nil {
			x = t.Add(x, m.NGrams.Forward(t, words, seq))
		}
		return t.Dropout(m.Norm.Forward(t, x), m.c.Encoder.Dropout)
	})
}

// positions numbers the rows of every sequence.
func positions(seq tensor.Offsets, most int) []int {
	if n := seq.MaxLen(); n > most {
		panic(&autograd.ShapeError{Op: "positions", Want: fmt.Sprintf("sequences of at most %d rows, as many as there are learned positions", most), Got: [][]int{{n}}})
	}
	list := make([]int, 0, seq.Total())
	for i := range seq.Count() {
		for j := range seq.Len(i) {
			list = append(list, j)
		}
	}
	return list
}

// Params lists the parameters.
func (m *BERT) Params() []*autograd.Param {
	list := m.Words.Params()
	for _, e := range []*nn.Embedding{m.Positions, m.Types} {
		if e != nil {
			list = append(list, e.Params()...)
		}
	}
	if m.NGrams != nil {
		list = append(list, m.NGrams.Table.Params()...)
	}
	return append(append(list, m.Norm.Params()...), m.Encoder.Params()...)
}
