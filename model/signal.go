package model

import (
	"fmt"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/nn"
	"github.com/orchid-seq/orchid/tensor"
)

// SignalConfig says how sequences of numbers become rows, and rows classes.
type SignalConfig struct {
	// Stride is how many consecutive samples make one row of the encoder, 1 for the
	// paper's, which encodes each sample for itself.
	Stride int              `yaml:"stride"`
	Pool   autograd.Pooling `yaml:"pool"` // mean, first, last or max
}

// mostStride bounds the samples of a row.
const mostStride = 1 << 16

// Validate returns every fault.
func (c SignalConfig) Validate() error {
	var f fault.List
	f.Check(c.Stride >= 1 && c.Stride <= mostStride, "stride=%d: want 1 to %d samples a row", c.Stride, mostStride)
	f.Add(PoolConfig{Pool: c.Pool}.Validate())
	return f.Err()
}

// Rows returns how many rows of the encoder so many samples make. The last one may
// be filled up with zeros.
func (c SignalConfig) Rows(samples int) int { return (samples + c.Stride - 1) / c.Stride }

// SignalClassifier classifies sequences of numbers of C channels, such as sound
// and time series: one linear layer makes rows of Stride samples each, without
// positions; then an encoder, pooling and a linear head.
type SignalClassifier struct {
	Input   nn.Linear
	Encoder *Encoder
	Head    nn.Linear
	Dropout float64 // of what the first layer gives
	c       SignalConfig
	longest int // samples; 0 for any number

	channels int
}

// NewSignalClassifier builds a model for sequences of C channels and, unless its
// mixer takes any length, at most maxLength samples, and draws its weights.
func NewSignalClassifier(c Config, s SignalConfig, channels, classes, maxLength int, seed uint64) (*SignalClassifier, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if channels < 1 || classes < 1 || maxLength < 1 {
		return nil, fmt.Errorf("%d channels, %d classes, %d samples: want at least 1", channels, classes, maxLength)
	}
	L := s.Rows(maxLength)
	if err := c.Validate(L); err != nil {
		return nil, err
	}
	e, err := newEncoder(c, L)
	if err != nil {
		return nil, err
	}
	m := &SignalClassifier{
		Input:   nn.NewLinear("input", s.Stride*channels, c.Width, 1, true),
		Encoder: e,
		Head:    nn.NewLinear("head", c.Width, classes, 1, true),
		Dropout: c.Dropout, c: s, channels: channels,
	}
	if n := (TextConfig{MaxLength: L, Positions: "none", Encoder: c}).Longest(); n > 0 {
		m.longest = n * s.Stride
	}
	return m, autograd.Initialize(m.Params(), c.Init, seed)
}

// Longest returns how many samples a sequence may have, 0 for any number.
func (m *SignalClassifier) Longest() int { return m.longest }

// Pooled returns one row of width D for each sequence: what the head sees.
//
//	x [T, C], the samples of all sequences
//	seq, where each begins in x
//	y [B, D]
func (m *SignalClassifier) Pooled(t *autograd.Tape, x []float32, seq tensor.Offsets) *autograd.Node {
	if err := seq.Check(len(x) / m.channels); err != nil || len(x)%m.channels != 0 {
		panic(&autograd.ShapeError{Op: "signal", Want: fmt.Sprintf("samples of %d channels that offsets fill", m.channels), Got: [][]int{{len(x)}, {seq.Total()}}})
	}
	if n := seq.MaxLen(); m.longest > 0 && n > m.longest {
		panic(&autograd.ShapeError{Op: "signal", Want: fmt.Sprintf("sequences of at most %d samples (max-length)", m.longest), Got: [][]int{{n}}})
	}
	leave := t.Enter("input")
	rows := seq.Map(m.c.Rows)
	h := t.Input(m.fill(x, seq, rows), rows.Total(), m.c.Stride*m.channels)
	h = t.Dropout(m.Input.Forward(t, h), m.Dropout)
	leave()
	return t.Pool(m.Encoder.Forward(t, h, rows), rows, m.c.Pool)
}

// Forward returns logits [B, classes]; the operands are those of Pooled.
func (m *SignalClassifier) Forward(t *autograd.Tape, x []float32, seq tensor.Offsets) *autograd.Node {
	y := m.Pooled(t, x, seq)
	defer t.Enter("head")()
	return m.Head.Forward(t, y)
}

// fill returns x with zeros behind each sequence whose last row is not full: x
// itself if there is none.
func (m *SignalClassifier) fill(x []float32, seq, rows tensor.Offsets) []float32 {
	if rows.Total()*m.c.Stride == seq.Total() {
		return x
	}
	full := make([]float32, rows.Total()*m.c.Stride*m.channels)
	for i := range seq.Count() {
		lo, hi := seq.Span(i)
		copy(full[rows[i]*m.c.Stride*m.channels:], x[lo*m.channels:hi*m.channels])
	}
	return full
}

// Params lists the parameters.
func (m *SignalClassifier) Params() []*autograd.Param {
	return append(append(m.Input.Params(), m.Encoder.Params()...), m.Head.Params()...)
}
