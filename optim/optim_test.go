package optim

import (
	"math"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
)

// TestAdamW follows PyTorch's formula in float64 for a few steps.
func TestAdamW(t *testing.T) {
	const n = 37
	groups := map[autograd.Group]Setting{autograd.Main: {Rate: 0.01, Decay: 0.1}, autograd.Filter: {Rate: 0.002}}
	p, q, bias := autograd.NewParam("p", n), autograd.NewParam("q", n), autograd.NewParam("bias", n)
	q.Group, bias.NoDecay = autograd.Filter, true
	frozen := autograd.NewParam("frozen", n)
	frozen.Frozen = true
	list := []*autograd.Param{p, q, bias, frozen}
	o := NewAdamW(list, groups, 0.9, 0.98, 1e-8)
	for k, x := range list {
		copy(x.Data, numtest.Normal(uint64(k), n))
	}
	want := map[string][]float64{}
	type moments struct{ m, v []float64 }
	state := map[string]moments{}
	for _, x := range list {
		for _, v := range x.Data {
			want[x.Name] = append(want[x.Name], float64(v))
		}
		state[x.Name] = moments{make([]float64, n), make([]float64, n)}
	}
	for step := 1; step <= 5; step++ {
		for k, x := range list {
			copy(x.Grad, numtest.Normal(uint64(10*step+k), n))
		}
		factor := 1 / float64(step)
		o.Step(factor)
		for _, x := range list[:3] {
			rate, decay := 0.01*factor, 0.1
			if x == q {
				rate, decay = 0.002*factor, 0
			}
			if x == bias {
				decay = 0
			}
			s := state[x.Name]
			for i, g := range x.Grad {
				w := &want[x.Name][i]
				*w *= 1 - rate*decay
				s.m[i] = 0.9*s.m[i] + 0.1*float64(g)
				s.v[i] = 0.98*s.v[i] + 0.02*float64(g)*float64(g)
				mhat, vhat := s.m[i]/(1-math.Pow(0.9, float64(step))), s.v[i]/(1-math.Pow(0.98, float64(step)))
				*w -= rate * mhat / (math.Sqrt(vhat) + 1e-8)
			}
		}
	}
	for _, x := range list {
		numtest.Close(t, x.Name, x.Data, want[x.Name], 1e-6) // a dozen roundings a step
	}
	if got := len(o.State()); got != 6 {
		t.Errorf("%d state tensors, want two for each of three trained parameters", got)
	}
}

func TestSchedule(t *testing.T) {
	s := Schedule{Steps: 110, Warmup: 10, Decay: "cosine", Final: 0.1}
	for step, want := range map[int]float64{0: 0.1, 9: 1, 10: 1, 60: 0.55, 110: 0.1, 500: 0.1} {
		if got := s.At(step); math.Abs(got-want) > 1e-12 {
			t.Errorf("cosine, step %d: got %v, want %v", step, got, want)
		}
	}
	s.Decay = "linear"
	if got := s.At(35); math.Abs(got-0.775) > 1e-12 {
		t.Errorf("linear: got %v", got)
	}
	s.Decay = "constant"
	if got := s.At(100); got != 1 {
		t.Errorf("constant: got %v", got)
	}
}

func TestClip(t *testing.T) {
	p := autograd.NewParam("p", 2)
	copy(p.Grad, []float32{3, 4})
	norm := GradNorm([]*autograd.Param{p})
	if norm != 5 {
		t.Fatalf("norm %v", norm)
	}
	Clip([]*autograd.Param{p}, norm, 10)
	numtest.Close(t, "below the limit", p.Grad, []float64{3, 4}, 0)
	Clip([]*autograd.Param{p}, norm, 1)
	numtest.Close(t, "clipped", p.Grad, []float64{0.6, 0.8}, 1e-7)
}

func TestEMA(t *testing.T) {
	for _, c := range []struct {
		step         int
		decay, share float64 // what stays of the average
	}{{1000, 0.5, 0.5}, {1, 0.5, 2. / 11}, {5, 0.9, 6. / 15}, {80, 0.9, 0.9}, {79, 0.9, 80. / 89}} {
		p := autograd.NewParam("p", 1)
		p.Data[0] = 1
		e := NewEMA([]*autograd.Param{p}, c.decay)
		p.Data[0] = 3
		e.Update(c.step)
		e.Swap()
		// Five roundings, of d, 1-d, two products and the sum, of at most 2^-24 of 3, to 1 at least.
		numtest.Close(t, "average", p.Data, []float64{c.share + 3*(1-c.share)}, 15*0x1p-24)
		if e.Swap(); p.Data[0] != 3 {
			t.Fatalf("weights %v, want 3 again", p.Data[0])
		}
	}
}
