package train

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"time"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/checkpoint"
	"github.com/orchid-seq/orchid/optim"
)

// A Task is a model with its data, as the loop sees it. What a step computes
// must be a function of the task's seed and the step alone.
type Task interface {
	Params() []*autograd.Param
	// Loss records the mean loss of batch number n (from 0) on the tape and
	// says how many sequences and tokens it holds.
	Loss(t *autograd.Tape, n int) (loss *autograd.Node, sequences, tokens int)
	// Evaluate returns the metrics of a split and calls report on its way.
	Evaluate(ctx context.Context, split string, report func(done, total int)) (map[string]float64, error)
	// Splits names the splits that Evaluate knows.
	Splits() []string
	// StepsPerEpoch returns how many batches hold the training set once; 0 if
	// there is none.
	StepsPerEpoch() int
	// Fingerprint identifies the training data: a run resumes only on the same.
	Fingerprint() string
}

// Progress is what an observer learns after every step.
type Progress struct {
	Step, Steps       int // done, in all
	Loss              float64
	Rate              float64 // learning rate of the main group
	GradNorm          float64 // before clipping
	Sequences, Tokens int     // of this step
	Seconds           float64 // of training so far, evaluations included
}

// An Observer is told what happens; every field may be nil.
type Observer struct {
	// Begin is called before the first step of this process, once the checkpoint to go
	// on from has been found to fit; an error ends the run.
	Begin      func() error
	Step       func(p Progress)
	Evaluating func(done, total int)
	Evaluated  func(step int, split string, metrics map[string]float64)
	// Note carries a sentence that a person should see.
	Note func(text string)
}

// Result is the outcome of a finished run.
type Result struct {
	Steps      int
	Seconds    float64
	Metrics    map[string]float64 // of the last evaluation
	Parameters int
}

// ErrInterrupted says that a run was stopped by its context and saved.
var ErrInterrupted = errors.New("interrupted")

// A run is the state of one training run.
type run struct {
	c        Config
	task     Task
	dir      string
	o        Observer
	tape     autograd.Tape
	params   []*autograd.Param
	opt      *optim.AdamW
	ema      *optim.EMA // nil for none
	schedule optim.Schedule
	started  time.Time
	before   float64            // seconds trained before this process
	last     Progress           // of the last step
	total    totals             // since the beginning
	window   window             // since the last line of the history
	metrics  map[string]float64 // of the last evaluation
	layers   map[string]float64 // norms of the gradients, of the last step that the history has
	log      *history

	buffers []*autograd.Param // parameters that are not trained
	kept    [][]float32       // their values before the step in work
}

// Run trains a task in folder dir, which the caller has locked (Lock). With
// resume it goes on from the newest checkpoint that is whole, with the same
// bits as if it had never stopped. When ctx ends, the step in work is finished
// and saved, and the error is ErrInterrupted. Data that cannot be read are a
// *autograd.InputError, with the steps before saved. A value that is not finite
// stops the run with an error that names step, layer and op.
func Run(ctx context.Context, c Config, task Task, dir string, resume bool, o Observer) (Result, error) {
	if err := c.Check(task); err != nil {
		return Result{}, err
	}
	r, at, err := newRun(c, task, dir, resume, o)
	if err != nil {
		return Result{}, err
	}
	defer r.log.close()
	if o.Begin != nil {
		if err := o.Begin(); err != nil {
			return Result{}, err
		}
	}
	if at.Unfinished {
		if err := r.after(ctx, at.Step, r.evaluate, r.save); err != nil {
			return Result{}, err
		}
	}
	for step := at.Step; step < r.schedule.Steps; step++ {
		if ctx.Err() != nil {
			return Result{}, r.interrupt(step, false)
		}
		if err := r.step(step); err != nil {
			return Result{}, r.unreadable(step, false, err)
		}
		if err := r.after(ctx, step+1, r.logStep, r.evaluate, r.save); err != nil {
			return Result{}, err
		}
	}
	return r.finish()
}

// after runs the hooks that follow step number done, counted from 1.
func (r *run) after(ctx context.Context, done int, hooks ...func(ctx context.Context, done int) error) error {
	for _, hook := range hooks {
		if err := hook(ctx, done); errors.Is(err, context.Canceled) {
			return r.interrupt(done, true)
		} else if err != nil {
			return r.unreadable(done, true, err)
		}
	}
	return nil
}

func newRun(c Config, task Task, dir string, resume bool, o Observer) (*run, position, error) {
	var at position
	steps, err := c.StepsOf(task.StepsPerEpoch())
	if err != nil {
		return nil, at, err
	}
	r := &run{
		c: c, task: task, dir: dir, o: o, params: task.Params(), started: time.Now(),
		schedule: optim.Schedule{Steps: steps, Warmup: int(c.Warmup * float64(steps)), Decay: c.Schedule, Final: c.FinalLR},
	}
	for _, p := range r.params {
		if p.Frozen {
			r.buffers, r.kept = append(r.buffers, p), append(r.kept, make([]float32, len(p.Data)))
		}
	}
	r.opt = optim.NewAdamW(r.params, c.settings(), c.Beta1, c.Beta2, c.Eps)
	if c.EMA > 0 {
		r.ema = optim.NewEMA(r.params, c.EMA)
	}
	r.tape.Training, r.tape.Seed = true, c.Seed
	if resume {
		if at, err = r.load(); err != nil {
			return nil, at, err
		}
	}
	r.log, err = openHistory(dir, at, resume, r.note)
	return r, at, err
}

// step does one step of the optimizer, counted from 0.
func (r *run) step(step int) error {
	r.keepBuffers()
	optim.ZeroGrad(r.params)
	p := Progress{Step: step + 1, Steps: r.schedule.Steps}
	for micro := range r.c.Accumulate {
		loss, sequences, tokens, err := r.gradients(step*r.c.Accumulate+micro, false)
		if err != nil {
			r.restoreBuffers()
			return err
		}
		p.Loss += loss / float64(r.c.Accumulate)
		p.Sequences += sequences
		p.Tokens += tokens
	}
	p.GradNorm = optim.GradNorm(r.params)
	if math.IsNaN(p.Loss+p.GradNorm) || math.IsInf(p.Loss+p.GradNorm, 0) {
		return r.explain(step)
	}
	if r.logs(step + 1) {
		r.layers = layerNorms(r.params)
	}
	if r.c.Clip > 0 {
		optim.Clip(r.params, p.GradNorm, r.c.Clip)
	}
	factor := r.schedule.At(step)
	r.opt.Step(factor)
	if r.ema != nil {
		r.ema.Update(step + 1)
	}
	p.Rate, p.Seconds = factor*r.c.LR, r.seconds()
	r.last = p
	r.window.add(p)
	r.total.add(p)
	if r.o.Step != nil {
		r.o.Step(p)
	}
	return nil
}

// gradients adds the gradients of batch n to the parameters.
func (r *run) gradients(n int, check bool) (loss float64, sequences, tokens int, err error) {
	t := &r.tape
	t.Reset()
	t.Check, t.Step = check, n
	err = autograd.Catch(func() {
		var node *autograd.Node
		node, sequences, tokens = r.task.Loss(t, n)
		loss = float64(node.Data[0])
		t.Backward(node, nil, 1/float32(r.c.Accumulate))
	})
	return loss, sequences, tokens, err
}

// keepBuffers copies the parameters that are not trained, which a step may
// change (running statistics), so that it can run again.
func (r *run) keepBuffers() {
	for i, b := range r.buffers {
		copy(r.kept[i], b.Data)
	}
}

// restoreBuffers undoes what a step that has come to nothing did to them.
func (r *run) restoreBuffers() {
	for i, b := range r.buffers {
		copy(b.Data, r.kept[i])
	}
}

// explain runs a step again with every op checked, saves weights and batch,
// and says where the first value that is not finite arose.
func (r *run) explain(step int) error {
	r.restoreBuffers()
	optim.ZeroGrad(r.params)
	cause := errors.New("the norm of the gradients overflows")
	batch := step * r.c.Accumulate
	for i := range r.c.Accumulate {
		batch = step*r.c.Accumulate + i
		if _, _, _, err := r.gradients(batch, true); err != nil {
			cause = err
			break
		}
	}
	return r.notFinite(step+1, fmt.Errorf("batch %d: %w", batch, cause))
}

// notFinite saves what a run had when it met a value that is not finite.
func (r *run) notFinite(step int, cause error) error {
	path := filepath.Join(r.dir, fmt.Sprintf("not-finite-step-%09d.safetensors", step))
	saved := append(append([]*autograd.Param{}, r.params...), r.leaves()...)
	if err := checkpoint.Save(path, saved, map[string]string{"step": fmt.Sprint(step), "cause": cause.Error()}); err != nil {
		return fmt.Errorf("step %d, %w; and the batch could not be saved: %w", step, cause, err)
	}
	return fmt.Errorf("step %d, %w; weights and batch are in %s; a lower lr or a smaller clip often helps", step, cause, path)
}

// leaves lists the batch on the tape, its constants and the indices and labels
// of its ops, as parameters to save.
func (r *run) leaves() (list []*autograd.Param) {
	for i, n := range r.tape.Nodes() {
		if ids := n.Indices(); ids != nil {
			p := autograd.NewParam(fmt.Sprintf("batch/%d.%s.indices", i, n.Op), len(ids))
			for j, id := range ids {
				p.Data[j] = float32(id) // exact up to 2^24, more than any vocabulary
			}
			list = append(list, p)
		}
		if len(n.In) == 0 && n.Op != "param" && n.Data != nil {
			p := autograd.NewParam(fmt.Sprintf("batch/%d.%s", i, n.Op), n.Shape...)
			copy(p.Data, n.Data)
			list = append(list, p)
		}
	}
	return list
}

func (r *run) seconds() float64 { return r.before + time.Since(r.started).Seconds() }

// interrupt saves a run that was told to stop after so many steps, perhaps
// within the evaluation that follows them.
func (r *run) interrupt(done int, unfinished bool) error {
	if err := r.saveNow(done, unfinished); err != nil {
		return err
	}
	return fmt.Errorf("%w after step %d of %d", ErrInterrupted, done, r.schedule.Steps)
}

// unreadable saves a run that ends because data cannot be read, as interrupt does:
// it can go on once they can. Other errors it only passes on.
func (r *run) unreadable(done int, unfinished bool, cause error) error {
	if input := (*autograd.InputError)(nil); !errors.As(cause, &input) {
		return cause
	}
	if err := r.saveNow(done, unfinished); err != nil {
		return fmt.Errorf("%v; and the steps before could not be saved: %w", cause, err)
	}
	return fmt.Errorf("%w; saved after step %d of %d", cause, done, r.schedule.Steps)
}

// due says whether something with a period is due after so many steps.
func due(done, every int) bool { return every > 0 && done%every == 0 }

func (r *run) evaluate(ctx context.Context, done int) error {
	if !due(done, r.c.EvalEvery) && done != r.schedule.Steps {
		return nil
	}
	if r.ema != nil {
		r.ema.Swap()
		defer r.ema.Swap()
	}
	report := r.o.Evaluating
	if report == nil {
		report = func(int, int) {}
	}
	m, err := r.task.Evaluate(ctx, r.c.EvalSplit, report)
	if err != nil {
		return err
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if math.IsNaN(m[k]) || math.IsInf(m[k], 0) {
			r.tape.Reset()
			return r.notFinite(done, fmt.Errorf("evaluation of %s: %s is %v", r.c.EvalSplit, k, m[k]))
		}
	}
	r.metrics = m
	if r.o.Evaluated != nil {
		r.o.Evaluated(done, r.c.EvalSplit, m)
	}
	return r.log.evaluation(evaluationLine{done, r.c.EvalSplit, m, r.total, r.seconds()})
}

// finish writes the model that the run was for.
func (r *run) finish() (Result, error) {
	if r.ema != nil {
		r.ema.Swap()
	}
	result := Result{Steps: r.schedule.Steps, Seconds: r.seconds(), Metrics: r.metrics, Parameters: autograd.Count(r.params)}
	return result, nil
}
