// Package tensor holds contiguous row-major float32 arrays, the offsets that
// mark sequences in a packed batch, and a pool that reuses buffers.
package tensor

import "fmt"

// A Tensor is a shape and its elements, row-major and contiguous. There are
// no strides and no views: a kernel that wants part of a tensor takes a slice
// and a leading dimension. A Tensor owns Data and is not safe for concurrent
// writes.
type Tensor struct {
	Shape []int
	Data  []float32
}

// New returns a zero tensor of the given shape. It panics on a negative size.
func New(shape ...int) *Tensor {
	return &Tensor{Shape: shape, Data: make([]float32, Size(shape))}
}

// From wraps data, which it does not copy. It panics if the shape does not
// hold exactly len(data) elements.
func From(data []float32, shape ...int) *Tensor {
	if Size(shape) != len(data) {
		panic(fmt.Sprintf("tensor: shape %v does not hold %d elements", shape, len(data)))
	}
	return &Tensor{Shape: shape, Data: data}
}

// Size returns the number of elements of a shape; the empty shape is a scalar.
func Size(shape []int) int {
	n := 1
	for _, d := range shape {
		if d < 0 {
			panic(fmt.Sprintf("tensor: negative size in shape %v", shape))
		}
		n *= d
	}
	return n
}

// Rows returns the first size of the shape, 1 for a scalar.
func (t *Tensor) Rows() int {
	if len(t.Shape) == 0 {
		return 1
	}
	return t.Shape[0]
}

// Cols returns the number of elements of a row: the product of all sizes but
// the first.
func (t *Tensor) Cols() int {
	if len(t.Shape) == 0 {
		return 1
	}
	return Size(t.Shape[1:])
}

// Row returns the elements of row i, not a copy.
func (t *Tensor) Row(i int) []float32 {
	c := t.Cols()
	return t.Data[i*c : (i+1)*c : (i+1)*c]
}
