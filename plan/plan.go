// Package plan tells what a training will need before it begins: memory, and time on
// this machine. It runs made-up batches, small ones first, for a second or two, and
// reads off how memory grows with the rows of a batch and time with the work on them.
package plan

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/task"
)

// A Subject is a training to plan: a task with its model, and its settings.
type Subject struct {
	Experiment *experiment.Experiment
	Task       task.Task // built; prepared if its data is here
	// Prepared says that the task has read its data; without, batches are as large
	// as the settings allow, and the number of steps may be unknown.
	Prepared bool
	// Served says that the model is there to be used alone: its gradients were never
	// touched and take no memory.
	Served bool
}

// A Training is what one training needs. Bytes are of resident memory.
type Training struct {
	Sequences float64 // of a step, on the mean
	Tokens    float64 // of a step, on the mean: words, samples or patches
	Longest   int     // sequence of a batch
	Share     float64 // of the largest batch that was run to tell, 1 for all of it

	Memory      Memory
	StepSeconds float64 // of a step of the optimizer, if nothing else runs
	Steps       int     // of the whole training; 0 if only the data tells
	EvalSeconds float64 // of one evaluation; 0 if only the data tells
	Evaluations int

	batches     sampled    // some of its batches
	activations bytesPlane // of a step
	largest     []int      // lengths of the largest batch
	garbage     float64    // bytes that a step leaves to the collector
}

// Seconds is the time of the whole training, evaluations included; 0 if unknown.
func (t *Training) Seconds() float64 {
	return float64(t.Steps)*t.StepSeconds + float64(t.Evaluations)*t.EvalSeconds
}

// Train predicts a training, running made-up batches for about so long. It leaves
// the weights as they are. It fails with what a model says of sizes it cannot take.
func (s Subject) Train(budget time.Duration) (*Training, error) {
	e := s.Experiment
	p, err := s.prober()
	if err != nil {
		return nil, err
	}
	defer p.keepBuffers()()
	passes := float64(max(1, e.Training.Accumulate))
	t := &Training{Steps: s.steps(), Memory: Memory{Preparation: Peak()}}
	t.batches = s.batches(p.task, t.Steps*max(1, e.Training.Accumulate))
	t.Sequences = passes * t.batches.mean(func(l []int) float64 { return float64(len(l)) })
	t.Tokens = passes * t.batches.mean(func(l []int) float64 { return float64(rows(l)) })

	p.training = true
	step, err := p.climb([][]int{t.batches.typical(p.work)}, p.byNumber(), budget/2)
	if err != nil {
		return nil, err
	}
	t.Share = step.share
	t.StepSeconds = passes*t.batches.mean(step.seconds) + optimizerSeconds(p.params)
	t.garbage = passes * t.batches.mean(step.garbage)
	eval, err := s.memory(p, t, budget/2)
	if err != nil {
		return nil, err
	}
	if s.Prepared {
		tests := sampled(p.task.EvalLengths(e.Training.EvalSplit))
		t.EvalSeconds = float64(len(tests)) * tests.mean(eval.seconds)
	}
	t.Evaluations = evaluations(t.Steps, e.Training.EvalEvery)
	return t, nil
}

// Refuse returns a *TooLargeError if a training needs more than so many bytes. Where it
// needs far less, it takes but a moment to see.
func (s Subject) Refuse(available int64) error {
	p, err := s.prober()
	if err != nil {
		return err
	}
	defer p.keepBuffers()()
	t := &Training{Steps: s.steps(), Memory: Memory{Preparation: Peak()}, garbage: math.Inf(1)}
	t.batches = s.batches(p.task, t.Steps*max(1, s.Experiment.Training.Accumulate))
	for _, budget := range []time.Duration{0, 2 * time.Second} {
		if _, err := s.memory(p, t, budget); err != nil {
			return err
		}
		if need := t.Memory.Run(); need < available/4 {
			return nil
		} else if need/4 > available {
			break
		}
	}
	return t.Check(s.Experiment, available)
}

// memory fills in the memory of a training, and returns what an evaluation took.
func (s Subject) memory(p *prober, t *Training, budget time.Duration) (eval curve, err error) {
	preparation := t.Memory.Preparation
	t.Memory = s.base()
	t.Memory.Preparation = preparation
	tests := sampled(p.task.EvalLengths(s.Experiment.Training.EvalSplit))
	t.largest = t.batches.spread()[0]
	t.Longest = longest(t.largest)
	p.training = true
	if _, t.activations, err = p.memory(t.batches, budget*2/3); err != nil {
		return eval, err
	}
	p.training = false
	eval, plane, err := p.memory(tests, budget/3)
	if err != nil {
		return eval, err
	}
	t.Memory.Activations, t.Memory.Evaluation = int64(t.activations.whole), int64(plane.whole)
	t.Memory = t.After(cmp.Or(t.Steps, math.MaxInt32))
	return eval, nil
}

// prober makes one; the error says that the task has nothing to make up.
func (s Subject) prober() (*prober, error) {
	e := s.Experiment
	sized, ok := s.Task.(task.Sized)
	if !ok {
		return nil, fmt.Errorf("the task %s cannot be planned: it makes up no batches", e.Name)
	}
	return &prober{task: sized, work: workOf(e), params: s.Task.Params(), seed: e.Training.Seed, pictures: pictures(e)}, nil
}

// After returns the memory of a training that ends after so many steps: garbage has had
// less time to gather.
func (t *Training) After(steps int) Memory {
	m := t.Memory
	m.Garbage = m.garbage(t.garbage * float64(steps))
	return m
}

// steps returns those of the training, 0 if only the data tells.
func (s Subject) steps() int {
	c := s.Experiment.Training
	if c.Epochs == 0 {
		return c.Steps
	}
	if !s.Prepared {
		return 0
	}
	n, err := c.StepsOf(s.Task.StepsPerEpoch())
	if err != nil {
		return 0 // Check has said so
	}
	return n
}

// evaluations counts those of a training: the last step has one.
func evaluations(steps, every int) int {
	switch {
	case steps == 0:
		return 0
	case every == 0:
		return 1
	}
	return (steps + every - 1) / every
}

// Parameters counts what is trained and what is stored besides.
func (s Subject) Parameters() (trained, buffers int) {
	trained = autograd.Count(s.Task.Params())
	for _, p := range s.Task.Params() {
		if p.Frozen {
			buffers += len(p.Data)
		}
	}
	return trained, buffers
}
