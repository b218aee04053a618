package model

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/tensor"
)

// TestHear: what a mixer is given is heard while other tapes go forward, and gives
// what the mixer gave.
func TestHear(t *testing.T) {
	c := orchidBERT(36, mixers["orchid"])
	c.Vocabulary, c.Encoder.Depth, c.Encoder.Mixer.Filter.Width = 97, 3, 8
	m, err := NewMaskedLM(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	e := m.Encoder
	hear := func(n, block int) (*tensor.Tensor, *autograd.Tape) {
		tape := &autograd.Tape{NoGrad: true}
		rows, err := e.Hear(block, tape, func() error {
			return autograd.Catch(func() { m.Forward(tape, words(n, 97), nil, tensor.Pack(n)) })
		})
		if err != nil {
			t.Error(err)
		}
		return rows, tape
	}
	wants := map[int]*tensor.Tensor{}
	for n := 3; n < 11; n++ {
		wants[n], _ = hear(n, 2)
		if wants[n].Rows() != n || wants[n].Cols() != c.Encoder.Width {
			t.Fatalf("%d rows: heard %v", n, wants[n].Shape)
		}
	}
	var group sync.WaitGroup
	for n, want := range wants {
		group.Go(func() {
			for range 5 {
				if got, _ := hear(n, 2); !slices.Equal(got.Data, want.Data) {
					t.Errorf("%d rows: heard another text, or other numbers", n)
				}
			}
		})
	}
	group.Wait()

	// Any tape: the pass goes on to its end, and the first sequence is heard.
	var out *autograd.Node
	rows, err := e.Hear(2, nil, func() error {
		out = m.Forward(&autograd.Tape{NoGrad: true}, words(9, 97), nil, tensor.Pack(5, 4))
		return nil
	})
	if err != nil || !slices.Equal(rows.Data, wants[5].Data) || out.Rows() != 9 {
		t.Errorf("heard %v of the first of two: %v", rows, err)
	}
	if n := e.Blocks[2].ears.count.Load(); n != 0 || len(e.Blocks[2].ears.list) != 0 {
		t.Errorf("%d ears are left", n)
	}

	wrong := errors.New("wrong")
	if _, err := e.Hear(0, nil, func() error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("got %v, want the error of the pass", err)
	}
	if _, err := e.Hear(0, nil, func() error { return nil }); err == nil {
		t.Error("a pass that did not happen was heard")
	}
}
