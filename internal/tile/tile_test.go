package tile

import (
	"fmt"
	"math"
	"testing"

	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/numtest"
)

// operands is a set of operands of a kernel: rows of random numbers at odd
// distances, NaN between the columns that are read and a mark between those
// that are written.
type operands struct {
	n    int
	seed uint64
	bufs [][]float32
}

const mark = -12345.5

func (o *operands) rows(n, stride int, between float32) Rows {
	o.seed++
	x := numtest.Normal(o.seed, (n-1)*stride+Cols)
	if stride > Cols {
		for i := range n - 1 {
			for c := i*stride + Cols; c < (i+1)*stride; c++ {
				x[c] = between
			}
		}
	}
	o.bufs = append(o.bufs, x)
	return Rows{x, stride}
}

func (o *operands) in(stride int) Rows { return o.rows(o.n, stride, float32(math.NaN())) }
func (o *operands) out() Rows          { return o.rows(o.n, 45, mark) }
func (o *operands) inBins() Bins       { return Bins{o.in(64), o.in(64)} }
func (o *operands) outBins() Bins      { return Bins{o.rows(o.n, 32, mark), o.rows(o.n, 32, mark)} }

// kernels runs every function, with its own operands.
var kernels = map[string]func(o *operands){
	"Mul":                 func(o *operands) { Mul(o.out(), o.in(37), o.in(32), o.n) },
	"Mul by a row":        func(o *operands) { Mul(o.out(), o.in(37), o.in(0), o.n) },
	"MulAdd":              func(o *operands) { MulAdd(o.out(), o.in(33), o.in(0), o.n) },
	"MulSum":              func(o *operands) { MulSum(o.out(), o.in(32), o.in(40), o.in(0), o.n) },
	"Dot":                 func(o *operands) { Dot((*[Cols]float32)(o.rows(1, 32, 0).Data), o.in(32), o.in(77), o.n) },
	"ComplexMulSum":       func(o *operands) { ComplexMulSum(o.outBins(), o.inBins(), o.inBins(), o.inBins(), false, o.n) },
	"ComplexMulSum, conj": func(o *operands) { ComplexMulSum(o.outBins(), o.inBins(), o.inBins(), o.inBins(), true, o.n) },
	"ConjMul":             func(o *operands) { ConjMul(o.outBins(), o.inBins(), o.inBins(), false, o.n) },
	"ConjMul, add":        func(o *operands) { ConjMul(o.outBins(), o.inBins(), o.inBins(), true, o.n) },
	"Abs":                 func(o *operands) { Abs(o.out(), o.in(37), o.n) },
	"MulSign": func(o *operands) {
		b := o.in(35)
		b.Data[1], b.Data[2], b.Data[3] = 0, float32(math.Copysign(0, -1)), float32(math.NaN())
		MulSign(o.out(), o.in(32), b, o.n)
	},
	"Gate": func(o *operands) {
		Gate(o.out(), o.in(32), o.in(32), o.in(40), o.in(0), o.in(33), o.in(37), o.in(0), o.n)
	},
	"Gate without a residual": func(o *operands) {
		zero := Row(make([]float32, Cols))
		Gate(o.out(), o.in(32), o.in(32), o.in(40), o.in(0), zero, zero, zero, o.n)
	},
	"GateBack": func(o *operands) {
		sum := (*[Cols]float32)(o.rows(1, 32, 0).Data)
		GateBack(o.out(), sum, o.in(40), o.in(32), o.in(33), o.in(32), o.in(0), o.n)
	},
	"GateBack in place": func(o *operands) {
		c, sum := o.out(), (*[Cols]float32)(o.rows(1, 32, 0).Data)
		GateBack(c, sum, o.in(40), o.in(32), c, o.in(32), o.in(0), o.n)
	},
	"ProductBack": func(o *operands) {
		ProductBack(o.out(), o.out(), o.in(40), o.in(32), o.in(0), o.in(33), o.in(32), o.n)
	},
	"ProductBack in place": func(o *operands) {
		v, x1 := o.out(), o.out()
		ProductBack(v, x1, o.in(40), o.in(32), o.in(0), x1, v, o.n)
	},
	"Mul in place": func(o *operands) {
		d := o.out()
		Mul(d, d, o.in(32), o.n)
	},
	"ComplexMulSum in place": func(o *operands) {
		d := o.outBins()
		ComplexMulSum(d, d, o.inBins(), o.inBins(), true, o.n)
	},
}

func init() {
	for _, taps := range []int{1, 2, 3, 5} {
		kernels[fmt.Sprint("Conv of ", taps)] = func(o *operands) {
			Conv(o.out(), o.in(0), o.rows(o.n+taps-1, 39, float32(math.NaN())), o.rows(taps, 32, 0).Data, o.n)
		}
		kernels[fmt.Sprint("Conv of ", taps, ", added")] = func(o *operands) {
			d := o.out()
			Conv(d, d, o.rows(o.n+taps-1, 32, 0), o.rows(taps, 32, 0).Data, o.n)
		}
		kernels[fmt.Sprint("ConvGrad of ", taps)] = func(o *operands) {
			ConvGrad(o.rows(taps, 32, 0).Data, o.in(35), o.rows(o.n+taps-1, 39, float32(math.NaN())), o.n)
		}
	}
}

// TestLevels holds every level to the portable twin. Sums of n products may
// differ by a rounding each: fused multiply-adds round once where the twin
// rounds twice.
func TestLevels(t *testing.T) {
	for name, run := range kernels {
		for _, n := range []int{1, 2, 3, 7, 64, 129} {
			want := portable(n, run)
			for _, level := range cpu.Levels {
				if level > cpu.Best() {
					continue
				}
				restore := cpu.Limit(level)
				o := &operands{n: n}
				run(o)
				restore()
				tol := float64(2*n+12) * math.Ldexp(1, -24) * 10 // of normal numbers, of which a product seldom exceeds 10
				for b := range want.bufs {
					for i, w := range want.bufs[b] {
						got := o.bufs[b][i]
						if same := got == w || got != got && w != w; !same && !(math.Abs(float64(got-w)) <= tol) {
							t.Fatalf("%s, %d rows, %v: operand %d, element %d is %v, want %v", name, n, level, b, i, got, w)
						}
					}
				}
			}
		}
	}
}

func portable(n int, run func(o *operands)) *operands {
	defer cpu.Limit(cpu.Portable)()
	o := &operands{n: n}
	run(o)
	return o
}

// TestConv compares with the definition, and through it the portable twins
// that everything is compared with.
func TestConv(t *testing.T) {
	const n, taps = 9, 3
	x, w, b := numtest.Normal(1, (n+taps-1)*Cols), numtest.Normal(2, taps*Cols), numtest.Normal(3, Cols)
	y, sum := make([]float32, n*Cols), make([]float32, taps*Cols)
	Conv(Rows{y, Cols}, Row(b), Rows{x, Cols}, w, n)
	ConvGrad(sum, Rows{y, Cols}, Rows{x, Cols}, n)
	wantY, wantSum := make([]float64, len(y)), make([]float64, len(sum))
	for i := range n {
		for c := range Cols {
			v := float64(b[c])
			for k := range taps {
				v += float64(w[k*Cols+c]) * float64(x[(i+k)*Cols+c])
			}
			wantY[i*Cols+c] = v
			for k := range taps {
				wantSum[k*Cols+c] += v * float64(x[(i+k)*Cols+c])
			}
		}
	}
	numtest.Close(t, "convolution", y, wantY, 1e-6)
	numtest.Close(t, "gradient", sum, wantSum, 1e-6)
}

func TestShortOperandsPanic(t *testing.T) {
	x := make([]float32, 64)
	for name, f := range map[string]func(){
		"rows":   func() { Mul(Rows{x, 32}, Rows{x, 32}, Rows{x, 32}, 3) },
		"stride": func() { Mul(Rows{x, 33}, Rows{x, 32}, Rows{x, 32}, 2) },
		"taps":   func() { Conv(Rows{x, 32}, Row(x), Rows{x, 32}, x, 2) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
