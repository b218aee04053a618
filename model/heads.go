package model

import (
	"errors"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/nn"
	"github.com/orchid-seq/orchid/tensor"
)

// MaskedLM predicts words: BERT with the head of its pre-training, a dense
// layer, GELU, LayerNorm, and a decoder tied to the embedding of words.
type MaskedLM struct {
	*BERT
	Dense    nn.Linear
	HeadNorm nn.LayerNorm
	Bias     *autograd.Param // [V]
}

// NewMaskedLM builds a model and draws its weights.
func NewMaskedLM(c TextConfig, seed uint64) (*MaskedLM, error) {
	m, err := newMaskedLM(c)
	if err != nil {
		return nil, err
	}
	return m, autograd.Initialize(m.Params(), c.Encoder.Init, seed)
}

// Count returns how many numbers a MaskedLM of the configuration trains, without
// the memory for them: blocks are alike, and so are words, so that the model with
// one of each tells, beside those with one block or one word more.
func Count(c TextConfig) (int, error) {
	if err := c.Validate(); err != nil {
		return 0, err
	}
	if c.Vocabulary == 0 {
		return 0, errors.New("vocabulary=0: want the number of words")
	}
	count := func(words, depth int) (int, error) {
		c := c
		c.Vocabulary, c.Encoder.Depth = words, depth
		m, err := newMaskedLM(c)
		if err != nil {
			return 0, err
		}
		return autograd.Count(m.Params()), nil
	}
	one, err := count(1, 1)
	word, err2 := count(2, 1)
	block, err3 := count(1, 2)
	return one + (c.Vocabulary-1)*(word-one) + (c.Encoder.Depth-1)*(block-one), errors.Join(err, err2, err3)
}

func newMaskedLM(c TextConfig) (*MaskedLM, error) {
	b, err := NewBERT(c)
	if err != nil {
		return nil, err
	}
	D := c.Encoder.Width
	m := &MaskedLM{
		BERT: b, Dense: nn.NewLinear("masked.dense", D, D, 1, true), HeadNorm: nn.NewLayerNorm("masked.norm", D, c.Encoder.NormEps),
		Bias: autograd.NewParam("masked.bias", c.Vocabulary),
	}
	m.Bias.Init, m.Bias.NoDecay = autograd.Init{Rule: autograd.InitConstant}, true
	return m, nil
}

// Logits scores rows x [N, D] of the encoder against every word: [N, V].
func (m *MaskedLM) Logits(t *autograd.Tape, x *autograd.Node) *autograd.Node {
	defer t.Enter("masked")()
	return t.Temporary(func() *autograd.Node {
		h := m.HeadNorm.Forward(t, t.Apply(m.Dense.Forward(t, x), autograd.GELU))
		return t.Linear(h, t.Param(m.Words.Table), t.Param(m.Bias))
	})
}

// Params lists the parameters.
func (m *MaskedLM) Params() []*autograd.Param {
	return append(append(append(m.BERT.Params(), m.Dense.Params()...), m.HeadNorm.Params()...), m.Bias)
}

// PoolConfig says how the rows of a sequence become one.
type PoolConfig struct {
	Pool   autograd.Pooling `yaml:"pool"`   // first, mean, max or last
	Pooler bool             `yaml:"pooler"` // then a dense layer and tanh, as in BERT
}

// Validate returns every fault.
func (c PoolConfig) Validate() error {
	var f fault.List
	f.OneOf("pool", string(c.Pool), string(autograd.FirstPool), string(autograd.MeanPool), string(autograd.MaxPool), string(autograd.LastPool))
	return f.Err()
}

// TextClassifier gives numbers for whole sequences, or for pairs of them that
// stand in one sequence: logits of classes, or values of a regression.
type TextClassifier struct {
	*BERT
	Pooler *nn.Linear // nil for none
	Head   nn.Linear
	c      PoolConfig
}

// NewTextClassifier builds a model with K outputs and draws its weights.
func NewTextClassifier(c TextConfig, p PoolConfig, K int, seed uint64) (*TextClassifier, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	b, err := NewBERT(c)
	if err != nil {
		return nil, err
	}
	D := c.Encoder.Width
	m := &TextClassifier{BERT: b, Head: nn.NewLinear("classifier", D, K, 1, true), c: p}
	if p.Pooler {
		l := nn.NewLinear("pooler.dense", D, D, 1, true)
		m.Pooler = &l
	}
	return m, autograd.Initialize(m.Params(), c.Encoder.Init, seed)
}

// Classify maps rows x [T, D] of the encoder to [B, K].
func (m *TextClassifier) Classify(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets) *autograd.Node {
	defer t.Enter("classifier")()
	return t.Temporary(func() *autograd.Node {
		return m.Head.Forward(t, t.Dropout(m.Pooled(t, x, seq), m.BERT.c.Encoder.Dropout))
	})
}

// Pooled maps rows x [T, D] to one a sequence [B, D].
func (m *TextClassifier) Pooled(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets) *autograd.Node {
	x = t.Pool(x, seq, m.c.Pool)
	if m.Pooler == nil {
		return x
	}
	return t.Apply(m.Pooler.Forward(t, x), autograd.Activation{Name: "tanh"})
}

// Params lists the parameters.
func (m *TextClassifier) Params() []*autograd.Param {
	list := m.BERT.Params()
	if m.Pooler != nil {
		list = append(list, m.Pooler.Params()...)
	}
	return append(list, m.Head.Params()...)
}
