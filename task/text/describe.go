package text

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/task"
)

// Describe implements task.Task: the classes with their shares, and the lengths.
func (k *Task) Describe() string {
	train := k.sets["train"]
	if train == nil {
		return k.source.Describe()
	}
	lines := []string{k.source.Describe()}
	for _, split := range k.Splits() {
		if s := k.sets[split]; s != nil {
			lines = append(lines, fmt.Sprintf("%s: %s", split, describe(s, k.source.Kind(), k.classes)))
		}
	}
	if b := k.baselines[k.Splits()[0]]; b != nil {
		line := fmt.Sprintf("score without a look at the text %.4f", b["majority"])
		if score, ok := b["bag_of_words"]; ok {
			line += fmt.Sprintf(", of a bag of words %.4f", score)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// describe says what a set holds.
func describe(s Examples, kind task.Kind, classes []string) string {
	lengths := make([]int, s.Len())
	total := 0
	for i := range lengths {
		lengths[i] = s.Length(i)
		total += lengths[i]
	}
	slices.Sort(lengths)
	text := fmt.Sprintf("%d texts, %d words; length %d to %d, half of them at most %d", len(lengths), total, lengths[0], lengths[len(lengths)-1], lengths[len(lengths)/2])
	if n := s.Cut(); n > 0 {
		text += fmt.Sprintf("; %d were cut", n)
	}
	if kind == task.Number {
		low, high := math.Inf(1), math.Inf(-1)
		for i := range s.Len() {
			v := float64(s.Labels(i)[0])
			low, high = math.Min(low, v), math.Max(high, v)
		}
		return text + fmt.Sprintf("; values %g to %g", low, high)
	}
	count := make([]int, len(classes))
	for i := range s.Len() {
		for _, class := range s.Labels(i) {
			count[int(class)]++
		}
	}
	const most = 12
	for i, name := range classes {
		sep := ", "
		if i == 0 {
			sep = "; "
		}
		if i == most {
			return text + fmt.Sprintf(", and %d classes more", len(classes)-most)
		}
		text += fmt.Sprintf("%s%s %.1f %%", sep, name, 100*float64(count[i])/float64(s.Len()))
	}
	return text
}
