package gemm_test

import (
	"fmt"

	"github.com/orchid-seq/orchid/internal/gemm"
)

// A linear layer, y = x Wᵀ + bias, on two rows of three.
func ExampleMul() {
	x := gemm.Of([]float32{1, 2, 3, 4, 5, 6}, 2, 3, 3)
	w := gemm.Of([]float32{1, 0, 1, 0, 1, 0}, 2, 3, 3)
	y := gemm.Of(make([]float32, 4), 2, 2, 2)
	gemm.Mul(y, x, w.T(), gemm.Epilogue{Bias: []float32{10, 20}})
	fmt.Println(y.Data)
	// Output: [14 22 20 25]
}
