package live

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/report"
)

// A run is a folder that is looked at again and again.
type run struct {
	ID         string // names it in an address
	Dir        string
	Experiment *experiment.Experiment
	Finished   bool
	Changed    time.Time // when its history did
	tail

	config time.Time // when the settings were written
}

// idOf names a folder in addresses: the same whenever a page is opened.
func idOf(dir string) string {
	h := fnv.New32a()
	h.Write([]byte(dir))
	return fmt.Sprintf("r%08x", h.Sum32())
}

// look reads what is new. The error says that the folder is no run, or not yet.
func (r *run) look() error {
	at := func(name string) string { return filepath.Join(r.Dir, name) }
	info, err := os.Stat(at(experiment.ConfigFile))
	if err != nil {
		return err
	}
	if r.Experiment == nil || !info.ModTime().Equal(r.config) {
		e, err := experiment.ReadConfig(r.Dir)
		if err != nil {
			return err
		}
		r.Experiment, r.config = e, info.ModTime()
	}
	if err := r.read(at(experiment.HistoryFile)); err != nil {
		return err
	}
	r.Changed = r.time
	_, err = os.Stat(at(experiment.ModelFile))
	r.Finished = err == nil
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return err
}

// States of a run.
const (
	training = "training"
	finished = "finished"
	silent   = "silent"
)

// state says what a run does, as far as its folder shows. One that has written
// nothing for long may have been stopped.
func (r *run) state(now time.Time) string {
	switch {
	case r.Finished:
		return finished
	case now.Sub(r.Changed) > r.patience():
		return silent
	}
	return training
}

// patience is how long the next line of a history may take: 4 times the longest
// wait of late, 2 minutes at least, 10 before there are two lines.
func (r *run) patience() time.Duration {
	h := r.History.Training
	if len(h) < 2 {
		return 10 * time.Minute
	}
	longest := 0.0
	for i := max(1, len(h)-20); i < len(h); i++ {
		longest = max(longest, h[i].Seconds-h[i-1].Seconds)
	}
	return max(2*time.Minute, time.Duration(4*longest*float64(time.Second)))
}

// steps returns how many a run has in all, 0 where that is not known yet.
func (r *run) steps() int {
	if h := r.History.Training; len(h) > 0 && h[len(h)-1].Steps > 0 {
		return h[len(h)-1].Steps
	}
	if r.Experiment.Training.Epochs == 0 {
		return r.Experiment.Training.Steps
	}
	return 0
}

// left returns the seconds that a run will take from its last line on, at the pace
// of late; ok is false where that is not known.
func (r *run) left() (seconds float64, ok bool) {
	h, steps := r.History.Training, r.steps()
	if len(h) < 2 || steps == 0 {
		return 0, false
	}
	last := h[len(h)-1]
	first := h[max(0, len(h)-20)]
	if last.Step <= first.Step {
		return 0, false
	}
	return float64(steps-last.Step) * (last.Seconds - first.Seconds) / float64(last.Step-first.Step), true
}

// scores returns the evaluations of the split that the training reports.
func (r *run) scores() (list []report.Point) {
	for _, p := range r.History.Evaluations {
		if p.Split == r.Experiment.Training.EvalSplit {
			list = append(list, p)
		}
	}
	return list
}

// metric is the one that a run is compared by, "" before the first evaluation.
func (r *run) metric() string {
	s := r.scores()
	if len(s) == 0 {
		return ""
	}
	return report.MetricOf(s[len(s)-1].Metrics)
}
