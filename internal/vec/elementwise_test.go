package vec

import (
	"math"
	"math/rand/v2"
	"testing"
)

// An elementwiseOp is one row of the suite: a function that works element by
// element on some slices, the first `written` of which it writes.
type elementwiseOp struct {
	name            string
	slices, written int
	// aliases says which slice, if not 0, may be the same as slice 0.
	aliases int
	call    func(s [][]float32)
	// want is the formula: v holds one element of every slice, and the new
	// values take the places of the old.
	want func(v []float64)
	// tol is the absolute tolerance for values in (-2, 2), in units of eps:
	// the sum of the bounds of the terms that get rounded, so each step's
	// half ulp fits, and for activations their promised error.
	tol float64
}

const factor, shift = 1.25, -0.75 // scalars that no kernel may take for 0 or 1

var step = AdamWStep{Rate: 0.01, Beta1: 0.9, Beta2: 0.99, Eps: 1e-6, Decay: 0.1, Correction1: 0.271, Correction2: 0.0297}

var elementwise = []elementwiseOp{
	{"Add", 3, 1, 1, func(s [][]float32) { Add(s[0], s[1], s[2]) }, func(v []float64) { v[0] = v[1] + v[2] }, 4},
	{"Mul", 3, 1, 1, func(s [][]float32) { Mul(s[0], s[1], s[2]) }, func(v []float64) { v[0] = v[1] * v[2] }, 4},
	{"MulAdd", 3, 1, 2, func(s [][]float32) { MulAdd(s[0], s[1], s[2]) }, func(v []float64) { v[0] += v[1] * v[2] }, 10},
	{"Accumulate", 2, 1, 1, func(s [][]float32) { Accumulate(s[0], s[1]) }, func(v []float64) { v[0] += v[1] }, 4},
	{"Scale", 2, 1, 1, func(s [][]float32) { Scale(s[0], s[1], factor) }, func(v []float64) { v[0] = factor * v[1] }, 3},
	{"Axpy", 2, 1, 1, func(s [][]float32) { Axpy(s[0], factor, s[1]) }, func(v []float64) { v[0] += factor * v[1] }, 8},
	{"Fill", 1, 1, 0, func(s [][]float32) { Fill(s[0], factor) }, func(v []float64) { v[0] = factor }, 0},
	{"Exp", 2, 1, 1, func(s [][]float32) { Exp(s[0], s[1]) }, func(v []float64) { v[0] = math.Exp(v[1]) }, 20},
	{"ExpSub", 2, 1, 1, func(s [][]float32) { ExpSub(s[0], s[1], shift) }, func(v []float64) { v[0] = math.Exp(v[1] - shift) }, 90},
	{"Tanh", 2, 1, 1, func(s [][]float32) { Tanh(s[0], s[1]) }, func(v []float64) { v[0] = math.Tanh(v[1]) }, 4},
	{"TanhBack", 3, 1, 2, func(s [][]float32) { TanhBack(s[0], s[1], s[2]) }, func(v []float64) { v[0] += v[1] * (1 - v[2]*v[2]) }, 30},
	{"Sigmoid", 2, 1, 1, func(s [][]float32) { Sigmoid(s[0], s[1]) }, func(v []float64) { v[0] = logistic(v[1]) }, 4},
	{"SigmoidBack", 3, 1, 2, func(s [][]float32) { SigmoidBack(s[0], s[1], s[2]) }, func(v []float64) { v[0] += v[1] * v[2] * (1 - v[2]) }, 50},
	{"SiLU", 2, 1, 1, func(s [][]float32) { SiLU(s[0], s[1]) }, func(v []float64) { v[0] = v[1] * logistic(v[1]) }, 8},
	{"SiLUBack", 3, 1, 2, func(s [][]float32) { SiLUBack(s[0], s[1], s[2]) }, func(v []float64) {
		p := logistic(v[2])
		v[0] += v[1] * p * (1 + v[2]*(1-p))
	}, 30},
	{"Softplus", 2, 1, 1, func(s [][]float32) { Softplus(s[0], s[1]) }, func(v []float64) { v[0] = math.Log1p(math.Exp(v[1])) }, 8},
	{"SoftplusBack", 3, 1, 2, func(s [][]float32) { SoftplusBack(s[0], s[1], s[2]) }, func(v []float64) { v[0] += v[1] * logistic(v[2]) }, 12},
	{"ReLU", 2, 1, 1, func(s [][]float32) { ReLU(s[0], s[1]) }, func(v []float64) { v[0] = max(v[1], 0) }, 0},
	{"ReLUBack", 3, 1, 2, func(s [][]float32) { ReLUBack(s[0], s[1], s[2]) }, func(v []float64) {
		if v[2] > 0 {
			v[0] += v[1]
		}
	}, 4},
	{"GELU", 2, 1, 1, func(s [][]float32) { GELU(s[0], s[1]) }, func(v []float64) { v[0] = v[1] * normal(v[1]) }, 8},
	{"GELUBack", 3, 1, 2, func(s [][]float32) { GELUBack(s[0], s[1], s[2]) }, func(v []float64) {
		x := v[2]
		v[0] += v[1] * (normal(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi))
	}, 30},
	{"Sin", 2, 1, 1, func(s [][]float32) { Sin(s[0], s[1]) }, func(v []float64) { v[0] = math.Sin(v[1]) }, 4},
	{"SinCos", 3, 2, 2, func(s [][]float32) { SinCos(s[0], s[1], s[2]) }, func(v []float64) { v[0], v[1] = math.Sin(v[2]), math.Cos(v[2]) }, 4},
	{"ComplexMul", 6, 2, 2, func(s [][]float32) { ComplexMul(s[0], s[1], s[2], s[3], s[4], s[5]) }, func(v []float64) {
		v[0], v[1] = v[2]*v[4]-v[3]*v[5], v[2]*v[5]+v[3]*v[4]
	}, 16},
	{"ComplexMulAdd", 6, 2, 4, func(s [][]float32) { ComplexMulAdd(s[0], s[1], s[2], s[3], s[4], s[5]) }, func(v []float64) {
		re, im := v[2]*v[4]-v[3]*v[5], v[2]*v[5]+v[3]*v[4]
		v[0], v[1] = v[0]+re, v[1]+im
	}, 26},
	{"ComplexMulConj", 6, 2, 2, func(s [][]float32) { ComplexMulConj(s[0], s[1], s[2], s[3], s[4], s[5]) }, func(v []float64) {
		v[0], v[1] = v[2]*v[4]+v[3]*v[5], v[2]*v[5]-v[3]*v[4]
	}, 16},
	{"ComplexMulConjAdd", 6, 2, 4, func(s [][]float32) { ComplexMulConjAdd(s[0], s[1], s[2], s[3], s[4], s[5]) }, func(v []float64) {
		re, im := v[2]*v[4]+v[3]*v[5], v[2]*v[5]-v[3]*v[4]
		v[0], v[1] = v[0]+re, v[1]+im
	}, 26},
	{"Exp2Sub", 2, 1, 1, func(s [][]float32) { Exp2Sub(s[0], s[1], shift) }, func(v []float64) { v[0] = math.Exp2(v[1] - shift) }, 60},
	{"ScoresBack", 4, 2, 0, func(s [][]float32) { ScoresBack(s[0], s[1], s[2], s[3]) }, func(v []float64) {
		v[0] = math.Exp2(v[0] - v[2])
		v[1] = v[0] * (v[1] - v[3])
	}, 600},
	{"AdamW", 4, 4, 0, func(s [][]float32) {
		for i, v := range s[3] {
			s[3][i] = max(v, -v) // the second moment is never negative
		}
		AdamW(s[0], s[1], s[2], s[3], step)
	}, func(v []float64) {
		g := v[1]
		v[3] = math.Abs(v[3])
		v[2] = float64(step.Beta1)*v[2] + float64(1-step.Beta1)*g
		v[3] = float64(step.Beta2)*v[3] + float64(1-step.Beta2)*g*g
		v[0] *= 1 - float64(step.Rate)*float64(step.Decay)
		v[0] -= float64(step.Rate) * (v[2] / float64(step.Correction1)) / (math.Sqrt(v[3]/float64(step.Correction2)) + float64(step.Eps))
	}, 30},
}

// TestElementwise holds every level to the formula, at every length and
// alignment, with dst apart and with dst one of the inputs.
func TestElementwise(t *testing.T) {
	for _, op := range elementwise {
		t.Run(op.name, func(t *testing.T) {
			levels(t, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(1, 2))
				for _, n := range lengths {
					for offset := range 3 {
						op.check(t, rng, n, offset, false)
						if op.aliases > 0 {
							op.check(t, rng, n, offset, true)
						}
					}
				}
			})
		})
	}
}

func (op elementwiseOp) check(t *testing.T, rng *rand.Rand, n, offset int, alias bool) {
	t.Helper()
	s, all := make([][]float32, op.slices), make([][]float32, op.slices)
	old := make([][]float32, op.slices)
	for i := range s {
		s[i], all[i] = guarded(n, offset+i, uniform(rng))
	}
	if alias {
		s[0] = s[op.aliases]
	}
	for i := range s {
		old[i] = append([]float32(nil), s[i]...)
	}
	op.call(s)
	v := make([]float64, op.slices)
	for j := range n {
		for i := range v {
			v[i] = float64(old[i][j])
		}
		op.want(v)
		for i := range op.written {
			if got := float64(s[i][j]); !(math.Abs(got-v[i]) <= op.tol*eps) {
				t.Fatalf("n=%d offset=%d alias=%v: slice %d[%d] = %v, want %v ± %v", n, offset, alias, i, j, got, v[i], op.tol*eps)
			}
		}
		for i := op.written; i < op.slices; i++ {
			if !(alias && i == op.aliases) && s[i][j] != old[i][j] {
				t.Fatalf("n=%d: input %d changed at %d", n, i, j)
			}
		}
	}
	for i := range all {
		checkGuards(t, all[i], n, offset+i)
	}
}

// TestPosition holds an element to the same bits wherever it stands, special
// values among them.
func TestPosition(t *testing.T) {
	special := []float32{0, nan, inf, -inf, 1e-40, -1e-40, 3e38, -3e38, 2e5, -88, -100, 89, 14, -14}
	for _, op := range elementwise {
		t.Run(op.name, func(t *testing.T) {
			levels(t, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(3, 4))
				const n = 157
				s, one := make([][]float32, op.slices), make([][]float32, op.slices)
				for i := range s {
					s[i] = make([]float32, n)
					for j := range s[i] {
						s[i][j] = float32(math.Ldexp(rng.NormFloat64(), rng.IntN(12)-4))
						if rng.IntN(4) == 0 {
							s[i][j] = special[rng.IntN(len(special))]
						}
					}
				}
				single := make([][]float32, op.slices)
				for i := range s {
					single[i] = append([]float32(nil), s[i]...)
				}
				op.call(s)
				for j := range n {
					for i := range one {
						one[i] = single[i][j : j+1]
					}
					op.call(one)
					for i := range op.written {
						if !same(s[i][j], one[i][0]) {
							t.Fatalf("slice %d[%d] = %x, alone %x", i, j, s[i][j], one[i][0])
						}
					}
				}
			})
		})
	}
}

// TestNaNTravels puts NaN into each slice that a function reads, in turn.
func TestNaNTravels(t *testing.T) {
	for _, op := range elementwise {
		t.Run(op.name, func(t *testing.T) {
			levels(t, func(t *testing.T) {
				for in := range op.slices {
					v := make([]float64, op.slices)
					for i := range v {
						v[i] = 0.5
					}
					v[in] = math.NaN()
					for _, n := range []int{1, 5, 16, 45} {
						for at := range n {
							s := make([][]float32, op.slices)
							for i := range s {
								s[i] = make([]float32, n)
								Fill(s[i], 0.5)
							}
							s[in][at] = nan
							op.call(s)
							w := append([]float64(nil), v...)
							op.want(w)
							for i := range op.written {
								for j, got := range s[i] {
									if isNaN := got != got; isNaN != (j == at && math.IsNaN(w[i])) {
										t.Fatalf("NaN at %d of %d in slice %d: slice %d[%d] = %v", at, n, in, i, j, got)
									}
								}
							}
						}
					}
				}
			})
		})
	}
}
