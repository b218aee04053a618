package plan

import (
	"time"

	"github.com/orchid-seq/orchid/internal/par"
)

// A watch says how long something has taken, leaving out most of the time in which other
// programs had the cores: on a busy machine a plan looks as closely as on a quiet one, and
// takes a few times as long.
type watch struct {
	begin time.Time
	cpu   float64
}

// busiest is how many times as long it may take.
const busiest = 4

func newWatch() watch { return watch{time.Now(), CPUSeconds()} }

func (w watch) elapsed() time.Duration {
	wall := time.Since(w.begin)
	cpu := CPUSeconds() - w.cpu
	if cpu == 0 {
		return wall
	}
	own := time.Duration(cpu / float64(par.Threads()) * 1e9)
	return max(wall/busiest, min(wall, own))
}
