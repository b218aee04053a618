package layer

import (
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/tensor"
)

// TestPredict: a sequence gives the same alone and beside another, and weights that are
// taken are those that compute.
func TestPredict(t *testing.T) {
	c := Config{Width: 12, MaxLength: 20, Mixer: mixer.Default()}
	k, err := New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.From(numtest.Normal(1, 2*17*12), 2, 17, 12)
	both, err := k.Predict(map[string]*tensor.Tensor{"input": x})
	if err != nil {
		t.Fatal(err)
	}
	alone, err := k.Predict(map[string]*tensor.Tensor{"input": tensor.From(x.Row(1), 1, 17, 12)})
	if err != nil {
		t.Fatal(err)
	}
	numtest.BitEqual(t, "the second sequence", both.Row(1), alone.Data)
	other, err := New(c, 2)
	if err == nil {
		err = other.Take(k.Params())
	}
	if err != nil {
		t.Fatal(err)
	}
	again, err := other.Predict(map[string]*tensor.Tensor{"input": x})
	if err != nil {
		t.Fatal(err)
	}
	numtest.BitEqual(t, "weights taken", again.Data, both.Data)
}

// TestRefused: inputs of another form, and lengths beyond the kernels'.
func TestRefused(t *testing.T) {
	k, err := New(Config{Width: 12, MaxLength: 20, Mixer: mixer.Default()}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for says, in := range map[string]map[string]*tensor.Tensor{
		"want a tensor input [n, L, 12]": {"input": tensor.New(2, 17, 11)},
		"want a tensor input":            {"words": tensor.New(2, 17)},
		"at most 20 rows":                {"input": tensor.New(1, 21, 12)},
	} {
		if _, err := k.Predict(in); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	if err := k.Prepare(t.Context(), nil); err == nil {
		t.Error("a layer alone was prepared for training")
	}
}
