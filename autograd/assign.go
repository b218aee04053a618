package autograd

import (
	"errors"
	"fmt"
	"slices"

	"github.com/orchid-seq/orchid/tensor"
)

// mostFaults is how many wrong names Assign spells out: the weights of another
// model have hundreds.
const mostFaults = 8

// Assign copies tensors into the parameters of the same names. It is strict:
// names that are missing, unexpected or of another shape are reported, the
// first eight of them together, and then nothing is copied.
func Assign(params []*Param, tensors map[string]*tensor.Tensor) error {
	var faults []error
	known := map[string]bool{}
	for _, p := range params {
		known[p.Name] = true
		switch v, ok := tensors[p.Name]; {
		case !ok:
			faults = append(faults, fmt.Errorf("missing tensor %s %v", p.Name, p.Shape))
		case !slices.Equal(v.Shape, p.Shape):
			faults = append(faults, fmt.Errorf("tensor %s has shape %v, the model wants %v", p.Name, v.Shape, p.Shape))
		}
	}
	var extra []string
	for name := range tensors {
		if !known[name] {
			extra = append(extra, name)
		}
	}
	slices.Sort(extra)
	for _, name := range extra {
		faults = append(faults, fmt.Errorf("unexpected tensor %s %v", name, tensors[name].Shape))
	}
	if n := len(faults) - mostFaults; n > 0 {
		faults = append(faults[:mostFaults], fmt.Errorf("and %d more", n))
	}
	if len(faults) > 0 {
		return errors.Join(faults...)
	}
	for _, p := range params {
		copy(p.Data, tensors[p.Name].Data)
	}
	return nil
}
