package task

import "math"

// A Kind says what the labels of a text mean.
type Kind string

// The kinds of labels.
const (
	Single Kind = "single" // one class out of several
	Multi  Kind = "multi"  // any number of classes, none included
	Number Kind = "number" // a value
)

// An Example is a text, or a pair of texts, with what is known about it.
type Example struct {
	A, B   string    // B is empty unless the example is a pair
	Labels []float64 // Single: a class; Multi: every class that holds; Number: the value
}

// Class returns the place of the largest score, the first of equals, and -1
// if one of them is NaN or there is none.
func Class[F float32 | float64](scores []F) int {
	best := -1
	for i, v := range scores {
		if math.IsNaN(float64(v)) {
			return -1
		}
		if best < 0 || v > scores[best] {
			best = i
		}
	}
	return best
}
