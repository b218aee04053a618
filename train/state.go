package train

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/checkpoint"
	"github.com/orchid-seq/orchid/internal/cpu"
)

// A position is where a run stands apart from its tensors; random numbers are
// counter-based, so the step stands for their state and for the data's place.
type position struct {
	Step    int                `json:"step"`    // done
	Total   totals             `json:"total"`   // trained on
	Seconds float64            `json:"seconds"` // trained so far
	History int64              `json:"history"` // bytes of history.jsonl that belong to it
	Window  window             `json:"window"`
	Metrics map[string]float64 `json:"metrics,omitempty"` // of the last evaluation
	// Unfinished says that the evaluation due after Step was interrupted.
	Unfinished bool `json:"unfinished,omitempty"`

	// What must be the same when the run goes on.
	Config string `json:"config"` // the settings
	Data   string `json:"data"`   // the task's fingerprint
	// Kernels is the level; on another one the run goes on, with other bits.
	Kernels string `json:"kernels"`
}

// Begun says whether a run's folder holds a checkpoint to go on from.
func Begun(dir string) bool {
	files, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "step-*.safetensors"))
	return len(files) > 0
}

// totals counts what a run has seen.
type totals struct {
	Sequences int `json:"sequences"`
	Tokens    int `json:"tokens"`
}

func (t *totals) add(p Progress) {
	t.Sequences += p.Sequences
	t.Tokens += p.Tokens
}

// window is the mean of the loss over the steps since the last line of the
// history.
type window struct {
	Loss  float64 `json:"loss"` // summed
	Norm  float64 `json:"norm"` // summed
	Steps int     `json:"steps"`
}

func (w *window) add(p Progress) {
	w.Loss += p.Loss
	w.Norm += p.GradNorm
	w.Steps++
}

// Checkpoints returns the store of a run's folder.
func Checkpoints(dir string) checkpoint.Store {
	return checkpoint.Store{Dir: filepath.Join(dir, "checkpoints")}
}

func (r *run) store() checkpoint.Store { return Checkpoints(r.dir) }

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
	text, err := json.Marshal(position{
		Step: done, Total: r.total, Seconds: r.seconds(), History: size, Window: r.window, Metrics: r.metrics, Unfinished: unfinished,
		Config: fmt.Sprintf("%+v", r.c), Data: r.task.Fingerprint(), Kernels: cpu.Best().String(),
	})
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
	if now := fmt.Sprintf("%+v", r.c); now != at.Config {
		return at, fmt.Errorf("%s: the run had other settings of training than its folder says now: it had %s", r.dir, at.Config)
	}
	if now := r.task.Fingerprint(); now != at.Data {
		return at, fmt.Errorf("%s: %s", r.dir, other(now, at.Data))
	}
	if now := cpu.Best().String(); now != at.Kernels {
		r.note(fmt.Sprintf("the run began with %s kernels and goes on with %s: its numbers will differ in the last digits", at.Kernels, now))
	}
	r.opt.SetSteps(at.Step)
	r.before, r.total, r.window, r.metrics = at.Seconds, at.Total, at.Window, at.Metrics
	return at, nil
}

func (r *run) note(text string) {
	if r.o.Note != nil {
		r.o.Note(text)
	}
}

// other says in which of its lines, "name: value", a task's fingerprint is not
// that of the checkpoint.
func other(now, then string) string {
	values := map[string]string{}
	for line := range strings.Lines(then) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		values[name] = value
	}
	var names []string
	for line := range strings.Lines(now) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && values[name] != value {
			names = append(names, name)
		}
	}
	what := "training data or settings of the task"
	if len(names) > 0 {
		what = strings.Join(names, ", ")
	}
	return what + ": not what the run began with; give it what it had, or train into another folder"
}
