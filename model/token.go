package model

import (
	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/nn"
	"github.com/orchid-seq/orchid/tensor"
)

// Positions say how a model of tokens learns where a word stands.
type Positions string

// The kinds of positions.
const (
	NoPositions         Positions = "none"
	LearnedPositions    Positions = "learned"    // a vector a place, up to the longest sequence
	SinusoidalPositions Positions = "sinusoidal" // sines and cosines of the place, for any length
)

// TokenModel predicts words at chosen positions: the host of the recall
// experiment. An embedding, an encoder, and a head tied to the embedding. Orchid
// and Hyena need no positions; attention has no other way to know order.
type TokenModel struct {
	Words     nn.Embedding
	Positions *nn.Embedding // learned ones, nil for none
	Encoder   *Encoder
	Dropout   float64
	maxLength int
	waves     *sinusoids // nil for none
}

// NewTokenModel builds a model of V words for sequences of at most maxLength,
// which binds learned positions and filters alone, and draws its weights.
func NewTokenModel(c Config, V, maxLength int, positions Positions, seed uint64) (*TokenModel, error) {
	if err := c.Validate(maxLength); err != nil {
		return nil, err
	}
	e, err := newEncoder(c, maxLength)
	if err != nil {
		return nil, err
	}
	m := &TokenModel{Words: nn.NewEmbedding("embedding", V, c.Width), Encoder: e, Dropout: c.Dropout, maxLength: maxLength}
	switch positions {
	case LearnedPositions:
		p := nn.NewEmbedding("positions", maxLength, c.Width)
		m.Positions = &p
	case SinusoidalPositions:
		m.waves = &sinusoids{width: c.Width}
	}
	return m, autograd.Initialize(m.Params(), c.Init, seed)
}

// Forward returns logits [len(rows), V] for the given rows of the packed ids.
func (m *TokenModel) Forward(t *autograd.Tape, ids []int, seq tensor.Offsets, rows []int) *autograd.Node {
	leave := t.Enter("embedding")
	x := m.Words.Forward(t, ids)
	if m.Positions != nil {
		x = t.Add(x, m.Positions.Forward(t, positions(seq, m.maxLength)))
	}
	if m.waves != nil {
		x = t.Add(x, t.Input(m.waves.rows(seq), seq.Total(), m.waves.width))
	}
	x = t.Dropout(x, m.Dropout)
	leave()
	x = m.Encoder.Forward(t, x, seq)
	defer t.Enter("head")()
	return m.Words.Logits(t, t.Rows(x, rows))
}

// Params lists the parameters.
func (m *TokenModel) Params() []*autograd.Param {
	list := m.Words.Params()
	if m.Positions != nil {
		list = append(list, m.Positions.Params()...)
	}
	return append(list, m.Encoder.Params()...)
}
