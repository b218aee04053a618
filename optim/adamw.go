// Package optim holds what moves parameters: AdamW with parameter groups,
// learning-rate schedules, gradient clipping and averages of weights.
package optim

import (
	"math"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
	"github.com/orchid-seq/orchid/tensor"
)

// A Setting is the learning rate and the weight decay of a group.
type Setting struct{ Rate, Decay float64 }

// AdamW is the optimizer of Loshchilov and Hutter (2019). Weight decay is
// decoupled and skips parameters marked NoDecay. It owns its moments; it is not
// safe for concurrent use.
type AdamW struct {
	Beta1, Beta2, Eps float64
	Settings          map[autograd.Group]Setting // a missing group follows Main

	params []*autograd.Param
	m, v   [][]float32
	steps  int // taken so far
}

// NewAdamW makes an optimizer of the parameters that are not frozen.
func NewAdamW(params []*autograd.Param, settings map[autograd.Group]Setting, beta1, beta2, eps float64) *AdamW {
	o := &AdamW{Beta1: beta1, Beta2: beta2, Eps: eps, Settings: settings}
	for _, p := range params {
		if !p.Frozen {
			o.params = append(o.params, p)
			o.m = append(o.m, make([]float32, len(p.Data)))
			o.v = append(o.v, make([]float32, len(p.Data)))
		}
	}
	return o
}

// setting returns what a parameter follows.
func (o *AdamW) setting(p *autograd.Param) Setting {
	s, ok := o.Settings[p.Group]
	if !ok {
		s = o.Settings[autograd.Main]
	}
	if p.NoDecay {
		s.Decay = 0
	}
	return s
}

// Step moves every parameter against its gradient, with rates multiplied by
// factor, the value of the schedule.
func (o *AdamW) Step(factor float64) {
	o.steps++
	c1 := 1 - math.Pow(o.Beta1, float64(o.steps))
	c2 := 1 - math.Pow(o.Beta2, float64(o.steps))
	par.For(len(o.params), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			p := o.params[i]
			s := o.setting(p)
			vec.AdamW(p.Data, p.Grad, o.m[i], o.v[i], vec.AdamWStep{
				Rate: float32(factor * s.Rate), Decay: float32(s.Decay),
				Beta1: float32(o.Beta1), Beta2: float32(o.Beta2), Eps: float32(o.Eps),
				Correction1: float32(c1), Correction2: float32(c2),
			})
		}
	})
}

// State lists the moments as frozen parameters that share their memory with
// the optimizer, so that a checkpoint stores and loads them like any other.
func (o *AdamW) State() (list []*autograd.Param) {
	for i, p := range o.params {
		list = append(list, shared("adamw.m/"+p.Name, p.Shape, o.m[i]), shared("adamw.v/"+p.Name, p.Shape, o.v[i]))
	}
	return list
}

// SetSteps tells how many steps the loaded moments have seen.
func (o *AdamW) SetSteps(n int) { o.steps = n }

// shared wraps memory that something else owns.
func shared(name string, shape []int, data []float32) *autograd.Param {
	return &autograd.Param{Tensor: *tensor.From(data, shape...), Name: name, Frozen: true}
}

// GradNorm returns the Euclidean norm of all gradients together.
func GradNorm(params []*autograd.Param) float64 {
	sum := 0.0
	for _, p := range params {
		if !p.Frozen {
			sum += vec.SumSquares(p.Grad)
		}
	}
	return math.Sqrt(sum)
}

// Clip scales all gradients so that their norm is at most limit.
func Clip(params []*autograd.Param, norm, limit float64) {
	if !(norm > limit) {
		return
	}
	s := float32(limit / norm)
	for _, p := range params {
		vec.Scale(p.Grad, p.Grad, s)
	}
}

// ZeroGrad sets all gradients to 0.
func ZeroGrad(params []*autograd.Param) {
	for _, p := range params {
		clear(p.Grad)
	}
}
