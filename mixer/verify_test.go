package mixer

import (
	"encoding/json"
	"math"
	"testing"
)

func TestVerificationJSON(t *testing.T) {
	for _, c := range []struct {
		v    Verification
		want string
	}{
		{
			Verification{File: "a", Pass: true, OutputError: 0.5, InputError: 0, GradError: 0.25, WorstGrad: "w", Tolerance: 1, GradTolerance: 2},
			`{"file":"a","pass":true,"worst_grad":"w","tolerance":1,"grad_tolerance":2,"output_error":0.5,"input_grad_error":0,"grad_error":0.25}`,
		},
		{
			Verification{File: "a", OutputError: math.NaN(), InputError: math.Inf(1), GradError: math.NaN(), WorstGrad: "w", Tolerance: 1, GradTolerance: 2},
			`{"file":"a","pass":false,"worst_grad":"w","tolerance":1,"grad_tolerance":2,"output_error":null,"input_grad_error":null,"grad_error":null}`,
		},
		{CompareOutput("a", []float32{1, 2}, []float32{0, 0}), `{"file":"a","pass":false,"worst_grad":"","tolerance":0.00001,"grad_tolerance":0,"output_error":null,"input_grad_error":null,"grad_error":null}`},
		{CompareOutput("a", []float32{0, 0}, []float32{0, 0}), `{"file":"a","pass":true,"worst_grad":"","tolerance":0.00001,"grad_tolerance":0,"output_error":0,"input_grad_error":null,"grad_error":null}`},
	} {
		got, err := json.Marshal(c.v)
		if err != nil || !sameJSON(string(got), c.want) {
			t.Errorf("got %s, %v, want %s", got, err, c.want)
		}
	}
}

func sameJSON(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	s, _ := json.Marshal(x) // keys in order
	u, _ := json.Marshal(y)
	return string(s) == string(u)
}

// TestRelativeError: nothing that is not a number passes.
func TestRelativeError(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		a, b   []float32
		finite bool
	}{
		{[]float32{1, 2}, []float32{1, 4}, true},
		{[]float32{0}, []float32{0}, true},
		{[]float32{1}, []float32{0}, false},
		{[]float32{1, nan}, []float32{1, 2}, false},
		{[]float32{1, 2}, []float32{nan, 2}, false},
		{[]float32{nan, inf}, []float32{1, 2}, false},
		{[]float32{inf}, []float32{inf}, false},
		{[]float32{1}, []float32{inf}, false},
		{[]float32{1}, []float32{1, 2}, false},
	} {
		if e := relativeError(c.a, c.b); finite(e) != c.finite {
			t.Errorf("%v against %v: %v", c.a, c.b, e)
		}
	}
	if e := relativeError([]float32{1, 2}, []float32{1, 4}); e != 0.5 {
		t.Errorf("got %v, want 0.5", e)
	}
}
