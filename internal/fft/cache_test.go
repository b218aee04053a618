package fft

import (
	"sync"
	"testing"
)

// TestCacheIsBounded asks for many lengths from several goroutines.
func TestCacheIsBounded(t *testing.T) {
	c := planCache{limit: 64 << 10}
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 300 {
				n := 2 + (i*(g+1))%97
				if p := c.get(planKey{Kind(i % 3), n}); p.kind != Kind(i%3) || p.n != n {
					t.Errorf("asked for %v of %d, got %v of %d", Kind(i%3), n, p.kind, p.n)
				}
			}
		})
	}
	all.Wait()
	sum := 0
	c.plans.Range(func(key, e any) bool {
		p := e.(*cached).plan
		if key != (planKey{p.kind, p.n}) {
			t.Errorf("%v holds %v of %d", key, p.kind, p.n)
		}
		sum += p.bytes()
		return true
	})
	if sum != c.bytes || sum > c.limit || sum < c.limit/2 {
		t.Errorf("%d bytes kept, %d counted, limit %d", sum, c.bytes, c.limit)
	}
}

// TestCacheKeepsWhatIsUsed: a plan in use outlives those that are not.
func TestCacheKeepsWhatIsUsed(t *testing.T) {
	c := planCache{limit: 48 << 10}
	key := planKey{DFT, 50}
	p := c.get(key)
	for n := 51; n < 150; n++ {
		c.get(planKey{DCT2, n})
		if c.get(key) != p {
			t.Fatalf("built again after length %d", n)
		}
	}
	// A plan above the limit is kept until the next one comes.
	large := planKey{DFT, 1 << 14}
	if q := c.get(large); c.get(large) != q || q.bytes() < c.limit {
		t.Errorf("a large plan of %d bytes was not kept", q.bytes())
	}
	if c.get(key); c.bytes > c.limit {
		t.Errorf("%d bytes kept, limit %d", c.bytes, c.limit)
	}
}
