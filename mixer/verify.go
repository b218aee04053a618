package mixer

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/safetensors"
	"github.com/orchid-seq/orchid/tensor"
)

// Tolerances of Verify, relative to the largest value of a tensor. The release
// itself, run in float32, stays below 5e-6, 7e-6 and 5e-5.
const (
	OutputTolerance = 1e-5 // output and gradient of the input
	GradTolerance   = 1e-4 // gradients of parameters
)

// Verification is the outcome of one golden file. Errors are max|a-b| / max|b|
// for each tensor: 0 where both are all zeros, infinite where only b is.
type Verification struct {
	File          string  `json:"file"`
	Pass          bool    `json:"pass"`
	OutputError   float64 `json:"output_error"`
	InputError    float64 `json:"input_grad_error"`
	GradError     float64 `json:"grad_error"` // the largest over parameters
	WorstGrad     string  `json:"worst_grad"` // the parameter that has it; empty if the file has no gradients
	Tolerance     float64 `json:"tolerance"`
	GradTolerance float64 `json:"grad_tolerance"`
}

// MarshalJSON writes as null an error that is not finite, or that of gradients
// where the file has none.
func (v Verification) MarshalJSON() ([]byte, error) {
	number := func(x float64) any {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return json.RawMessage("null")
		}
		return x
	}
	type plain Verification // has no MarshalJSON
	out := struct {
		plain
		OutputError any `json:"output_error"` // these hide those of plain
		InputError  any `json:"input_grad_error"`
		GradError   any `json:"grad_error"`
	}{plain: plain(v), OutputError: number(v.OutputError)}
	if v.WorstGrad != "" {
		out.InputError, out.GradError = number(v.InputError), number(v.GradError)
	}
	return json.Marshal(out)
}

// Verify recomputes a golden file of the authors' layer: output and every
// gradient, for the stored weights, input and cotangent. If dump is not empty,
// what was computed is written to a file of the same name in that folder, as
// output, grad/input and grad/NAME.
func Verify(path, dump string) (Verification, error) {
	v := Verification{File: path, Tolerance: OutputTolerance, GradTolerance: GradTolerance}
	f, err := safetensors.Open(path)
	if err != nil {
		return v, err
	}
	defer f.Close()
	g, err := readGolden(f)
	if err != nil {
		return v, fmt.Errorf("%s: %w", path, err)
	}
	if err := g.run(); err != nil {
		return v, fmt.Errorf("%s: %w", path, err)
	}
	if err := g.compare(f, &v); err != nil {
		return v, fmt.Errorf("%s: %w", path, err)
	}
	if dump != "" {
		err = g.dump(filepath.Join(dump, filepath.Base(path)))
	}
	return v, err
}

// CompareOutput is the Verification of an output alone, such as the self-test
// of a model folder.
func CompareOutput(file string, got, want []float32) Verification {
	v := Verification{File: file, OutputError: relativeError(got, want), Tolerance: OutputTolerance}
	v.Pass = v.OutputError <= v.Tolerance
	return v
}

// golden is a golden file with what we compute for it.
type golden struct {
	layer    *Orchid
	unused   []*autograd.Param
	training bool
	nearZero []string // gradients that are 0 but for rounding

	input, cotangent *tensor.Tensor // [B, L, D]
	output, grad     *tensor.Tensor
}

func readGolden(f *safetensors.File) (*golden, error) {
	var err error
	g := &golden{training: f.Metadata()["training"] == "true"}
	if g.layer, g.unused, err = loadRelease(f, nil); err != nil {
		return nil, err
	}
	if text := f.Metadata()["near_zero_grad"]; text != "" {
		if err := json.Unmarshal([]byte(text), &g.nearZero); err != nil {
			return nil, fmt.Errorf("metadata near_zero_grad: %w", err)
		}
	}
	if g.input, err = f.Float32("input"); err != nil {
		return nil, err
	}
	if g.cotangent, err = f.Float32("grad_output"); err != nil {
		return nil, err
	}
	if s := g.input.Shape; len(s) != 3 || s[0] < 1 || s[1] < 1 || s[2] != g.layer.D || !slices.Equal(s, g.cotangent.Shape) {
		return nil, fmt.Errorf("input %v and grad_output %v: want both [batch, length, %d]", s, g.cotangent.Shape, g.layer.D)
	}
	return g, nil
}

// run computes output and gradients; the batch is packed like any other.
func (g *golden) run() error {
	s := g.input.Shape
	g.output, g.grad = tensor.New(s...), tensor.New(s...)
	return autograd.Catch(func() {
		t := autograd.Tape{Training: g.training}
		x := t.Variable(g.input.Data, g.grad.Data, s[0]*s[1], s[2])
		y := g.layer.Forward(&t, x, tensor.Uniform(s[0], s[1]))
		copy(g.output.Data, y.Data)
		t.Backward(y, g.cotangent.Data, 1)
	})
}

// trainable lists the parameters that have a gradient in the file.
func (g *golden) trainable() (list []*autograd.Param) {
	for _, p := range append(g.layer.Params(), g.unused...) {
		if !p.Frozen {
			list = append(list, p)
		}
	}
	return list
}

func (g *golden) compare(f *safetensors.File, v *Verification) error {
	want, err := f.Float32("output")
	if err != nil {
		return err
	}
	v.OutputError = relativeError(g.output.Data, want.Data)
	if want, err = f.Float32("grad/input"); err != nil {
		return err
	}
	v.InputError = relativeError(g.grad.Data, want.Data)
	// A gradient that is 0 in exact arithmetic has no scale of its own: it is
	// held to the largest gradient of any parameter.
	largest := 0.0
	for _, p := range g.trainable() {
		largest = max(largest, maxAbs(p.Grad))
	}
	for _, p := range g.trainable() {
		if _, stored := f.Info("grad/" + p.Name); !stored && slices.Contains(g.unused, p) {
			continue
		}
		want, err := f.Float32("grad/" + p.Name)
		if err != nil {
			return err
		}
		e := relativeError(p.Grad, want.Data)
		if slices.Contains(g.nearZero, p.Name) {
			e = ratio(maxAbs(p.Grad), largest)
		}
		// A NaN is the worst, and stays.
		if v.WorstGrad == "" || !(e <= v.GradError) && !math.IsNaN(v.GradError) {
			v.GradError, v.WorstGrad = e, p.Name
		}
	}
	v.Pass = v.OutputError <= v.Tolerance && v.InputError <= v.Tolerance && v.GradError <= v.GradTolerance
	return nil
}

func (g *golden) dump(path string) error {
	tensors := []safetensors.Named{{Name: "output", Tensor: g.output}, {Name: "grad/input", Tensor: g.grad}}
	for _, p := range g.trainable() {
		tensors = append(tensors, safetensors.Named{Name: "grad/" + p.Name, Tensor: tensor.From(p.Grad, p.Shape...)})
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := safetensors.Write(file, tensors, nil); err != nil {
		file.Close()
		return fmt.Errorf("%s: %w", path, err)
	}
	return file.Close()
}

// relativeError returns max|a-b| / max|b|: 0 for equal zeros, infinite where
// only b is zero, not finite if anything is not.
func relativeError(a, b []float32) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	worst := 0.0
	for i := range a {
		worst = max(worst, math.Abs(float64(a[i])-float64(b[i]))) // NaN travels
	}
	return ratio(worst, maxAbs(b))
}

// ratio returns worst / scale, 0 if there is no error.
func ratio(worst, scale float64) float64 {
	if worst == 0 {
		return 0
	}
	return worst / scale
}

func maxAbs(x []float32) float64 {
	most := 0.0
	for _, v := range x {
		most = max(most, math.Abs(float64(v)))
	}
	return most
}
