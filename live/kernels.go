package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/internal/plot"
	"github.com/orchid-seq/orchid/report"
)

// To look at kernels means to build a model and to run one sequence through its
// first layer. So that no training feels it, models are looked at one after the
// other, only while a page shows them, when there are new weights, at most so much
// of the time, and not at all where they are large.
const (
	kernelShare  = 50              // of the time: one part in so many
	kernelEvery  = 5 * time.Second // at least
	kernelMostMB = 256             // of the file of weights
)

// kernels keeps what was seen of each run.
type kernels struct {
	busy sync.Mutex // held while a model is looked at
	next time.Time  // when the next look may begin

	mu   sync.Mutex
	seen map[string]*sight // by the folder of the run
}

// A sight is the kernels of a run as it was.
type sight struct {
	file    string
	time    time.Time // when the file was written
	Figures []plot.Figure
	Text    string // where they are from, or why there are none
}

// of returns what was last seen of a run, nil for nothing yet.
func (k *kernels) of(dir string) *sight {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.seen[dir]
}

func (k *kernels) keep(dir string, s *sight) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.seen == nil {
		k.seen = map[string]*sight{}
	}
	k.seen[dir] = s
}

// look looks at a run where there is something new and it is time to.
func (k *kernels) look(ctx context.Context, dir string) {
	if !k.busy.TryLock() {
		return
	}
	defer k.busy.Unlock()
	start := time.Now()
	if start.Before(k.next) {
		return
	}
	file, err := experiment.Newest(dir)
	if err != nil || file == "" {
		return
	}
	info, err := os.Stat(file)
	if err != nil {
		return
	}
	if old := k.of(dir); old != nil && old.file == file && old.time.Equal(info.ModTime()) {
		return
	}
	s := &sight{file: file, time: info.ModTime()}
	if mb := info.Size() >> 20; mb > kernelMostMB {
		s.Text = fmt.Sprintf("%s has %s MB: too large to look into beside a training. Once the run has finished, orchid report %s --html FILE draws its kernels.", file, numeral.Thousands(int(mb)), dir)
	} else if s.Figures, s.Text, err = draw(ctx, dir, file); err != nil {
		s.Text = fmt.Sprintf("No kernels: %v.", err)
	}
	if ctx.Err() != nil {
		return // the page has gone
	}
	k.keep(dir, s)
	k.next = time.Now().Add(max(kernelEvery, kernelShare*time.Since(start)))
}

// draw draws the kernels of a run with the weights of a file.
func draw(ctx context.Context, dir, file string) (figures []plot.Figure, text string, err error) {
	if _, err := os.Stat(filepath.Join(dir, experiment.SelfTestFile)); err != nil {
		return nil, "", errors.New("the run began with an older version, which wrote no inputs to look at before its end")
	}
	e, err := experiment.ReadConfig(dir)
	if err != nil {
		return nil, "", err
	}
	t, err := e.Peek(ctx, file)
	if err != nil {
		return nil, "", err
	}
	if c, ok := t.(io.Closer); ok {
		defer func() { err = errors.Join(err, c.Close()) }()
	}
	k, err := report.KernelsOf(&report.Run{Dir: dir, Experiment: e}, t)
	if err != nil {
		return nil, "", err
	}
	return k.Figures, fmt.Sprintf("Of %s, %s, for the first sequence of its self-test, %s.", dir, weights(file), numeral.Plural(k.Length, "row")), nil
}

// weights says which a file holds.
func weights(file string) string {
	name := strings.TrimSuffix(filepath.Base(file), ".safetensors")
	if step, ok := strings.CutPrefix(name, "step-"); ok {
		if step = strings.TrimLeft(step, "0"); step == "" {
			step = "0"
		}
		return "as it was after step " + step
	}
	return "as it is now that it has finished"
}
