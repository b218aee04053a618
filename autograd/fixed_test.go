package autograd

import (
	"fmt"
	"sync"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
)

// TestFix holds products with fixed weights to the bits of those with others, at the
// same time from many goroutines; a tape with gradients still has them.
func TestFix(t *testing.T) {
	for _, c := range []struct{ rows, in, out, n int }{{1, 1, 1, 1}, {3, 5, 7, 1}, {14, 256, 300, 1}, {33, 12, 20, 4}, {5, 600, 8, 2}} {
		p, bias := NewParam("w", c.n, c.out/c.n, c.in/c.n), numtest.Normal(2, c.out)
		copy(p.Data, numtest.Normal(1, len(p.Data)))
		x := numtest.Normal(3, c.rows*c.in)
		forward := func(t *Tape) *Node {
			return t.BlockLinear(t.Input(x, c.rows, c.in), t.Param(p), t.Input(bias, c.out), c.n)
		}
		want := forward(&Tape{NoGrad: true}).Data
		p.Fix(true)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				numtest.BitEqual(t, fmt.Sprint(c), forward(&Tape{NoGrad: true}).Data, want)
			})
		}
		all.Wait()
		if p.fixed.blocks == nil {
			t.Errorf("%v: nothing was kept", c)
		}
		tape := Tape{}
		y := forward(&tape)
		numtest.BitEqual(t, fmt.Sprint(c), y.Data, want)
		tape.Backward(y, nil, 1)
		if p.Grad[0] == 0 {
			t.Errorf("%v: no gradient", c)
		}
	}
}
