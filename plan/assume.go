package plan

import (
	"fmt"

	"github.com/orchid-seq/orchid/experiment"
)

// assumed are what a plan takes for settings that only the data tells, by task: those of
// the data sets that people begin with.
var assumed = map[string][]struct{ key, value string }{
	"image":  {{"height", "32"}, {"picture-width", "32"}, {"channels", "3"}, {"classes", "0,1,2,3,4,5,6,7,8,9"}},
	"speech": {{"max-length", "16000"}, {"channels", "1"}, {"classes", "0,1,2,3,4,5,6,7,8,9"}},
	"series": {{"max-length", "1000"}, {"channels", "1"}, {"classes", "0,1"}},
	"text":   {{"classes", "0,1"}},
}

// Assume fills in the settings that only the data tells, for a plan without it, and
// returns those that it chose. What it sets is good for a plan alone.
func Assume(e *experiment.Experiment) (chosen []string, err error) {
	for _, a := range assumed[e.Name] {
		if v := e.Setting(a.key); v != "" && v != "0" && v != "[]" {
			continue
		}
		if err := e.Override([]string{a.key + "=" + a.value}); err != nil {
			return nil, err
		}
		chosen = append(chosen, a.key+"="+a.value)
	}
	return chosen, Nowhere(e)
}

// Nowhere gives a task that wants a folder of data one that is never opened.
func Nowhere(e *experiment.Experiment) error {
	for _, s := range e.List() {
		if s.Key == "data" && (s.String() == "" || s.String() == "[]") {
			return e.Override([]string{"data=."})
		}
	}
	return nil
}

// least is a bound from below of a model's parameters, that of its large matrices.
func least(e *experiment.Experiment) float64 {
	width, depth := float64(number(e, "width")), float64(number(e, "depth"))
	inner := float64(number(e, "inner"))
	if inner == 0 {
		inner = width * float64(number(e, "expand"))
	}
	block := 4*width*width + 2*width*inner/max(1, float64(number(e, "mlp-blocks")))
	return depth*block + float64(number(e, "vocabulary"))*width
}

// Buildable refuses settings whose parameters alone, with gradients and moments, are
// more than so many bytes, before a model is built of them: *TooLargeError.
func Buildable(e *experiment.Experiment, available int64) error {
	n := least(e)
	if need := 16 * n; need > float64(available) {
		return &TooLargeError{
			Need: int64(min(need, 1<<62)), Available: available,
			Most: fmt.Sprintf("%.3g million parameters or more", n/1e6), Change: []string{"a smaller width or depth"},
		}
	}
	return nil
}
