package autograd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/tensor"
)

// A row of the op table. Adding an op adds a row, which checks its value
// against a plain float64 version, its gradient against finite differences of
// that version, its bits on several thread counts and with each operand a
// constant in turn, and benchmarks it.
type row struct {
	name  string
	in    [][]int // shapes of the differentiable inputs
	f     func(t *Tape, in []*Node) *Node
	naive func(in [][]float64) []float64
	train bool // run on a training tape
	// tol bounds the error of values relative to the largest; 0 stands for
	// 1e-5, about 2^7 roundings, which the sums of these sizes stay within.
	tol float64
	// positive draws inputs from 0.5 to 2 where the op has a kink or a pole.
	positive bool
}

func (r row) inputs() [][]float32 {
	in := make([][]float32, len(r.in))
	for i, s := range r.in {
		in[i] = numtest.Normal(uint64(7+i), tensor.Size(s))
		if r.positive {
			for j, v := range in[i] {
				in[i][j] = 0.5 + 1.5/(1+v*v)
			}
		}
	}
	return in
}

// run returns the value and, for cotangent dy, the gradients, added to ones.
func (r row) run(in [][]float32, dy []float32) (y []float32, grads [][]float32, ops []string) {
	return r.runWith(in, dy, -1)
}

// runWith makes one of the operands a constant.
func (r row) runWith(in [][]float32, dy []float32, constant int) (y []float32, grads [][]float32, ops []string) {
	var t Tape
	t.Training, t.Check = r.train, true
	nodes := make([]*Node, len(in))
	grads = make([][]float32, len(in))
	for i := range in {
		grads[i] = make([]float32, len(in[i]))
		for j := range grads[i] {
			grads[i][j] = 1 // Backward must add
		}
		if i == constant {
			nodes[i] = t.Input(in[i], r.in[i]...)
		} else {
			nodes[i] = t.Variable(in[i], grads[i], r.in[i]...)
		}
	}
	out := r.f(&t, nodes)
	for _, n := range t.Nodes() {
		ops = append(ops, n.Op)
	}
	y = append(y, out.Data...)
	if dy != nil {
		t.Backward(out, dy, 1)
	}
	return y, grads, ops
}

func TestOps(t *testing.T) {
	seen := map[string]bool{}
	for _, level := range cpu.Levels {
		if level > cpu.Best() {
			t.Logf("level %v is not available on this CPU", level)
			continue
		}
		restore := cpu.Limit(level)
		for _, r := range ops {
			t.Run(fmt.Sprint(r.name, "/", level), func(t *testing.T) { checkRow(t, r, seen) })
		}
		restore()
	}
	for _, name := range opNames(t) {
		if !seen[name] {
			t.Errorf("op %q has no row in the op table", name)
		}
	}
}

func checkRow(t *testing.T, r row, seen map[string]bool) {
	in := r.inputs()
	wide := make([][]float64, len(in))
	for i := range in {
		wide[i] = widen(in[i])
	}
	want := r.naive(wide)
	dy := numtest.Normal(99, len(want))
	y, grads, names := r.run(in, dy)
	for _, n := range names {
		seen[n] = true
	}
	tol := r.tol
	if tol == 0 {
		tol = 1e-5
	}
	numtest.Close(t, "value", y, want, tol)
	for i := range in {
		num := make([]float64, len(in[i]))
		for j := range num {
			// The central difference errs by h^2 (third derivative) and by
			// 2^-52/h (rounding): both about 1e-10 here.
			const h = 1e-5
			old := wide[i][j]
			wide[i][j] = old + h
			up := inner(r.naive(wide), dy)
			wide[i][j] = old - h
			down := inner(r.naive(wide), dy)
			wide[i][j] = old
			num[j] = 1 + (up-down)/(2*h)
		}
		numtest.Close(t, fmt.Sprint("gradient of input ", i), grads[i], num, 4*tol)
	}
	for _, threads := range []int{1, 2, 4} {
		func() {
			defer par.SetThreads(par.SetThreads(threads))
			y2, grads2, _ := r.run(in, dy)
			numtest.BitEqual(t, fmt.Sprint("value on ", threads, " threads"), y2, y)
			for i := range grads {
				numtest.BitEqual(t, fmt.Sprint("gradient on ", threads, " threads"), grads2[i], grads[i])
			}
		}()
	}
	for constant := range in {
		y2, grads2, _ := r.runWith(in, dy, constant)
		numtest.BitEqual(t, fmt.Sprintf("value with input %d constant", constant), y2, y)
		for i := range grads {
			if i != constant {
				numtest.BitEqual(t, fmt.Sprintf("gradient of input %d with input %d constant", i, constant), grads2[i], grads[i])
			}
		}
	}
}

// opNames returns every op name in the sources of the package.
func opNames(t *testing.T) []string {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		if regexp.MustCompile(`_test\.go$`).MatchString(f) {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:t\.op\(|t\.gather\(|const op = )"([a-z0-9-]+)"`).FindAllSubmatch(b, -1) {
			names = append(names, string(m[1]))
		}
	}
	if len(names) < 20 {
		t.Fatalf("found only %d op names", len(names))
	}
	return names
}

func BenchmarkOps(b *testing.B) {
	for _, r := range ops {
		b.Run(r.name, func(b *testing.B) {
			in := r.inputs()
			y, _, _ := r.run(in, nil)
			dy := numtest.Normal(99, len(y))
			b.ReportAllocs()
			for b.Loop() {
				r.run(in, dy)
			}
		})
	}
}

// TestTemporary: what f recorded goes, but for the result and what belongs to
// the caller; a tape with gradients keeps everything.
func TestTemporary(t *testing.T) {
	x, w := numtest.Normal(1, 64*32), numtest.Normal(2, 32*32)
	var want []float32
	for _, noGrad := range []bool{false, true} {
		tape := Tape{NoGrad: noGrad}
		for range 2 { // the second time on used buffers
			tape.Reset()
			before := tape.Apply(tape.Input(x, 64, 32), GELU)
			var inner, outer, leaf *Node
			y := tape.Temporary(func() *Node {
				inner = tape.Temporary(func() *Node {
					leaf = tape.Input(w, 32, 32)
					return tape.LayerNorm(tape.Linear(before, leaf, nil), tape.Input(ones32(32), 32), tape.Input(ones32(32), 32), 1e-5)
				})
				outer = tape.Mul(inner, inner)
				return tape.Add(outer, before)
			})
			if before.Data == nil || leaf.Data == nil || y.Data == nil {
				t.Fatal("gave back what is still wanted")
			}
			if gone := inner.Data == nil && outer.Data == nil; gone != noGrad {
				t.Errorf("NoGrad %v: gave back %v", noGrad, gone)
			}
			if want == nil {
				want = append(want, y.Data...)
			}
			numtest.BitEqual(t, fmt.Sprint("NoGrad ", noGrad), y.Data, want)
			if noGrad && tape.PeakBytes() > 5*4*len(x) { // before, and two operands, a result and the statistics of rows
				t.Errorf("peak %d bytes", tape.PeakBytes())
			}
		}
		tape.Reset()
		if y := tape.Temporary(func() *Node { return tape.Input(x, 64, 32) }); y.Data == nil {
			t.Error("an input as result lost its value")
		}
	}
}

func ones32(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func inner(a []float64, b []float32) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * float64(b[i])
	}
	return sum
}

func TestShapeErrorNamesOpAndShapes(t *testing.T) {
	var tape Tape
	x, w := tape.Input(make([]float32, 6), 2, 3), tape.Input(make([]float32, 8), 2, 4)
	err := Catch(func() { tape.Linear(x, w, nil) })
	const want = "autograd: linear wants x [T, in], w [n, out/n, in/n], b [out], got [[2 3] [2 4]]"
	if err == nil || err.Error() != want {
		t.Fatalf("got %v", err)
	}
}

// TestStop: a pass ends with the error of Stop, before the operation after it.
func TestStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	tape := Tape{Stop: ctx.Err}
	x := tape.Input([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	var y *Node
	err := Catch(func() {
		y = tape.Add(x, x)
		cancel()
		tape.Add(y, y)
		t.Error("the pass went on")
	})
	if !errors.Is(err, context.Canceled) || y.Data[5] != 12 || len(tape.Nodes()) != 2 {
		t.Errorf("%v after %d nodes", err, len(tape.Nodes()))
	}
}

func TestCheckNamesTheFirstNonFinite(t *testing.T) {
	tape := Tape{Check: true}
	leave := tape.Enter("blocks.1")
	err := Catch(func() {
		x := tape.Input([]float32{1, float32(math.Inf(1)), 3, 4}, 2, 2)
		tape.Mul(x, x)
	})
	leave()
	if got := fmt.Sprint(err); got != "blocks.1: op mul: value of shape [2 2] is not finite at element 1" {
		t.Fatalf("got %v", got)
	}
}

// TestSteadyStateReusesBuffers runs one step twice: the second must take all
// its buffers from the pool.
func TestSteadyStateReusesBuffers(t *testing.T) {
	var tape Tape
	x, w := numtest.Normal(1, 64*32), numtest.Normal(2, 32*32)
	gw := make([]float32, len(w))
	step := func() {
		tape.Reset()
		y := tape.Linear(tape.Input(x, 64, 32), tape.Variable(w, gw, 32, 32), nil)
		tape.Backward(tape.Apply(y, Activation{Name: "gelu"}), nil, 1)
	}
	step()
	peak := tape.PeakBytes()
	for range 3 {
		step()
	}
	if got := tape.PeakBytes(); got != peak {
		t.Fatalf("peak grew from %d to %d bytes", peak, got)
	}
}
