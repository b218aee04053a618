package model

import (
	"fmt"
	"math"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/tensor"
)

// TestSignalsAlone: the logits of a sequence have the same bits alone and in a
// batch of other lengths, for every mixer, stride and pooling, and zeros behind a
// sequence up to a whole row change nothing.
func TestSignalsAlone(t *testing.T) {
	const C, classes = 3, 7
	seq := tensor.Pack(17, 1, 64, 3, 17, 40)
	x := numtest.Normal(1, seq.Total()*C)
	pools := []autograd.Pooling{autograd.MeanPool, autograd.FirstPool, autograd.LastPool, autograd.MaxPool}
	for name, change := range mixers {
		for i, s := range []SignalConfig{
			{Stride: 1}, {Stride: 3}, {Stride: 5}, {Stride: 8}, {Stride: 3, Window: 8}, {Stride: 4, Window: 9}, {Stride: 5, Window: 12, Filters: 6}, {Stride: 8, Filters: 3},
		} {
			stride := s.Stride
			s.Pool = pools[i%len(pools)]
			m, err := NewSignalClassifier(small(36, 2, 3, change), s, C, classes, 64, 1)
			if err != nil {
				t.Fatal(err)
			}
			logits := func(x []float32, seq tensor.Offsets) []float32 {
				tape := autograd.Tape{NoGrad: true}
				return m.Forward(&tape, x, seq).Data
			}
			batch := logits(x, seq)
			for i := range seq.Count() {
				lo, hi := seq.Span(i)
				what := fmt.Sprintf("%s, %+v, sequence %d", name, s, i)
				one := logits(x[lo*C:hi*C], tensor.Pack(hi-lo))
				numtest.BitEqual(t, what, batch[i*classes:(i+1)*classes], one)
				if full := m.c.Rows(hi-lo) * stride; m.longest == 0 || full <= m.longest {
					filled := make([]float32, full*C)
					copy(filled, x[lo*C:hi*C])
					numtest.BitEqual(t, what+", filled up", logits(filled, tensor.Pack(full)), one)
				}
			}
		}
	}
}

// TestSignalRefuses: what a model cannot serve is an error or a ShapeError.
func TestSignalRefuses(t *testing.T) {
	m, err := NewSignalClassifier(small(32, 1, 1, nil), SignalConfig{Stride: 4, Pool: autograd.MeanPool}, 2, 3, 30, 1)
	if err != nil {
		t.Fatal(err)
	}
	for want, f := range map[string]func(tape *autograd.Tape){
		"autograd: signal wants samples of 2 channels that offsets fill, got [[7] [3]]":   func(tape *autograd.Tape) { m.Forward(tape, make([]float32, 7), tensor.Pack(3)) },
		"autograd: signal wants sequences of at most 32 samples (max-length), got [[33]]": func(tape *autograd.Tape) { m.Forward(tape, make([]float32, 66), tensor.Pack(33)) },
		"autograd: signal wants samples of 2 channels that offsets fill, got [[4] [2]]":   func(tape *autograd.Tape) { m.Forward(tape, make([]float32, 4), tensor.Offsets{0, 2, 2}) },
	} {
		if err := autograd.Catch(func() { f(&autograd.Tape{}) }); fmt.Sprint(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if m.Longest() != 32 {
		t.Errorf("at most %d samples", m.Longest())
	}
	for _, s := range []SignalConfig{
		{Stride: 0, Pool: autograd.MeanPool},
		{Stride: 1, Pool: "median"},
		{Stride: 4, Window: 3, Pool: autograd.MeanPool},
		{Stride: 4, Filters: 2, Pool: autograd.MeanPool},
	} {
		if _, err := NewSignalClassifier(small(32, 1, 1, nil), s, 2, 3, 30, 1); err == nil {
			t.Errorf("%+v was accepted", s)
		}
	}
}

// TestSignalSize: the model of SC10, whose raw samples are one channel.
func TestSignalSize(t *testing.T) {
	m, err := NewSignalClassifier(small(128, 6, 1, nil), SignalConfig{Stride: 1, Pool: autograd.MeanPool}, 1, 10, 160, 1)
	if err != nil {
		t.Fatal(err)
	}
	blocks := autograd.Count(m.Encoder.Params())
	if n := autograd.Count(m.Params()); n != blocks+128+128+10*128+10 {
		t.Errorf("%d parameters around %d of the encoder", n-blocks, blocks)
	}
}

// TestWindows: a row is made of the samples around those of its stride, and
// filters begin with the magnitude of a frequency.
func TestWindows(t *testing.T) {
	s := SignalConfig{Stride: 2, Window: 5, Pool: autograd.MeanPool}
	m, err := NewSignalClassifier(small(32, 1, 1, nil), s, 1, 3, 30, 1)
	if err != nil {
		t.Fatal(err)
	}
	seq := tensor.Pack(3, 1)
	got := m.fill([]float32{1, 2, 3, 9}, seq, seq.Map(s.Rows))
	numtest.BitEqual(t, "windows", got, []float32{0, 1, 2, 3, 0, 2, 3, 0, 0, 0, 0, 9, 0, 0, 0})

	const window, n = 200, 64
	filters := gabor("filters", window, 1, n)
	for _, k := range []int{0, 20, 63} {
		f := lowestPeriods / window * math.Pow(highest/(lowestPeriods/window), float64(k)/(n-1))
		best, at := 0.0, -1
		for j := range n {
			var re, im float64
			for i := range window {
				x := math.Sin(2*math.Pi*f*float64(i) + 0.3)
				re += x * float64(filters.Weight.Data[j*window+i])
				im += x * float64(filters.Weight.Data[(n+j)*window+i])
			}
			if v := math.Hypot(re, im); v > best {
				best, at = v, j
			}
		}
		// Filters of the same width, at low frequencies, overlap each other.
		if at < k-2 || at > k+2 {
			t.Errorf("a sine of the frequency of filter %d speaks most to filter %d", k, at)
		}
	}
}
