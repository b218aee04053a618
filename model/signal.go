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
	Stride int `yaml:"stride"`
	// Window is how many samples a row is made of, those of Stride in the middle and
	// as many more on both sides, with zeros beyond the ends; 0 for Stride.
	Window int `yaml:"window"`
	// Filters makes a row the logarithms of the magnitudes of so many complex filters
	// of a window's length, which are trained and begin as Gabor filters (as LEAF's do,
	// Zeghidour et al. 2021); 0 takes the samples themselves.
	Filters int              `yaml:"filters"`
	Pool    autograd.Pooling `yaml:"pool"` // mean, first, last or max
}

// mostStride bounds the samples of a row.
const mostStride = 1 << 16

// Validate returns every fault.
func (c SignalConfig) Validate() error {
	var f fault.List
	f.Check(c.Stride >= 1 && c.Stride <= mostStride, "stride=%d: want 1 to %d samples a row", c.Stride, mostStride)
	f.Check(c.Window == 0 || c.Window >= c.Stride && c.Window <= mostStride, "window=%d: want at least the stride, %d samples, and at most %d; or 0 for the stride", c.Window, c.Stride, mostStride)
	f.Check(c.Filters >= 0 && c.Filters <= 1<<12, "filters=%d: want 0 for none, at most 4096", c.Filters)
	f.Check(c.Filters == 0 || c.window() >= 8, "filters=%d: a window of %d samples is too short for filters; set window to 8 or more", c.Filters, c.window())
	f.Add(PoolConfig{Pool: c.Pool}.Validate())
	return f.Err()
}

// window resolves 0.
func (c SignalConfig) window() int { return max(c.Window, c.Stride) }

// Rows returns how many rows of the encoder so many samples make. The last one may
// be filled up with zeros.
func (c SignalConfig) Rows(samples int) int { return (samples + c.Stride - 1) / c.Stride }

// SignalClassifier classifies sequences of numbers of C channels, such as sound
// and time series: one linear layer makes rows of Window samples each, Stride apart, without
// positions; then an encoder, pooling and a linear head.
type SignalClassifier struct {
	Filters *nn.Linear // real parts, then imaginary ones; nil for none
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
		Input:   nn.NewLinear("input", s.window()*channels, c.Width, 1, true),
		Encoder: e,
		Head:    nn.NewLinear("head", c.Width, classes, 1, true),
		Dropout: c.Dropout, c: s, channels: channels,
	}
	if s.Filters > 0 {
		filters := gabor("filters", s.window(), channels, s.Filters)
		m.Filters, m.Input = &filters, nn.NewLinear("input", s.Filters, c.Width, 1, true)
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
	h := t.Input(m.fill(x, seq, rows), rows.Total(), m.c.window()*m.channels)
	if m.Filters != nil {
		h = t.Apply(t.Magnitude(m.Filters.Forward(t, h), true), autograd.Log)
	}
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

// fill returns the windows of all rows, with zeros beyond the ends of sequences: x
// itself if they neither overlap nor reach beyond.
func (m *SignalClassifier) fill(x []float32, seq, rows tensor.Offsets) []float32 {
	stride, window, C := m.c.Stride, m.c.window(), m.channels
	if window == stride && rows.Total()*stride == seq.Total() {
		return x
	}
	full := make([]float32, rows.Total()*window*C)
	before := (window - stride) / 2
	for i := range seq.Count() {
		lo, hi := seq.Span(i)
		for r := rows[i]; r < rows[i+1]; r++ {
			from := lo + (r-rows[i])*stride - before // of the window
			a, b := max(from, lo), min(from+window, hi)
			copy(full[(r*window+a-from)*C:], x[a*C:max(a, b)*C])
		}
	}
	return full
}

// Params lists the parameters.
func (m *SignalClassifier) Params() []*autograd.Param {
	list := append(m.Input.Params(), m.Encoder.Params()...)
	if m.Filters != nil {
		list = append(m.Filters.Params(), list...)
	}
	return append(list, m.Head.Params()...)
}
