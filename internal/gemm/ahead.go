package gemm

// An ahead is memory that will be read soon. Micro-kernels fetch it into the
// cache, 64 bytes a term, while they compute: a product with few columns has
// little to compute for each float it reads and would wait for memory first
// and compute then.
type ahead struct{ now, then []float32 }

// take returns where a micro-kernel of k terms starts to fetch: at idle, which
// it reads anyway, if all has been.
func (f *ahead) take(k int, idle []float32) *float32 {
	if len(f.now) == 0 {
		f.now, f.then = f.then, nil
	}
	if len(f.now) == 0 {
		return &idle[0]
	}
	start := &f.now[0]
	f.now = f.now[min(16*k, len(f.now)):]
	return start
}

// nextBlock returns what the K block at k0 of a rectangle will pack, as far as
// it lies in one piece.
func (p *product) nextBlock(i0, j0, k0, rows, cols int) (next ahead) {
	k := min(p.kernel.kc, p.a.Cols-k0)
	if k > 0 && p.a.Trans && 2*rows > p.a.Stride {
		next.now = p.a.from(i0, k0)[:(k-1)*p.a.Stride+rows]
	}
	if k > 0 && p.packed == nil && !p.b.Trans && 2*cols > p.b.Stride {
		next.then = p.b.from(k0, j0)[:(k-1)*p.b.Stride+cols]
	}
	return next
}
