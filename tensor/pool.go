package tensor

import (
	"math/bits"
	"sync"
)

// A Pool hands out float32 buffers and takes them back, so that a steady
// training step allocates nothing. Sizes are rounded up to an eighth of a
// power of two, which wastes at most an eighth and lets lengths that vary
// share buffers. It is safe for concurrent use.
type Pool struct {
	mu    sync.Mutex
	free  map[int][][]float32
	inUse int // floats handed out and not yet returned
	peak  int
}

// class rounds n up to the sizes that the pool keeps.
func class(n int) int {
	if n <= 64 {
		return 64
	}
	step := 1 << (bits.Len(uint(n-1)) - 4)
	return (n + step - 1) / step * step
}

// Get returns n floats with any content.
func (p *Pool) Get(n int) []float32 {
	c := class(n)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inUse += c
	p.peak = max(p.peak, p.inUse)
	if list := p.free[c]; len(list) > 0 {
		b := list[len(list)-1]
		p.free[c] = list[:len(list)-1]
		return b[:n]
	}
	return make([]float32, c)[:n]
}

// Zeros returns n floats set to 0.
func (p *Pool) Zeros(n int) []float32 {
	b := p.Get(n)
	clear(b)
	return b
}

// Put takes back a buffer that Get or Zeros returned. The caller must not use
// it again.
func (p *Pool) Put(b []float32) {
	if b == nil {
		return
	}
	c := cap(b)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free == nil {
		p.free = map[int][][]float32{}
	}
	p.inUse -= c
	p.free[c] = append(p.free[c], b[:c])
}

// PeakBytes returns the largest number of bytes that were handed out at once.
func (p *Pool) PeakBytes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return 4 * p.peak
}
