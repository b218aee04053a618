package train

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/checkpoint"
)

// A position is where a run stands apart from its tensors; random numbers are
// counter-based, so the step stands for their state and for the data's place.
type position struct {
	Step    int                `json:"step"`    // done
	Seconds float64            `json:"seconds"` // trained so far
	History int64              `json:"history"` // bytes of history.jsonl that belong to it
	Window  window             `json:"window"`
	Metrics map[string]float64 `json:"metrics,omitempty"` // of the last evaluation
	// Unfinished says that the evaluation due after Step was interrupted.
	Unfinished bool `json:"unfinished,omitempty"`
}

// window is the mean of the loss over the steps since the last line of the
// history.
type window struct {
	Loss   float64 `json:"loss"` // summed
	Norm   float64 `json:"norm"` // summed
	Tokens int     `json:"tokens"`
	Steps  int     `json:"steps"`
}

func (w *window) add(p Progress) {
	w.Loss += p.Loss
	w.Norm += p.GradNorm
	w.Tokens += p.Tokens
	w.Steps++
}

func (r *run) store() checkpoint.Store {
	return checkpoint.Store{Dir: filepath.Join(r.dir, "checkpoints")}
}

// state lists everything that a checkpoint holds.
func (r *run) state() []*autograd.Param {
	list := append(append([]*autograd.Param{}, r.params...), r.opt.State()...)
	if r.ema != nil {
		list = append(list, r.ema.State()...)
	}
	return list
}

// save writes a checkpoint when one is due.
func (r *run) save(_ context.Context, done int) error {
	if !due(done, r.c.CheckpointEvery) && done != r.schedule.Steps {
		return nil
	}
	return r.saveNow(done, false)
}

func (r *run) saveNow(done int, unfinished bool) error {
	size, err := r.log.flush()
	if err != nil {
		return err
	}
	text, err := json.Marshal(position{Step: done, Seconds: r.seconds(), History: size, Window: r.window, Metrics: r.metrics, Unfinished: unfinished})
	if err != nil {
		return err
	}
	return r.store().Save(done, r.state(), map[string]string{"position": string(text)})
}

// load goes back to the newest checkpoint that is whole; without any, to the
// beginning.
func (r *run) load() (at position, err error) {
	metadata, refused, err := r.store().Load(r.state())
	for _, e := range refused {
		r.note("not used: " + e.Error())
	}
	if err != nil {
		if len(refused) > 0 {
			return at, err
		}
		r.note("no checkpoint yet: starting at step 0")
		return at, nil
	}
	if err := json.Unmarshal([]byte(metadata["position"]), &at); err != nil {
		return at, fmt.Errorf("%s: position of the checkpoint: %w", r.store().Dir, err)
	}
	r.opt.SetSteps(at.Step)
	r.before, r.window, r.metrics = at.Seconds, at.Window, at.Metrics
	return at, nil
}

func (r *run) note(text string) {
	if r.o.Note != nil {
		r.o.Note(text)
	}
}
