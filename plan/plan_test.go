package plan

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/task"
)

// subject builds a task from settings, prepared if it makes its own data.
func subject(t *testing.T, name string, settings ...string) Subject {
	t.Helper()
	e, err := experiment.Resolve(name, func(e *experiment.Experiment) error { return e.Override(settings) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Assume(e); err != nil {
		t.Fatal(err)
	}
	k, err := e.Build(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return Subject{Experiment: e, Task: k, Prepared: name == "recall"}
}

// small are settings of a model that takes milliseconds.
var small = []string{"width=16", "filter-width=8", "depth=2"}

// long leaves a test out of short runs, which the race detector makes: it takes memory
// and time of its own, and these tests look at those of this process.
func long(t *testing.T) {
	if testing.Short() {
		t.Skip("looks at memory and time of this process")
	}
}

// TestActivations holds what a quarter of a batch tells of memory to what real steps
// hold, within the 15 % that docs/plan.md promises.
func TestActivations(t *testing.T) {
	long(t)
	defer par.SetThreads(par.SetThreads(1)) // each thread has scratch of its own
	for name, settings := range map[string][]string{
		"orchid":    {"batch=16", "length=256"},
		"few":       {"batch=2", "length=1024"},
		"odd":       {"batch=11", "length=330", "transform=dft"},
		"hyena":     {"batch=16", "length=256", "mixer=hyena"},
		"attention": {"batch=16", "length=256", "mixer=attention", "heads=2"},
		"recompute": {"batch=16", "length=256", "recompute=true", "depth=3"},
	} {
		s := subject(t, "recall", append([]string{"width=32", "filter-width=16"}, settings...)...)
		p, err := s.prober()
		if err != nil {
			t.Fatal(err)
		}
		p.training = true
		all := s.batches(p.task, 1)[0]
		c, err := p.around([][]int{p.byLength().apply(all, 4)}, 0)
		if err != nil {
			t.Fatal(err)
		}
		tape := autograd.Tape{Training: true, Seed: 1}
		for n := range 2 {
			tape.Reset()
			loss, _, _ := s.Task.Loss(&tape, n)
			tape.Backward(loss, nil, 1)
		}
		got, want := c.bytes(all).whole, float64(tape.HeldBytes())
		t.Logf("%s: %.2f MB told, %.2f held", name, got/(1<<20), want/(1<<20))
		if !(math.Abs(got/want-1) <= 0.15) {
			t.Errorf("%s: %.0f bytes told, a step holds %.0f", name, got, want)
		}
	}
}

// TestTrain fills in every figure, and leaves weights, buffers and gradients as they
// were.
func TestTrain(t *testing.T) {
	long(t)
	s := subject(t, "recall", append(slices.Clone(small), "batch=4", "length=32", "steps=30", "eval-every=20", "accumulate=2", "ema=0.9", "conditioner-norm=batch", "tests=10")...)
	var before [][]float32
	for _, p := range s.Task.Params() {
		before = append(before, slices.Clone(p.Data))
	}
	got, err := s.Train(0)
	if err != nil {
		t.Fatal(err)
	}
	if got.Steps != 30 || got.Evaluations != 2 || got.Sequences != 8 || got.Tokens != 8*34 || got.Longest != 34 {
		t.Errorf("got %+v", got)
	}
	if !(got.StepSeconds > 0 && got.EvalSeconds > 0 && got.Seconds() > 30*got.StepSeconds && got.Share > 0 && got.Share <= 1) {
		t.Errorf("times %v", got)
	}
	if trained, stored := s.Parameters(); got.Memory.Weights != 8*int64(trained+stored) || got.Memory.Optimizer != 12*int64(trained)+4*int64(stored) {
		t.Errorf("%d trained, %d stored: %+v", trained, stored, got.Memory)
	}
	if m := got.Memory; !(m.Program > 0 && m.Activations > 0 && m.Evaluation > 0 && m.Run() >= m.Step() && got.After(1).Run() <= m.Run()) {
		t.Errorf("memory %+v", m)
	}
	for i, p := range s.Task.Params() {
		numtest.BitEqual(t, p.Name, p.Data, before[i])
		if slices.ContainsFunc(p.Grad, func(g float32) bool { return g != 0 }) {
			t.Errorf("%s: a gradient was left", p.Name)
		}
	}
}

// TestRefuse lets a training pass that fits, and says of others both numbers and what to
// change; the batch that it names fits.
func TestRefuse(t *testing.T) {
	long(t)
	s := subject(t, "recall", append(slices.Clone(small), "batch=64", "length=256")...)
	if err := s.Refuse(1 << 40); err != nil {
		t.Error(err)
	}
	plan, err := s.Train(0)
	if err != nil {
		t.Fatal(err)
	}
	limit := plan.Memory.Run() - plan.Memory.Activations/3
	var large *TooLargeError
	if err := plan.Check(s.Experiment, limit); !errors.As(err, &large) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{MB(plan.Memory.Run()), MB(limit), "64 sequences", "batch=", "recompute=true", "sequences of "} {
		if !strings.Contains(large.Error(), want) {
			t.Errorf("%q lacks %q", large, want)
		}
	}
	if n := plan.LargestBatch(limit); n < 8 || n >= 64 {
		t.Errorf("batch=%d at most", n)
	}
	if n := plan.LargestBatch(plan.Memory.Run()); n < 63 || n > 64 {
		t.Errorf("the memory that a batch of 64 needs is enough for %d", n)
	}
	if n := plan.LargestLength(plan.Memory.Run()); n < 250 || n > 258 {
		t.Errorf("the memory that 258 words need is enough for %d", n)
	}
	if err := s.Refuse(1 << 20); !errors.As(err, &large) {
		t.Errorf("a training fits into 1 MB: %v", err)
	}
	if err := Buildable(s.Experiment, 1<<10); !errors.As(err, &large) || !strings.Contains(err.Error(), "width") {
		t.Errorf("a model fits into 1 KB: %v", err)
	}
	if err := s.RefuseForward(100, 1<<20); !errors.As(err, &large) || !strings.Contains(err.Error(), "100 tokens") {
		t.Errorf("a pass fits into 1 MB: %v", err)
	}
}

// TestEveryTask plans each task without its data.
func TestEveryTask(t *testing.T) {
	long(t)
	for name, settings := range map[string][]string{
		"recall": {"batch=2", "form=many", "length=64"},
		"image":  {"batch=3", "mlp-blocks=1"},
		"speech": {"batch=2", "stride=16"},
		"series": {"batch=2"},
		"mlm":    {"batch=2", "tokenizer=bytes", "length=32", "mlp-blocks=1"},
		"text":   {"batch-tokens=64", "tokenizer=bytes", "max-length=32", "mlp-blocks=1"},
		"glue":   {"batch=2", "name=sts-b", "tokenizer=bytes", "max-length=32", "mlp-blocks=1"},
	} {
		s := subject(t, name, append(slices.Clone(small), settings...)...)
		plan, err := s.Train(0)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !(plan.Memory.Activations > 0 && plan.StepSeconds > 0 && plan.LargestBatch(1<<40) > 0) {
			t.Errorf("%s: %+v", name, plan)
		}
		longest := s.Task.(task.Sized).Longest()
		if longest == 0 {
			longest = 100
		}
		list, err := s.Forward([]int{longest}, 0)
		if err != nil || len(list) != 1 || !(list[0].Bytes > 0 && list[0].Seconds > 0) {
			t.Errorf("%s: %+v %v", name, list, err)
		}
	}
}
