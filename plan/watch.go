package plan

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A Watch says how long something takes, and how long it would on a machine that does
// nothing else. Make one by NewWatch.
type Watch struct {
	begin     time.Time
	run, wait float64 // of all threads, as it began
}

// NewWatch begins now.
func NewWatch() Watch {
	run, wait := threads()
	return Watch{time.Now(), run, wait}
}

// Wall returns the time since the watch was made.
func (w Watch) Wall() time.Duration { return time.Since(w.begin) }

// Alone returns that time without the share in which threads that could run waited for
// a core that others had; all of it where the system does not tell.
func (w Watch) Alone() time.Duration {
	run, wait := threads()
	run, wait = run-w.run, max(0, wait-w.wait)
	if run <= 0 {
		return w.Wall()
	}
	return time.Duration(float64(w.Wall()) * run / (run + wait))
}

// slowest is how many times as long a plan may take on a busy machine, on which it looks
// as closely as on a quiet one.
const slowest = 4

// spent is what counts against a budget.
func (w Watch) spent() time.Duration { return max(w.Wall()/slowest, w.Alone()) }

// threads returns how long the threads of this process have run, and waited for a core,
// in nanoseconds: what Linux counts, 0 elsewhere.
func threads() (run, wait float64) {
	files, _ := filepath.Glob("/proc/self/task/*/schedstat")
	for _, file := range files {
		var r, w float64
		text, _ := os.ReadFile(file) // a thread may have ended
		if _, err := fmt.Sscan(string(text), &r, &w); err == nil {
			run, wait = run+r, wait+w
		}
	}
	return run, wait
}
