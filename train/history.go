package train

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/orchid-seq/orchid/train/tensorboard"
)

// history writes what happened to history.jsonl and to TensorBoard events.
type history struct {
	file   *os.File
	size   int64
	events *tensorboard.Writer
}

// openHistory opens the files of a run; what was written after the checkpoint
// at position at is cut off, since it will happen again.
func openHistory(dir string, at position, resume bool, note func(string)) (*history, error) {
	path := filepath.Join(dir, "history.jsonl")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	size := at.History
	info, err := f.Stat()
	if err == nil && info.Size() < size {
		// A history is not state: a run goes on without the lines it lost.
		note(fmt.Sprintf("%s has lost lines: %d bytes, %d when the checkpoint was made", path, info.Size(), size))
		size = info.Size()
	}
	if err == nil {
		err = f.Truncate(size)
	}
	if err == nil {
		_, err = f.Seek(size, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	events, err := tensorboard.Create(filepath.Join(dir, "events"))
	if err != nil {
		f.Close()
		return nil, err
	}
	if resume {
		events.Restart(int64(at.Step + 1))
	}
	return &history{f, size, events}, nil
}

// line appends one JSON object.
func (h *history) line(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	n, err := h.file.Write(append(b, '\n'))
	h.size += int64(n)
	return err
}

// flush makes what was written last and returns the size of history.jsonl.
func (h *history) flush() (int64, error) {
	if err := h.events.Flush(); err != nil {
		return 0, err
	}
	return h.size, h.file.Sync()
}

func (h *history) close() error {
	if err := h.events.Close(); err != nil {
		h.file.Close()
		return err
	}
	return h.file.Close()
}

// trainingLine is a line about training: means since the line before.
type trainingLine struct {
	Step     int     `json:"step"`
	Loss     float64 `json:"loss"`
	LR       float64 `json:"lr"`
	GradNorm float64 `json:"grad_norm"`
	totals           // since the beginning
	Seconds  float64 `json:"seconds"`
	// Waiting is how long this process has waited for data, 0 left out.
	Waiting float64 `json:"waiting_seconds,omitempty"`

	Steps    int                `json:"steps"`               // of the whole run
	Layers   map[string]float64 `json:"grad_norms"`          // of this step, by layer, before clipping
	MemoryMB int                `json:"memory_mb,omitempty"` // of this process, 0 left out
}

// evaluationLine is a line about an evaluation.
type evaluationLine struct {
	Step    int                `json:"step"`
	Split   string             `json:"split"`
	Metrics map[string]float64 `json:"metrics"`
	totals                     // trained on before
	Seconds float64            `json:"seconds"`
}

// logs says whether a line is due after so many steps.
func (r *run) logs(done int) bool { return due(done, r.c.LogEvery) || done == r.schedule.Steps }

// logStep writes a line when one is due.
func (r *run) logStep(_ context.Context, done int) error {
	if !r.logs(done) {
		return nil
	}
	n := float64(r.window.Steps)
	l := trainingLine{
		Step: done, Loss: r.window.Loss / n, LR: r.last.Rate, GradNorm: r.window.Norm / n, totals: r.total, Seconds: r.last.Seconds,
		Steps: r.schedule.Steps, Layers: r.layers, MemoryMB: residentMB(),
	}
	if w, ok := r.task.(interface{ Waited() time.Duration }); ok {
		l.Waiting = w.Waited().Seconds()
	}
	r.window = window{}
	return r.log.training(l)
}

func (h *history) training(l trainingLine) error {
	for _, s := range []struct {
		tag   string
		value float64
	}{{"train/loss", l.Loss}, {"train/lr", l.LR}, {"train/grad_norm", l.GradNorm}} {
		h.events.Scalar(s.tag, int64(l.Step), s.value)
	}
	return h.line(l)
}

func (h *history) evaluation(l evaluationLine) error {
	for _, k := range slices.Sorted(maps.Keys(l.Metrics)) {
		h.events.Scalar(l.Split+"/"+k, int64(l.Step), l.Metrics[k])
	}
	return h.line(l)
}
