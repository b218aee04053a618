package optim

import (
	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/vec"
)

// EMA keeps an exponential moving average of the weights.
type EMA struct {
	Decay  float64
	params []*autograd.Param
	mean   [][]float32
}

// NewEMA starts an average at the present weights.
func NewEMA(params []*autograd.Param, decay float64) *EMA {
	e := &EMA{Decay: decay}
	for _, p := range params {
		if !p.Frozen {
			e.params = append(e.params, p)
			e.mean = append(e.mean, append([]float32(nil), p.Data...))
		}
	}
	return e
}

// Update moves the average towards the weights of step (counted from 1). Early
// on it forgets faster, so that the first values do not linger:
// decay = min(Decay, (1+step)/(10+step)).
func (e *EMA) Update(step int) {
	d := float32(min(e.Decay, float64(1+step)/float64(10+step)))
	for i, p := range e.params {
		vec.Scale(e.mean[i], e.mean[i], d)
		vec.Axpy(e.mean[i], 1-d, p.Data)
	}
}

// Swap exchanges the weights and their average. Calling it again undoes it.
func (e *EMA) Swap() {
	for i, p := range e.params {
		for j, v := range p.Data {
			p.Data[j], e.mean[i][j] = e.mean[i][j], v
		}
	}
}

// Averaged begins the names of the averages in a checkpoint.
const Averaged = "ema/"

// State lists the averages as AdamW.State does the moments.
func (e *EMA) State() (list []*autograd.Param) {
	for i, p := range e.params {
		list = append(list, shared(Averaged+p.Name, p.Shape, e.mean[i]))
	}
	return list
}
