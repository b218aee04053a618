package autograd

import (
	"fmt"
	"math"

	"github.com/orchid-seq/orchid/internal/random"
)

// An Init says how a parameter's initial value is drawn.
type Init struct {
	Rule  Rule
	FanIn int     // of the layer, for the uniform rules
	Value float64 // of InitConstant; the deviation of InitNormal
}

// A Rule names a distribution of initial values.
type Rule int

// The rules. Linear layers follow the scheme of the host model, everything
// else keeps its own rule, as in the authors' release.
const (
	InitFixed        Rule = iota // keeps the value it was made with
	InitLinearWeight             // by the scheme
	InitLinearBias               // by the scheme
	InitUniform                  // U(-1/sqrt(FanIn), 1/sqrt(FanIn)), PyTorch's default
	InitNormal                   // N(0, Value^2)
	InitConstant                 // Value
)

// A Scheme is how a model draws its linear layers.
type Scheme string

// The schemes.
const (
	SchemeUniform   Scheme = "uniform"   // U(1/sqrt(fan-in)), weights and biases: PyTorch's default
	SchemeNormal    Scheme = "normal"    // N(0, 0.02), biases 0: BERT and GPT
	SchemeTruncated Scheme = "truncated" // N(0, 0.02) cut at two deviations, biases 0: ViT
)

// Initialize draws the value of every parameter. A value depends on the seed
// and the parameter's name alone, not on what else is in the list.
func Initialize(params []*Param, scheme Scheme, seed uint64) error {
	switch scheme {
	case SchemeUniform, SchemeNormal, SchemeTruncated:
	default:
		return fmt.Errorf("initial values %q are not one of uniform, normal, truncated", scheme)
	}
	for _, p := range params {
		p.initialize(scheme, seed)
	}
	return nil
}

func (p *Param) initialize(scheme Scheme, seed uint64) {
	s := random.New(seed, "init "+p.Name)
	draw := func(f func() float64) {
		for i := range p.Data {
			p.Data[i] = float32(f())
		}
	}
	uniform := func() float64 { return (2*s.Float64() - 1) / math.Sqrt(float64(p.Init.FanIn)) }
	switch rule := p.Init.Rule; {
	case rule == InitFixed:
	case rule == InitConstant:
		draw(func() float64 { return p.Init.Value })
	case rule == InitNormal:
		draw(func() float64 { return p.Init.Value * s.Normal() })
	case rule == InitUniform || scheme == SchemeUniform:
		draw(uniform)
	case rule == InitLinearBias:
		draw(func() float64 { return 0 })
	case scheme == SchemeNormal:
		draw(func() float64 { return 0.02 * s.Normal() })
	default:
		draw(func() float64 {
			for {
				if v := s.Normal(); math.Abs(v) <= 2 {
					return 0.02 * v
				}
			}
		})
	}
}
