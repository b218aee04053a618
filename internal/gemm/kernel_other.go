//go:build !amd64 || noasm

package gemm

func best() *kernel { return &portable }

func peak(n int) (lanes int) { return peakGeneric(n) }

func add(dst, x []float32) { addGeneric(dst, x) }
