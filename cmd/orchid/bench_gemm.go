package main

import (
	"context"
	"fmt"

	"github.com/orchid-seq/orchid/internal/gemm"
	"github.com/orchid-seq/orchid/internal/par"
)

type gemmBench struct {
	BenchFlags
	Shapes string `help:"Layers MxKxN: M rows of K channels in, N out." default:"1024x1024x1024,8192x256x768,131072x64x64"`
}

// Help shows an example below the flags.
func (gemmBench) Help() string {
	return `A layer MxKxN has three products: y = x W' forward, x [M, K] and W [N, K];
dx = dy W and dW = dy' x backward. GB/s are of reading both factors and writing
the product once.

Example:
  orchid bench gemm --shapes 8192x256x768 --threads 2`
}

// gemmRow is one measured product on one number of threads.
type gemmRow struct {
	Peer       string  `json:"peer"`
	Product    string  `json:"product"`
	Shape      []int   `json:"shape"` // of the layer
	Threads    int     `json:"threads"`
	PeakGFLOPS float64 `json:"peak_gflops"` // of a core
	MS         float64 `json:"ms"`
	GFLOPS     float64 `json:"gflops"`
	Share      float64 `json:"share"` // of the peak of the cores used
}

// Run measures.
func (c gemmBench) Run(ctx context.Context) error {
	shapes, err := sizes("shapes", "MxKxN", c.Shapes)
	if err != nil {
		return err
	}
	for _, s := range shapes {
		for i := range s {
			if most := 1 << 31; s[i]*s[(i+1)%3] > most {
				return usageError{fmt.Errorf("--shapes: %s has a matrix of more than 2^31 elements", joined(s))}
			}
		}
	}
	threads := []int{1}
	if n := par.Threads(); n > 1 {
		threads = append(threads, n)
	}
	defer par.SetThreads(par.Threads())
	var p peak
	table := columns{-17, -9, 9, 9, 7, 8, 9, 9, 7, 8}
	if !c.JSON {
		on, head := "1 thread", []string{"M x K x N", "product", "1: ms", "GFLOP/s", "share", "GB/s"}
		if len(threads) > 1 {
			on = fmt.Sprintf("1 and %d threads", threads[1])
			head = append(head, fmt.Sprintf("%d: ms", threads[1]), "GFLOP/s", "share", "speed-up")
		}
		fmt.Fprintf(stdout, "%s; ms, the smallest of %d; %s\n", on, c.Repeat, p.about())
		if err := table.line(head...); err != nil {
			return err
		}
	}
	for _, s := range shapes {
		for _, l := range layerProducts(s) {
			rows := make([]gemmRow, len(threads))
			for i, n := range threads {
				if rows[i], err = c.measure(ctx, l, s, n, &p); err != nil {
					return err
				}
				if c.JSON {
					if err := printJSON(rows[i]); err != nil {
						return err
					}
				}
			}
			if c.JSON {
				continue
			}
			one := rows[0]
			cells := []string{joined(s), l.name, figure(one.MS), figure(one.GFLOPS), percent(one.Share), figure(4 * l.elements() / one.MS / 1e6)}
			if len(rows) > 1 {
				all := rows[1]
				cells = append(cells, figure(all.MS), figure(all.GFLOPS), percent(all.Share), fmt.Sprintf("%.2fx", one.MS/all.MS))
			}
			if err := table.line(cells...); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c gemmBench) measure(ctx context.Context, l layerProduct, shape []int, threads int, p *peak) (gemmRow, error) {
	par.SetThreads(threads)
	p.look()
	best, err := c.smallest(ctx, func() { gemm.Mul(l.c, l.a, l.b, gemm.Epilogue{}) })
	row := gemmRow{Peer: "orchid " + version(), Product: l.name, Shape: shape, Threads: threads, PeakGFLOPS: p.look(), MS: best}
	if err == nil {
		row.GFLOPS = product(float64(l.a.Rows), float64(l.a.Cols), float64(l.b.Cols)) / best / 1e6
		row.Share = row.GFLOPS / (row.PeakGFLOPS * float64(threads))
	}
	return row, err
}

// A layerProduct is one of the products c = a b of a linear layer.
type layerProduct struct {
	name    string
	c, a, b gemm.Matrix
}

// layerProducts returns those of a layer of M rows, K channels in and N out.
func layerProducts(s []int) []layerProduct {
	M, K, N := s[0], s[1], s[2]
	x, w := dense("x", M, K), dense("w", N, K)
	y, dx, dw := dense("dy", M, N), dense("dx", M, K), dense("dw", N, K)
	return []layerProduct{
		{"y = x W'", dense("y", M, N), x, w.T()},
		{"dx = dy W", dx, y, w},
		{"dW = dy'x", dw, y.T(), x},
	}
}

func dense(name string, rows, cols int) gemm.Matrix {
	return gemm.Of(normal(name, rows*cols), rows, cols, cols)
}

// elements counts those that are read and written.
func (l layerProduct) elements() float64 {
	return float64(l.a.Rows*l.a.Cols + l.b.Rows*l.b.Cols + l.c.Rows*l.c.Cols)
}
