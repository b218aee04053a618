package train

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/task/recall"
)

// small returns a run of a few seconds with everything switched on that a
// checkpoint must hold: dropout, accumulation, averaged weights, a fixed set.
func small(t *testing.T) (Config, *recall.Task) {
	c := Default()
	c.Steps, c.Accumulate, c.EMA, c.LR = 24, 2, 0.9, 2e-3
	c.EvalEvery, c.CheckpointEvery, c.LogEvery = 8, 5, 3
	rc := recall.Default()
	rc.Vocabulary, rc.Length, rc.Batch, rc.Examples, rc.Tests = 8, 12, 4, 50, 20
	rc.Model.Width, rc.Model.Depth, rc.Model.Dropout, rc.Model.DropPath = 16, 2, 0.1, 0.1
	rc.Model.Mixer.Filter.Width = 8
	k, err := recall.New(rc, c.Seed)
	if err != nil {
		t.Fatal(err)
	}
	return c, k
}

// outcome is what two equal runs must share.
type outcome struct {
	params  []*autograd.Param
	history string // without times
}

func result(t *testing.T, dir string, k *recall.Task) outcome {
	return outcome{k.Params(), numtest.JSONLines(t, filepath.Join(dir, "history.jsonl"), "seconds", "memory_mb")}
}

func (o outcome) equal(t *testing.T, want outcome) {
	t.Helper()
	for i, p := range want.params {
		numtest.BitEqual(t, p.Name, o.params[i].Data, p.Data)
	}
	if o.history != want.history {
		t.Errorf("histories differ:\n%s\nwant:\n%s", o.history, want.history)
	}
}

func unbroken(t *testing.T) outcome {
	c, k := small(t)
	dir := t.TempDir()
	if _, err := Run(context.Background(), c, k, dir, false, Observer{}); err != nil {
		t.Fatal(err)
	}
	return result(t, dir, k)
}

// TestResume interrupts a run after chosen steps, and within an evaluation,
// and resumes it on other thread counts: no bit may differ.
func TestResume(t *testing.T) {
	want := unbroken(t)
	dir := t.TempDir()
	stops := []int{3, 5, 11, 16, 20}
	for i, threads := range []int{1, 2, 4, 1, 2, 4} {
		func() {
			defer par.SetThreads(par.SetThreads(threads))
			c, k := small(t)
			ctx, cancel := context.WithCancel(context.Background())
			o := Observer{Step: func(p Progress) {
				if i < len(stops) && p.Step == stops[i] {
					cancel()
				}
			}}
			_, err := Run(ctx, c, k, dir, i > 0, o)
			if i < len(stops) {
				if !errors.Is(err, ErrInterrupted) {
					t.Fatalf("stop at step %d: %v", stops[i], err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			result(t, dir, k).equal(t, want)
		}()
	}
}

// TestCrash throws away what came after a checkpoint, as a crash does, and
// tears the newest checkpoint as well.
func TestCrash(t *testing.T) {
	want := unbroken(t)
	dir := t.TempDir()
	c, k := small(t)
	crash := errors.New("crash")
	func() {
		defer func() {
			if e := recover(); e != crash {
				t.Fatal(e)
			}
		}()
		_, err := Run(context.Background(), c, k, dir, false, Observer{Step: func(p Progress) {
			if p.Step == 18 {
				panic(crash)
			}
		}})
		t.Fatal(err)
	}()
	newest := filepath.Join(dir, "checkpoints", "step-000000015.safetensors")
	info, err := os.Stat(newest)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(newest, info.Size()/2); err != nil {
		t.Fatal(err)
	}
	var notes []string
	c, k = small(t)
	if _, err := Run(context.Background(), c, k, dir, true, Observer{Note: func(s string) { notes = append(notes, s) }}); err != nil {
		t.Fatal(err)
	}
	if len(notes) != 1 || !strings.Contains(notes[0], newest) {
		t.Errorf("notes %q do not name %s", notes, newest)
	}
	result(t, dir, k).equal(t, want)
}

// unreadable is a task whose data cannot be read at one batch, or at one
// evaluation. It counts its batches in a parameter that is not trained.
type unreadable struct {
	*recall.Task
	batch, evaluation int
	count             *autograd.Param
}

var errUnreadable = &autograd.InputError{Err: errors.New("a.jpg: unexpected EOF")}

func (u *unreadable) Params() []*autograd.Param { return append(u.Task.Params(), u.count) }

func (u *unreadable) Loss(t *autograd.Tape, n int) (*autograd.Node, int, int) {
	u.count.Data[0]++
	if n == u.batch {
		panic(errUnreadable)
	}
	return u.Task.Loss(t, n)
}

func (u *unreadable) Evaluate(ctx context.Context, split string, report func(done, total int)) (map[string]float64, error) {
	if u.evaluation--; u.evaluation == 0 {
		return nil, errUnreadable
	}
	return u.Task.Evaluate(ctx, split, report)
}

// TestUnreadableData: a run that met data that cannot be read is saved where it was,
// within the gradients of a step or an evaluation, and goes on with the same bits.
func TestUnreadableData(t *testing.T) {
	want := unbroken(t)
	dir := t.TempDir()
	for i, end := range []struct {
		batch, evaluation int
		says              string
	}{{15, 0, "saved after step 7 of 24"}, {-1, 1, "saved after step 8 of 24"}, {36, 0, "saved after step 18 of 24"}, {-1, 0, ""}} {
		c, k := small(t)
		count := autograd.NewParam("count", 1)
		count.Frozen = true
		_, err := Run(context.Background(), c, &unreadable{k, end.batch, end.evaluation, count}, dir, i > 0, Observer{})
		switch {
		case end.says == "" && err != nil:
			t.Fatal(err)
		case end.says == "":
			result(t, dir, k).equal(t, want)
			if count.Data[0] != 48 {
				t.Errorf("%v batches, want 2 a step", count.Data[0])
			}
		case err == nil || !errors.Is(err, errUnreadable) || !strings.Contains(err.Error(), "a.jpg: unexpected EOF; "+end.says):
			t.Fatalf("%v", err)
		}
	}
}

// poisoned is a task whose weights turn infinite at one step.
type poisoned struct {
	*recall.Task
	at int
}

func (p poisoned) Loss(t *autograd.Tape, n int) (*autograd.Node, int, int) {
	if n == p.at {
		for _, w := range p.Params() {
			if w.Name == "blocks.1.mixer.in_linear.bias" {
				w.Data[3] = float32(math.Inf(1))
			}
		}
	}
	return p.Task.Loss(t, n)
}

func TestNotFinite(t *testing.T) {
	c, k := small(t)
	c.Accumulate = 1
	dir := t.TempDir()
	_, err := Run(context.Background(), c, poisoned{k, 6}, dir, false, Observer{})
	for _, part := range []string{"step 7", "batch 6", "blocks.1.mixer", "op linear", "not-finite-step-000000007.safetensors"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v does not say %q", err, part)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "not-finite-step-000000007.safetensors")); err != nil {
		t.Error(err)
	}
}

func TestValidate(t *testing.T) {
	c := Default()
	c.LR, c.Clip, c.Schedule, c.Warmup = 0, -1, "step", 1
	err := c.Validate()
	for _, part := range []string{"lr=0", "clip=-1", "schedule=step", "warmup=1"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v does not say %q", err, part)
		}
	}
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
}

func TestEpochsNeedATrainingSet(t *testing.T) {
	c := Default()
	c.Epochs = 2
	if _, err := c.StepsOf(0); err == nil {
		t.Error("epochs of a task without a training set were accepted")
	}
	if n, err := c.StepsOf(50); err != nil || n != 100 {
		t.Errorf("%d steps, %v", n, err)
	}
}
