package language_test

import (
	"math"
	"reflect"
	"testing"

	"github.com/orchid-seq/orchid/task/language"
	"github.com/orchid-seq/orchid/tensor"
)

func TestWords(t *testing.T) {
	x := tensor.New(2, 3)
	copy(x.Data, []float32{0, 1, 2, 9, 4, 5})
	rows, err := language.Words(map[string]*tensor.Tensor{"words": x}, 10)
	if want := [][]int{{0, 1, 2}, {9, 4, 5}}; err != nil || !reflect.DeepEqual(rows, want) {
		t.Errorf("%v, %v", rows, err)
	}
	for _, v := range []float32{-1, 10, float32(math.NaN()), 1e30} {
		x.Data[4] = v
		if _, err := language.Words(map[string]*tensor.Tensor{"words": x}, 10); err == nil {
			t.Errorf("%v is taken for a word", v)
		}
	}
	for _, in := range []map[string]*tensor.Tensor{{}, {"words": tensor.New(3)}} {
		if _, err := language.Words(in, 10); err == nil {
			t.Errorf("%v is taken for words", in)
		}
	}
}
