package tensor

import (
	"math/bits"
	"sync"
)

// A Pool hands out float32 buffers and takes them back, so that a steady
// training step allocates nothing. Sizes are rounded up to an eighth of a
// power of two, which wastes at most an eighth and lets lengths that vary
// share buffers. What it keeps for later is bounded: with what is handed out it is
// at most twice what was ever handed out at once. It is safe for
// concurrent use.
type Pool struct {
	mu    sync.Mutex
	free  map[int]*shelf // by class
	inUse int            // floats handed out and not yet returned
	kept  int            // floats on the shelves
	peak  int            // of inUse
	most  int            // of inUse and kept together
	clock int            // counts calls of Get
}

// A shelf is the free buffers of one class.
type shelf struct {
	buffers [][]float32
	used    int // the clock, when one was last wanted
}

// class rounds n up to the sizes that the pool keeps.
func class(n int) int {
	if n <= 64 {
		return 64
	}
	step := 1 << (bits.Len(uint(n-1)) - 4)
	return (n + step - 1) / step * step
}

// Rounded returns how many floats a pool takes for n.
func Rounded(n int) int { return class(n) }

// Get returns n floats with any content.
func (p *Pool) Get(n int) []float32 {
	c := class(n)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clock++
	s := p.shelf(c)
	s.used = p.clock
	p.inUse += c
	p.peak = max(p.peak, p.inUse)
	if last := len(s.buffers) - 1; last >= 0 {
		b := s.buffers[last]
		s.buffers[last] = nil
		s.buffers = s.buffers[:last]
		p.kept -= c
		return b[:n]
	}
	for p.kept > 0 && p.inUse+p.kept > 2*p.peak {
		p.drop()
	}
	p.most = max(p.most, p.inUse+p.kept)
	return make([]float32, c)[:n]
}

func (p *Pool) shelf(c int) *shelf {
	if p.free == nil {
		p.free = map[int]*shelf{}
	}
	s := p.free[c]
	if s == nil {
		s = &shelf{}
		p.free[c] = s
	}
	return s
}

// drop leaves the buffers of the class that has not been wanted for longest to
// the garbage collector.
func (p *Pool) drop() {
	class := 0
	for c, s := range p.free {
		if len(s.buffers) > 0 && (class == 0 || s.used < p.free[class].used) {
			class = c
		}
	}
	p.kept -= class * len(p.free[class].buffers)
	p.free[class].buffers = nil
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
	s := p.shelf(c)
	p.inUse -= c
	p.kept += c
	s.buffers = append(s.buffers, b[:c])
}

// PeakBytes returns the largest number of bytes that were handed out at once.
func (p *Pool) PeakBytes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return 4 * p.peak
}

// HeldBytes returns the largest number of bytes that the pool had at once, handed
// out or kept for later.
func (p *Pool) HeldBytes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return 4 * p.most
}
