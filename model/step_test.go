package model

import (
	"math"
	"runtime"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/optim"
	"github.com/orchid-seq/orchid/tensor"
)

// trained is a model with what a training step needs.
type trained struct {
	*TokenModel
	tape      autograd.Tape
	params    []*autograd.Param
	opt       *optim.AdamW
	seq       tensor.Offsets
	ids, rows []int
	labels    []int
}

func newTrained(t *testing.T, c Config, seq tensor.Offsets) *trained {
	const V = 19
	m, err := NewTokenModel(c, V, seq.MaxLen(), NoPositions, 1)
	if err != nil {
		t.Fatal(err)
	}
	r := &trained{TokenModel: m, params: m.Params(), seq: seq, ids: words(seq.Total(), V)}
	r.tape.Training, r.tape.Seed = true, 5
	r.opt = optim.NewAdamW(r.params, map[autograd.Group]optim.Setting{autograd.Main: {Rate: 1e-2, Decay: 0.1}}, 0.9, 0.98, 1e-8)
	for i := range seq.Count() {
		r.rows, r.labels = append(r.rows, seq[i+1]-1, seq[i]), append(r.labels, i, r.ids[seq[i]])
	}
	return r
}

// step returns the loss of a step of the optimizer.
func (r *trained) step() float32 {
	t := &r.tape
	t.Reset()
	t.Step++
	optim.ZeroGrad(r.params)
	loss := t.CrossEntropy(r.Forward(t, r.ids, r.seq, r.rows), r.labels, 0)
	v := loss.Data[0]
	t.Backward(loss, nil, 1)
	optim.Clip(r.params, optim.GradNorm(r.params), 1)
	r.opt.Step(1)
	return v
}

// TestSteadyStep: a training step, from zeroed gradients to the optimizer, takes
// every buffer from the tape's pool. What it does allocate is small: the closures
// of its loops, which go to other goroutines, and what describes the batch; so
// much a step and so much a sequence. Rows cost next to nothing, for loops over
// blocks of a few hundred rows hold some hundred bytes for each. The smallest
// buffer of [T, D] would be 256 bytes a row.
func TestSteadyStep(t *testing.T) {
	if testing.Short() {
		t.Skip("under the race detector, which CI runs with -short, sync.Pool loses some of what it holds")
	}
	defer par.SetThreads(par.SetThreads(1)) // with more, chance decides how much scratch is in use
	const B, L, more = 4, 66, 8
	for name, change := range mixers {
		for _, recompute := range []bool{false, true} {
			c := small(64, 2, 1, change)
			c.Dropout, c.Recompute = 0.1, recompute
			objects, short := steady(newTrained(t, c, tensor.Uniform(B, L)))
			_, long := steady(newTrained(t, c, tensor.Uniform(B, more*L)))
			t.Logf("%s, recompute=%v: %v objects, %v bytes, with %d times the rows %v bytes", name, recompute, objects, short, more, long)
			if most := 1200.0 + 600*B; objects > most {
				t.Errorf("%s, recompute=%v: %v objects, want at most %v", name, recompute, objects, most)
			}
			aRow, most := float64(long-short)/float64((more-1)*B*L), 16.0
			if aRow > most {
				t.Errorf("%s, recompute=%v: a row more takes %.1f bytes, want at most %v", name, recompute, aRow, most)
			}
		}
	}
}

// steady returns what a step allocates when others have gone before: the number
// of objects, and their bytes in the best of some steps, since the collector
// may empty what pools of the standard library hold.
func steady(r *trained) (objects float64, bytes int) {
	objects = testing.AllocsPerRun(1, func() { r.step() })
	bytes = math.MaxInt
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r.step()
		runtime.ReadMemStats(&after)
		bytes = min(bytes, int(after.TotalAlloc-before.TotalAlloc))
	}
	return objects, bytes
}
