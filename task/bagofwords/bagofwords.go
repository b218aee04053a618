// Package bagofwords is the baseline beside every score on text: a linear
// model of words and pairs of neighbouring words, fitted exactly. It knows no
// order beyond that, so a model that reads must do better.
//
// Words are the maximal runs of letters, marks and digits, lower-cased, which
// says little of scripts without spaces. A feature must occur in two examples;
// its value is (1 + ln count) (1 + ln((1 + examples) / (1 + occurrences))), in
// rows of norm 1. Features of pairs tell whether they are in the first text,
// the second or both, and beside them stands how many words both share.
package bagofwords

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/orchid-seq/orchid/task"
)

// Version counts the changes of what Fit gives, so that results can be kept.
const Version = 1

// A Model is a fitted bag of words. It is safe for concurrent use.
type Model struct {
	vocabulary *vocabulary
	link       link
	outputs    int
	binary     bool // one output for two classes
	weights    []float64
	mean, size float64 // of Number: the value is mean + size output
	c          float64
	note       string
}

// ErrTooManyClasses says that there are so many classes, for so many examples,
// that the weights would not fit into memory.
var ErrTooManyClasses = errors.New("too many classes")

const (
	// maxWeights bounds features times outputs: fitting holds some 26 vectors of so
	// many float64, 2 GB. With more than 50 classes there are fewer features.
	maxWeights = 10_000_000

	// fewFeatures are too few to be worth it.
	fewFeatures = 1000

	// maxOutputs bounds examples times outputs, of which two float64 are held.
	maxOutputs = 50_000_000
)

// strengths are the values of C, of which Fit takes the one with the smallest
// loss on every tenth example when fitted to the others.
var strengths = []float64{0.01, 0.1, 1, 10, 100, 1000}

// What is near enough to the minimum, in nats an example: for the result, and
// for the choice among values of C, whose losses differ by far more.
const (
	near     = 1e-6
	nearGrid = 1e-3
)

// Fit returns the model that minimises
//
//	C sum loss + |W|² / 2
//
// over the weights W of the features and a bias, in float64, to within 1e-6
// of the minimum an example. The loss is the cross entropy: of softmax for
// Single, of a sigmoid for two classes (as scikit-learn has it) and for each
// class of Multi; for Number it is half the square of the error in standard
// deviations. C is chosen among the powers of ten from 0.01 to 1000; below 20
// examples it is 1.
//
// Letters above 0 makes words of all runs of so many letters (k-mers), in place of
// the words of a language.
//
// With many classes there are fewer features, the most frequent; the error is
// ErrTooManyClasses where that does not help. A search for the minimum that would
// take too long is given up, the model is the best one found, and Note says so.
//
// The result has the same bits on any number of threads. The error names the
// first example (from 1) whose labels do not fit. Report may be nil; it is called
// with how far the fitting is.
func Fit(ctx context.Context, train []task.Example, classes int, kind task.Kind, letters int, report func(done, total int)) (*Model, error) {
	grid := strengths
	if len(train) < 2*fold {
		grid = []float64{1}
	}
	return fit(ctx, train, classes, kind, letters, grid, report)
}

func fit(ctx context.Context, train []task.Example, classes int, kind task.Kind, letters int, grid []float64, report func(done, total int)) (*Model, error) {
	if err := check(train, classes, kind); err != nil {
		return nil, err
	}
	m := &Model{link: softmax, outputs: classes, size: 1}
	switch {
	case kind == task.Single && classes == 2:
		m.link, m.outputs, m.binary = sigmoid, 1, true
	case kind == task.Multi:
		m.link = sigmoid
	case kind == task.Number:
		m.link, m.outputs = identity, 1
		m.standardize(train)
	}
	most := min(maxFeatures, maxWeights/m.outputs)
	if most < fewFeatures || len(train) > maxOutputs/m.outputs {
		return nil, fmt.Errorf("%w: %d for %d examples", ErrTooManyClasses, m.outputs, len(train))
	}
	v, x, err := learn(ctx, train, letters, most)
	if err != nil {
		return nil, err
	}
	m.vocabulary = v
	m.weights = make([]float64, (v.width()+1)*m.outputs)
	o := &objective{x: x, targets: m.targets(train, kind), outputs: m.outputs, link: m.link}
	o.residual, o.most = make([]float64, len(o.targets)), o.rounds()
	return m, m.search(ctx, o, grid, report)
}

// search minimises the objective with the best C of the grid. Each C starts
// from the weights of the one before; the first that is no better ends it.
func (m *Model) search(ctx context.Context, o *objective, grid []float64, report func(done, total int)) error {
	const parts = 100 // of each minimum
	part := func(i int) func(share float64) {
		return func(share float64) {
			if report != nil {
				report(parts*i+int(parts*share), parts*(len(grid)+1))
			}
		}
	}
	m.c = grid[0]
	if len(grid) > 1 {
		o.heldOut = true
		w, best := make([]float64, len(m.weights)), math.Inf(1)
		for i, c := range grid {
			o.decay = 1 / (c * o.n())
			if _, err := minimize(ctx, w, o, nearGrid, part(i)); err != nil {
				return err
			}
			loss := o.held(w)
			if !(loss < best) {
				break
			}
			best, m.c = loss, c
			copy(m.weights, w)
		}
		o.heldOut = false
	}
	o.decay = 1 / (m.c * o.n())
	above, err := minimize(ctx, m.weights, o, near, part(len(grid)))
	if above > near {
		m.note = fmt.Sprintf("the bag of words was not fitted to the end: its loss is up to %.2g above the minimum", above)
	}
	return err
}

// Note says what is not as Fit promises, "" for nothing.
func (m *Model) Note() string { return m.note }

// targets returns the targets [examples, outputs].
func (m *Model) targets(train []task.Example, kind task.Kind) []float64 {
	y := make([]float64, len(train)*m.outputs)
	for i, e := range train {
		for _, label := range e.Labels {
			switch {
			case kind == task.Number:
				y[i] = (label - m.mean) / m.size
			case m.binary:
				y[i] = label
			default:
				y[i*m.outputs+int(label)] = 1
			}
		}
	}
	return y
}

// standardize takes mean and size from the values, so that C and the exactness
// mean the same on any scale.
func (m *Model) standardize(train []task.Example) {
	n := float64(len(train))
	var squares float64
	for _, e := range train {
		m.mean += e.Labels[0] / n
	}
	for _, e := range train {
		d := e.Labels[0] - m.mean
		squares += d * d / n
	}
	if squares > 0 {
		m.size = math.Sqrt(squares)
	}
}

// Predict returns the probability of each class, for Number the value. Words
// that no training example has count for nothing, nor does a second text if
// none had one.
func (m *Model) Predict(e task.Example) []float64 {
	v := m.vocabulary
	z := make([]float64, m.outputs)
	weights, bias := m.weights[:v.width()*m.outputs], m.weights[v.width()*m.outputs:]
	copy(z, bias)
	v.row(v.numbers(e.A, false), v.numbers(e.B, false)).product(z, weights)
	m.link(z, z) // the targets only matter for the loss
	for k := range z {
		z[k] = m.mean + m.size*z[k]
	}
	if m.binary {
		return []float64{1 - z[0], z[0]}
	}
	return z
}

// Describe says in one line what was fitted.
func (m *Model) Describe() string {
	return fmt.Sprintf("bag of words: %d features, C = %g", m.vocabulary.width(), m.c)
}

// Constant returns the best prediction that does not look at the text, in the
// form of Predict: the share of each class, whose largest is the majority, or
// the mean value. Labels must be as for Fit, of which it gives the errors.
func Constant(train []task.Example, classes int, kind task.Kind) ([]float64, error) {
	if err := check(train, classes, kind); err != nil {
		return nil, err
	}
	if kind == task.Number {
		classes = 1
	}
	p := make([]float64, classes)
	for _, e := range train {
		for _, label := range e.Labels {
			if kind == task.Number {
				p[0] += label / float64(len(train))
			} else {
				p[int(label)] += 1 / float64(len(train))
			}
		}
	}
	return p, nil
}

// check returns what is wrong with the labels.
func check(train []task.Example, classes int, kind task.Kind) error {
	switch {
	case kind != task.Single && kind != task.Multi && kind != task.Number:
		return fmt.Errorf("bagofwords: labels of kind %q: want %q, %q or %q", kind, task.Single, task.Multi, task.Number)
	case len(train) == 0:
		return errors.New("bagofwords: no training examples")
	case kind != task.Number && classes < 1:
		return fmt.Errorf("bagofwords: %d classes: want at least 1", classes)
	}
	for i, e := range train {
		if kind != task.Multi && len(e.Labels) != 1 {
			return fmt.Errorf("bagofwords: example %d has %d labels, want 1", i+1, len(e.Labels))
		}
		for j, v := range e.Labels {
			if kind == task.Multi && slices.Contains(e.Labels[:j], v) {
				return fmt.Errorf("bagofwords: example %d has class %v twice", i+1, v)
			}
			if kind == task.Number && (math.IsNaN(v) || math.IsInf(v, 0)) {
				return fmt.Errorf("bagofwords: the value of example %d is %v", i+1, v)
			}
			if kind != task.Number && !(v >= 0 && v < float64(classes) && v == math.Trunc(v)) {
				return fmt.Errorf("bagofwords: example %d has label %v, want a class from 0 to %d", i+1, v, classes-1)
			}
		}
	}
	return nil
}
