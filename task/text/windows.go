package text

import (
	"fmt"

	"github.com/orchid-seq/orchid/internal/random"
)

// checkWindows refuses train-length where a text is two.
func (k *Task) checkWindows() error {
	if k.c.TrainLength > 0 && len(k.source.Columns()) > 1 {
		return fmt.Errorf("train-length=%d: a run of words would tear a pair of texts apart", k.c.TrainLength)
	}
	return nil
}

// trained is how many words training sees of a text of so many.
func (k *Task) trained(length int) int {
	if k.c.TrainLength > 0 {
		return min(length, k.c.TrainLength)
	}
	return length
}

// training returns the batch of a step: of each text a run of its words, drawn
// anew whenever the text comes, between [CLS] and [SEP]; all of them where they
// are few enough.
func (k *Task) training(train Examples, step int) batch {
	examples := k.dealer.At(step)
	if k.c.TrainLength == 0 {
		return k.batch(train, examples)
	}
	var b batch
	var words []int
	s := random.New(k.seed, "windows", step)
	for _, i := range examples {
		words, _ = train.Append(words[:0], i)
		if n := k.trained(len(words)); n < len(words) {
			at := s.IntN(len(words) - n + 1)
			copy(words[1:n-1], words[1+at:])
			words[n-1] = words[len(words)-1]
			words = words[:n]
		}
		b.Add(words, 0)
		b.labels = append(b.labels, train.Labels(i))
	}
	return b
}
