package fft

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// cacheBytes bounds the tables that plans keep between calls: half a dozen
// lengths of half a million rows, or thousands of short ones.
const cacheBytes = 64 << 20

var plans = planCache{limit: cacheBytes}

// A planCache keeps the plans used last. Looking one up takes no lock, for
// every tile of every transform does it. A plan that leaves stays valid for
// those who hold it.
type planCache struct {
	limit int          // bytes
	plans sync.Map     // planKey -> *cached
	built atomic.Int64 // how many plans so far: the clock of cached.used
	mu    sync.Mutex   // held for changes
	bytes int
}

type cached struct {
	plan *Plan
	used atomic.Int64
}

// get returns the plan for key, from the cache or new.
func (c *planCache) get(key planKey) *Plan {
	found, ok := c.plans.Load(key)
	if !ok {
		return c.add(key, newPlan(key.kind, key.n))
	}
	e := found.(*cached)
	if now := c.built.Load(); e.used.Load() != now { // no writing while nothing is built
		e.used.Store(now)
	}
	return e.plan
}

// add keeps p unless another goroutine was faster, and returns what is kept.
func (c *planCache) add(key planKey, p *Plan) *Plan {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := &cached{plan: p}
	e.used.Store(c.built.Add(1))
	if kept, ok := c.plans.LoadOrStore(key, e); ok {
		return kept.(*cached).plan
	}
	if c.bytes += p.bytes(); c.bytes > c.limit {
		c.evict()
	}
	return p
}

// evict removes plans, those used longest ago first, until a quarter of the
// limit is free, so that it happens rarely; the newest stays, however large.
func (c *planCache) evict() {
	var list []*cached
	c.plans.Range(func(_, e any) bool {
		list = append(list, e.(*cached))
		return true
	})
	slices.SortFunc(list, func(a, b *cached) int { return cmp.Compare(a.used.Load(), b.used.Load()) })
	for _, e := range list[:len(list)-1] {
		if c.bytes <= c.limit/4*3 {
			return
		}
		c.plans.Delete(planKey{e.plan.kind, e.plan.n})
		c.bytes -= e.plan.bytes()
	}
}

// bytes returns the size of the tables, with some for what holds them.
func (p *Plan) bytes() int { return 512 + 4*len(p.quarter) + p.fourier.bytes() }

func (t *transform) bytes() int {
	n := 0
	for _, p := range t.passes {
		n += 4 * (len(p.twiddles) + len(p.roots))
	}
	if t.split != nil {
		n += 2 * (t.split.first.bytes() + t.split.second.bytes()) // turned, too
	}
	if t.chirp != nil {
		n += 4*(len(t.chirp.factors)+len(t.chirp.spectrum)) + t.chirp.conv.bytes()
	}
	return n
}
