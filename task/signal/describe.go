package signal

import (
	"fmt"
	"slices"
	"strings"
)

// Describe implements task.Task: of each part the lengths and the classes with
// their shares.
func (k *Task) Describe() string {
	if k.parts == nil {
		return k.source.Describe()
	}
	head := fmt.Sprintf("%s; %d classes, %d channels, %d samples a row, normalize=%s", k.source.Describe(), len(k.c.Classes), k.c.Channels, k.c.Signal.Stride, k.c.Normalize)
	lines := []string{head}
	for _, split := range k.Splits() {
		if s := k.parts.Sets[split]; s != nil && s.Len() > 0 {
			lines = append(lines, fmt.Sprintf("%s: %s", split, describe(s, k.c.Classes)))
		}
	}
	return strings.Join(lines, "\n")
}

// describe says what a set holds.
func describe(s Set, classes []string) string {
	lengths, count := make([]int, s.Len()), make([]int, len(classes))
	total := 0
	for i := range lengths {
		lengths[i] = s.Rows(i)
		total += lengths[i]
		count[s.Label(i)]++
	}
	slices.Sort(lengths)
	text := fmt.Sprintf("%d sequences, %d samples; length %d to %d, half of them at most %d", len(lengths), total, lengths[0], lengths[len(lengths)-1], lengths[len(lengths)/2])
	const most = 12
	separator := "; "
	for i, name := range classes {
		if i == most {
			return text + fmt.Sprintf(", and %d classes more", len(classes)-most)
		}
		text += fmt.Sprintf("%s%s %.1f %%", separator, name, 100*float64(count[i])/float64(s.Len()))
		separator = ", "
	}
	return text
}
