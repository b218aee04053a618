package task

import (
	"fmt"
	"math"
)

// A Confusion counts how often each class was taken for each: the confusion
// matrix. Its metrics are NaN if there is no prediction at all or one was no
// class, so that a model that has gone to NaN never shows a number that looks
// good. It is not safe for concurrent use.
type Confusion struct {
	classes int
	count   []float64 // [label, predicted]
	n       float64
	invalid float64
}

// Confused is a task that knows what its last evaluation took each class for;
// nil before the first one and where no example has one class.
type Confused interface {
	Classes() []string
	Confusion() *Confusion
}

// NewConfusion returns an empty matrix. It panics unless classes >= 1.
func NewConfusion(classes int) *Confusion {
	if classes < 1 {
		panic(fmt.Sprintf("task: NewConfusion of %d classes", classes))
	}
	return &Confusion{classes: classes, count: make([]float64, classes*classes)}
}

// Add counts a prediction; -1 says that there is none (see Class). It panics
// if the label, or a prediction other than -1, is no class.
func (c *Confusion) Add(predicted, label int) {
	if predicted < -1 || predicted >= c.classes || label < 0 || label >= c.classes {
		panic(fmt.Sprintf("task: predicted %d, label %d of %d classes", predicted, label, c.classes))
	}
	if predicted < 0 {
		c.invalid++
		return
	}
	c.n++
	c.count[label*c.classes+predicted]++
}

// Count returns how often label was taken for predicted.
func (c *Confusion) Count(label, predicted int) int {
	return int(c.count[label*c.classes+predicted])
}

// Counts returns all counts: a row is a label, a column what it was taken for.
func (c *Confusion) Counts() [][]int {
	rows := make([][]int, c.classes)
	for i := range rows {
		for j := range c.classes {
			rows[i] = append(rows[i], c.Count(i, j))
		}
	}
	return rows
}

// known returns x, or NaN if the counts say nothing.
func (c *Confusion) known(x float64) float64 {
	if c.n == 0 || c.invalid > 0 {
		return math.NaN()
	}
	return x
}

// sums returns how often class k was right, predicted, and the label.
func (c *Confusion) sums(k int) (right, predicted, label float64) {
	for i := range c.classes {
		predicted += c.count[i*c.classes+k]
		label += c.count[k*c.classes+i]
	}
	return c.count[k*c.classes+k], predicted, label
}

// Accuracy returns right / n.
func (c *Confusion) Accuracy() float64 {
	var right float64
	for k := range c.classes {
		right += c.count[k*c.classes+k]
	}
	return c.known(right / c.n)
}

// F1 returns 2 right / (predicted + labels) of one class, the harmonic mean of
// its precision and recall; 0 where the class is neither label nor prediction.
// For two classes, F1(1) is the F1 of GLUE.
func (c *Confusion) F1(class int) float64 {
	return c.known(f1(c.sums(class)))
}

// MacroF1 returns the mean of F1 over the classes that are a label or a
// prediction at least once, as scikit-learn takes it.
func (c *Confusion) MacroF1() float64 {
	var sum, n float64
	for k := range c.classes {
		right, predicted, label := c.sums(k)
		if predicted+label > 0 {
			sum += f1(right, predicted, label)
			n++
		}
	}
	return c.known(sum / n)
}

// Matthews returns the correlation of predictions p and labels t as
// indicators of the classes k, in counts
//
//	(n right - sum p[k] t[k]) / sqrt((n² - sum p[k]²) (n² - sum t[k]²))
//
// It is 0 where all predictions, or all labels, are the same class.
func (c *Confusion) Matthews() float64 {
	var right, pt, pp, tt float64
	for k := range c.classes {
		r, p, t := c.sums(k)
		right += r
		pt += p * t
		pp += p * p
		tt += t * t
	}
	n := c.n
	if n*n == pp || n*n == tt {
		return c.known(0)
	}
	return c.known((n*right - pt) / math.Sqrt((n*n-pp)*(n*n-tt)))
}

// f1 returns 2 right / (predicted + labels), 0 for none.
func f1(right, predicted, label float64) float64 {
	if predicted+label == 0 {
		return 0
	}
	return 2 * right / (predicted + label)
}
