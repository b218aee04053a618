package tensor

import (
	"slices"
	"strings"
	"testing"
)

func TestOffsets(t *testing.T) {
	o := Pack(3, 1, 3, 5)
	if o.Count() != 4 || o.Total() != 12 || o.MaxLen() != 5 || o.Len(2) != 3 {
		t.Errorf("%v", o)
	}
	if lo, hi := o.Span(2); lo != 4 || hi != 7 {
		t.Errorf("span %d %d", lo, hi)
	}
	lengths, which := o.Lengths()
	if !slices.Equal(lengths, []int{1, 3, 5}) || !slices.Equal(which, []int{1, 0, 1, 2}) {
		t.Errorf("lengths %v, which %v", lengths, which)
	}
	if m := o.Map(func(n int) int { return n/2 + 1 }); !slices.Equal(m, Pack(2, 1, 2, 3)) {
		t.Errorf("map %v", m)
	}
	if !slices.Equal(Uniform(2, 4), Pack(4, 4)) {
		t.Errorf("uniform %v", Uniform(2, 4))
	}
	for _, c := range []struct {
		o    Offsets
		rows int
		says string
	}{
		{Pack(3, 1), 4, ""},
		{Pack(3, 1), 5, "hold 4 rows, the tensor 5"},
		{Pack(3, 0), 3, "sequence 1 has length 0"},
		{Offsets{0}, 0, "at least one sequence"},
		{Offsets{1, 2}, 2, "want 0 first"},
	} {
		err := c.o.Check(c.rows)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v, %d rows: %v", c.o, c.rows, err)
		}
	}
}

func TestTensor(t *testing.T) {
	x := From([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	if x.Rows() != 2 || x.Cols() != 3 || !slices.Equal(x.Row(1), []float32{4, 5, 6}) {
		t.Errorf("%+v", x)
	}
	if s := New(); s.Rows() != 1 || s.Cols() != 1 || len(s.Data) != 1 {
		t.Errorf("scalar %+v", s)
	}
	defer func() {
		if recover() == nil {
			t.Error("a shape of another size was accepted")
		}
	}()
	From(x.Data, 2, 2)
}

// TestPool hands a buffer out again for every size of its class, and counts.
func TestPool(t *testing.T) {
	var p Pool
	a := p.Get(1000)
	a[999] = 7
	p.Put(a)
	b := p.Get(990)
	if &a[0] != &b[0] || len(b) != 990 {
		t.Error("the buffer was not used again")
	}
	p.Put(b)
	if z := p.Zeros(1000); z[999] != 0 {
		t.Error("Zeros is not zero")
	}
	if got, most := p.PeakBytes(), 4*1000*9/8; got < 4000 || got > most {
		t.Errorf("peak %d bytes, want 4000 to %d", got, most)
	}
	c := p.Get(5000) // beside one of 1000 on its shelf
	if got, want := p.HeldBytes(), 4*(Rounded(1000)+Rounded(5000)); got != want {
		t.Errorf("%d bytes held, want %d", got, want)
	}
	p.Put(c)
	for n := 1; n < 100000; n = n*5/4 + 1 {
		if c := class(n); c < n || n > 64 && c > n*9/8 {
			t.Errorf("class(%d) = %d", n, c)
		}
	}
}
